import type { Language } from '../analysis/sentence.ts';
import type { RoutingLint } from '../incidents/routing/lint.ts';
import type { Difference, Simulation } from '../incidents/routing/simulate.ts';
import type { CallDifference, CallsSimulation } from '../notifications/simulate-calls.ts';
import type { Problem } from '../spec/problem.ts';
import { type Text, textIn } from '../spec/text.ts';

/** What a change of the routing does to recorded alerts, in one language. */
export type SimulationView = Omit<Simulation, 'differences'> & {
  readonly differences: readonly (Omit<Difference, 'said'> & { readonly said: string })[];
  /** What it does to calls by escalation policies; null: they were not played. */
  readonly calls: CallsView | null;
};

/** What a change of the setup does to calls by escalation policies, in one language. */
export type CallsView = Omit<CallsSimulation, 'differences'> & {
  readonly differences: readonly (Omit<CallDifference, 'said'> & { readonly said: string })[];
};

export function simulationView(found: Simulation, calls: CallsSimulation | null, language: Language): SimulationView {
  const inLanguage = <One extends { readonly said: Text }>({ said, ...one }: One) => ({ ...one, said: textIn(said, language) });
  return {
    ...found,
    differences: found.differences.map(inLanguage),
    calls: calls && { ...calls, differences: calls.differences.map(inLanguage) },
  };
}

/** Something in a routing that is allowed and hardly meant, with its place in the text. */
export type RoutingLintView = Pick<RoutingLint, 'rule' | 'place'> & Pick<Problem, 'line' | 'column'> & { readonly said: string };
