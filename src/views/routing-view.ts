import type { Language } from '../analysis/sentence.ts';
import type { RoutingLint } from '../incidents/routing/lint.ts';
import type { Difference, Simulation } from '../incidents/routing/simulate.ts';
import type { Problem } from '../spec/problem.ts';
import { textIn } from '../spec/text.ts';

/** What a change of the routing does to recorded alerts, in one language. */
export type SimulationView = Omit<Simulation, 'differences'> & {
  readonly differences: readonly (Omit<Difference, 'said'> & { readonly said: string })[];
};

export function simulationView({ differences, ...found }: Simulation, language: Language): SimulationView {
  return { ...found, differences: differences.map(({ said, ...one }) => ({ ...one, said: textIn(said, language) })) };
}

/** Something in a routing that is allowed and hardly meant, with its place in the text. */
export type RoutingLintView = Pick<RoutingLint, 'rule' | 'place'> & Pick<Problem, 'line' | 'column'> & { readonly said: string };
