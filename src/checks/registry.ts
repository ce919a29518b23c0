import { candidate } from './candidate/index.ts';
import type { CheckPlugin } from './check.ts';
import { k6 } from './k6/index.ts';
import { load } from './load/index.ts';
import { rollbackDrill } from './rollback-drill/index.ts';
import { tcp } from './tcp/index.ts';

/** Every kind of check: the key is its name in a checklist and its folder here. */
export const checks = { candidate, k6, load, 'rollback-drill': rollbackDrill, tcp } as const satisfies Record<
  string,
  CheckPlugin
>;
