import { type ExplainInput, explain } from '../../incidents/routing/explain.ts';
import type { Explanation } from '../../incidents/routing/explanation.ts';
import type { RecordedAlert } from '../../incidents/routing/recorded-alert.ts';
import type { Silence } from '../../incidents/routing/silences.ts';
import { type Simulation, simulate } from '../../incidents/routing/simulate.ts';
import type { AlertRoutingSpec } from '../../spec/alert-routing-types.ts';

/** What is asked of the routing and the alerts on record. Survives a structured clone. */
export type RoutingQuestion =
  | { readonly kind: 'explain'; readonly input: ExplainInput }
  | {
      readonly kind: 'simulate';
      readonly before: AlertRoutingSpec;
      readonly after: AlertRoutingSpec;
      readonly history: readonly RecordedAlert[];
      readonly silences: readonly Silence[];
      readonly untilMs: number;
    };

/** What a question is answered with. */
export type RoutingAnswer<Question extends RoutingQuestion> = Question extends { readonly kind: 'explain' }
  ? Explanation
  : Simulation;

/**
 * Answers a question. Pure; takes long where much is on record.
 *
 * @throws UserError when the intervals of groups are too short for the time looked at.
 */
export function routingAnswer(question: RoutingQuestion): Explanation | Simulation {
  if (question.kind === 'explain') return explain(question.input);
  const { before, after, history, silences, untilMs } = question;
  return simulate(before, after, history, silences, untilMs);
}
