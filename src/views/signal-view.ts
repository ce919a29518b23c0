import type { Language } from '../analysis/sentence.ts';
import type { ServiceState } from '../release/types.ts';
import { assess, groupState } from '../signals/assess.ts';
import { signalPolicy } from '../signals/policy.ts';
import { groupText, signalText, signalTitle } from '../signals/text.ts';
import type { Traffic } from '../signals/traffic.ts';
import { type AssessedSignal, type Gauge, type SignalGroup, type SignalState, signalGroups } from '../signals/types.ts';
import { type Health, health } from './health.ts';
import type { Signals } from './signals.ts';

/** A golden signal against its levels, as people and programs see it. */
export type SignalView = Omit<AssessedSignal, 'group' | 'isAsked' | 'notKnown'> & {
  readonly title: string;
  /** What it is, with its numbers and the level that it has crossed, or why it is not known. */
  readonly sentence: string;
};

/** One of the four golden signals: its gravest state, and why. */
export type SignalGroupView = {
  readonly group: SignalGroup;
  readonly state: SignalState;
  readonly sentence: string;
  readonly signals: readonly SignalView[];
};

/** How a service is by its golden signals; `health` is the same as everywhere, with what is on record of it. */
export type SignalAssessment = {
  readonly health: Health;
  readonly groups: readonly SignalGroupView[];
  /** null: neither the router nor a query knows. */
  readonly traffic: Traffic | null;
};

/** @param signals - null: nothing is known of its requests. */
export function signalAssessment(
  state: ServiceState,
  known: { readonly signals: Signals | null; readonly gauges: readonly Gauge[]; readonly traffic: Traffic | null },
  nowMs: number,
  language: Language,
): SignalAssessment {
  const { signals, gauges, traffic } = known;
  const assessed = assess(signals, gauges, signalPolicy(state));
  return {
    health: health(state, signals, gauges, nowMs, language),
    groups: signalGroups.map((group) => {
      const of = assessed.filter((signal) => signal.group === group);
      return {
        group,
        state: groupState(of),
        sentence: groupText(group, of, language),
        signals: of.map((signal) => viewOf(signal, language)),
      };
    }),
    traffic,
  };
}

function viewOf(signal: AssessedSignal, language: Language): SignalView {
  const { group: _, isAsked: __, notKnown: ___, ...view } = signal;
  return { ...view, title: signalTitle(signal.name, language), sentence: signalText(signal, language) };
}
