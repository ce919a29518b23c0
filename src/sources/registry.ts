import { prometheus } from './prometheus/index.ts';
import type { SourcePlugin } from './source.ts';

/** Every kind of source: the key is its name in a service document and its folder here. */
export const sources = { prometheus } as const satisfies Record<string, SourcePlugin>;
