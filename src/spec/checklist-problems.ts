import type { z } from 'zod';
import type { CheckKinds } from './checklist.ts';
import type { ChecklistPhase } from './checklist-types.ts';
import { namesIn, readCondition } from './condition.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';
import { hasReference, optionalIn, referencesIn } from './parameters.ts';

type Context = z.core.$RefinementCtx<unknown>;

/**
 * What is wrong with the configuration of a check as its kind reads it, where that does not hang on the value of a parameter. Issues are
 * handed on as they are, so that whoever explains them still knows the schema that raised them.
 */
export function checkConfiguration(check: unknown, checks: CheckKinds, context: Context): void {
  if (!isMapping(check) || typeof check.kind !== 'string') return;
  const { kind, config } = check;
  const result = checks[kind]?._zod.run({ value: config, issues: [] }, { async: false });
  if (result instanceof Promise) throw new Error('schemas of documents are synchronous');
  for (const issue of result?.issues ?? []) {
    const path = issue.path ?? [];
    if (isCertain(issue, path, config)) context.addIssue({ ...issue, path: ['check', kind, ...path] } as never);
  }
}

/** Whether it is wrong whatever the parameters are. */
function isCertain(issue: z.core.$ZodRawIssue, path: readonly PropertyKey[], config: unknown): boolean {
  let value = config;
  for (const part of path) {
    // What stands below a parameter comes of its value.
    if (typeof value === 'string' && hasReference(value)) return false;
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  }
  return issue.code === 'unrecognized_keys' || !hasReference(value);
}

/** The condition of an item can be read. */
export function checkCondition(text: string, context: Context): void {
  const read = readCondition(text);
  if ('problem' in read)
    context.addIssue({ code: 'custom', message: `expected a condition such as kubernetes && !managed: ${read.problem}` });
}

/** No two phases, items of a phase, or roles have the same name. */
export function checkTwice(key: 'id' | 'role') {
  return (given: readonly unknown[], context: Context): void => {
    const seen = new Map<unknown, number>();
    for (const [index, one] of given.entries()) {
      // What is wrong in itself may stand here as it was written.
      const name = isMapping(one) ? one[key] : undefined;
      if (typeof name !== 'string') continue;
      const first = seen.get(name);
      if (first === undefined) seen.set(name, index);
      else
        context.addIssue({
          code: 'custom',
          message: `number ${first + 1} is already called ${found(name)}`,
          path: [index, key],
        });
    }
  };
}

/**
 * Parameters and items that are named and not there. Only of a checklist that stands by itself: what another one has is known when they
 * are put together.
 */
export function checkNames(given: readonly unknown[], parameters: readonly string[], context: Context): void {
  // What is wrong in itself stands here as it was written, and is refused without this.
  const isRead = (item: unknown) => isMapping(item) && 'validForMs' in item;
  const isWhole = (phase: unknown) => isMapping(phase) && Array.isArray(phase.items) && phase.items.every(isRead);
  if (!given.every(isWhole)) return;
  const phases = given as readonly ChecklistPhase[];
  const ids = phases.flatMap(({ id, items }) => items.map((item) => `${id}.${item.id}`));
  const refuse = (what: string, name: string, known: readonly string[], path: PropertyKey[]): void => {
    const near = nearest(name, known);
    const listed = known.length === 0 ? '' : `. Known here: ${known.slice(0, 100).join(', ')}`;
    const message = `unknown ${what} ${found(name)}${near === undefined ? listed : `; did you mean ${JSON.stringify(near)}?`}`;
    context.addIssue({ code: 'custom', message, path: ['phases', ...path] });
  };
  for (const [phase, { items }] of phases.entries())
    for (const [index, item] of items.entries()) {
      const at = [phase, 'items', index];
      const read = item.if === null ? null : readCondition(item.if);
      const asked = read && 'condition' in read ? namesIn(read.condition) : [];
      const { kind, config } = item.check ?? { kind: '', config: null };
      for (const name of asked) if (!parameters.includes(name)) refuse('parameter', name, parameters, [...at, 'if']);
      for (const name of [...referencesIn(config), ...optionalIn(config)])
        if (!parameters.includes(name)) refuse('parameter', name, parameters, [...at, 'check', kind]);
      for (const [need, name] of item.needs.entries()) if (!ids.includes(name)) refuse('item', name, ids, [...at, 'needs', need]);
    }
}
