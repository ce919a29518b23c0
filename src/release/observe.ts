import type { Watch } from '../spec/types.ts';
import type { Step } from './types.ts';

/** The step that watches what the one before it has set. */
export function observe({ minMs, earlyMs, maxMs, minRequests }: Watch): Step {
  const early = earlyMs === undefined ? {} : { earlyMs };
  return { kind: 'observe', minMs, ...early, maxMs, minRequests };
}
