import { freePort } from '../../src/system/free-port.ts';

/** Several free ports of 127.0.0.1, each another one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
