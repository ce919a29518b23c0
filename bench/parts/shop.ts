import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Folder of the example that the demo releases too. */
export const shopFolder = fileURLToPath(new URL('../../examples/shop', import.meta.url));

/** The shop's document with its router on `port`. */
export async function shopDocument(port: number): Promise<string> {
  return (await readFile(`${shopFolder}/shop.yaml`, 'utf8')).replace('127.0.0.1:8080', `127.0.0.1:${port}`);
}

export const requestsPerSecond = 100;
/** Everybody comes back every four seconds, as in the demo. */
export const users = 400;
/** Fails one request in five, see examples/shop/versions.js. */
export const faultyVersion = '1.1.0';
/** The lease in shop.yaml. */
export const leaseMs = 5_000;
