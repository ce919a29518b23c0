import { memory } from './memory/index.ts';
import { sqlite } from './sqlite/index.ts';

/** Every kind of store. The key is the folder's name. */
export const stores = { memory, sqlite } as const;
