import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';
import type { GateCondition, Objective, ReleasePolicy } from './types.ts';

/** A message beginning with `expected`, with its path below `release`. */
type GateProblem = { readonly message: string; readonly path: readonly (string | number)[] };

/**
 * Gates that ask for objectives which the document does not have: they would never pass. What is wrong in itself stands here as it was
 * written, and is refused without this.
 */
export function gateProblems(objectives: readonly Objective[], release: ReleasePolicy): readonly GateProblem[] {
  if (!Array.isArray(objectives) || !isMapping(release)) return [];
  const names = objectives.flatMap((one: unknown) => (isMapping(one) && typeof one.name === 'string' ? [one.name] : []));
  const problems: GateProblem[] = [];
  const check = (gate: unknown, path: readonly (string | number)[]): void => {
    if (!isMapping(gate) || !('slo' in gate)) return;
    const { slo } = gate as unknown as GateCondition;
    if (slo === null && names.length === 0) problems.push({ message: without, path });
    for (const name of slo ?? []) {
      if (names.includes(name)) continue;
      const near = nearest(name, names);
      const message = `expected the name of an objective, found ${JSON.stringify(name)}${near ? `; did you mean "${near}"?` : '.'} Known here: ${names.length === 0 ? 'none' : names.join(', ')}`;
      problems.push({ message, path: [...path, 'slo'] });
    }
  };
  check(release.gate, ['gate']);
  const strategy: unknown = release.strategy;
  if (isMapping(strategy) && Array.isArray(strategy.steps))
    for (const [index, step] of strategy.steps.entries())
      if (isMapping(step) && step.kind === 'gate') check(step.gate, ['strategy', String(strategy.kind), 'steps', index, 'gate']);
  if (isMapping(release.budget) && names.length === 0) problems.push({ message: without, path: ['budget'] });
  return problems;
}

const without = 'expected spec.objectives beside this, such as [ { name: availability, target: 99.9%, window: 30d } ]';
