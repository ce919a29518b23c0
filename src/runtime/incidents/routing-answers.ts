import { type ExplainInput, explain } from '../../incidents/routing/explain.ts';
import type { Explanation } from '../../incidents/routing/explanation.ts';
import { type Simulation, simulate } from '../../incidents/routing/simulate.ts';
import { type CallsInput, type CallsSimulation, simulateCalls } from '../../notifications/simulate-calls.ts';
import type { AlertRoutingSpec } from '../../spec/alert-routing-types.ts';

/** What is asked of the routing and the alerts on record. Survives a structured clone. */
export type RoutingQuestion =
  | { readonly kind: 'explain'; readonly input: ExplainInput }
  | {
      readonly kind: 'simulate';
      /** Null: there is none to compare, only calls are. */
      readonly routing: { readonly before: AlertRoutingSpec; readonly after: AlertRoutingSpec } | null;
      readonly calls: CallsInput;
    };

/** What another setup would have done: to messages of groups (none where there are no two routings), and to calls of people. */
export type Simulated = { readonly messages: Simulation; readonly calls: CallsSimulation };

/** What a question is answered with. */
export type RoutingAnswer<Question extends RoutingQuestion> = Question extends { readonly kind: 'explain' }
  ? Explanation
  : Simulated;

/**
 * Answers a question. Pure; takes long where much is on record.
 *
 * @throws UserError when the intervals of groups are too short for the time looked at.
 */
export function routingAnswer(question: RoutingQuestion): Explanation | Simulated {
  if (question.kind === 'explain') return explain(question.input);
  const { routing, calls } = question;
  const { alerts, silences, untilMs } = calls;
  const messages = routing
    ? simulate(routing.before, routing.after, alerts, silences, untilMs)
    : { ...nothing, alerts: alerts.length, fromMs: alerts[0]?.firedAtMs ?? null, untilMs };
  return { messages, calls: simulateCalls(calls) };
}

const nothing = {
  before: { messages: 0, told: 0, receivers: [] },
  after: { messages: 0, told: 0, receivers: [] },
  lost: [],
  lostCount: 0,
  differences: [],
  differenceCount: 0,
} as const;
