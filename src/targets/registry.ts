import { compose } from './compose/index.ts';
import { external } from './external/index.ts';
import { kubernetes } from './kubernetes/index.ts';
import { process } from './process/index.ts';
import type { TargetPlugin } from './target.ts';

/** Every kind of target: the key is its name in a service document and its folder here. */
export const targets = { compose, external, kubernetes, process } as const satisfies Record<string, TargetPlugin>;
