import { readFileSync } from 'node:fs';

/** The version of Rampart, from its package. */
export const rampartVersion: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
