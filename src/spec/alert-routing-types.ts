import type { AlertMatcher } from './alert-matcher.ts';
import type { TimeInterval } from './time-interval.ts';

/** A node of the routing tree. What it leaves out it has from the node above; its matchers and its time intervals are its own alone. */
export type AlertRoute = {
  /** Its matchers and those above it, as Alertmanager writes them: `{}/{owner="team-A"}`. */
  readonly key: string;
  /** What tells it from all others: its key, with `#2` behind it where it is the second node of that key. */
  readonly id: string;
  /** Where it stands in its document: `route.routes[0]`. */
  readonly place: string;
  /** Name of an escalation policy; null: none is begun. */
  readonly policy: string | null;
  /** Names of receivers that are told beside it. */
  readonly notifiers: readonly string[];
  /** Labels whose values are the same in all alerts of a group; `all`: each set of labels is a group. */
  readonly groupBy: readonly string[] | 'all';
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** All have to hold; none: it takes every alert. */
  readonly matchers: readonly AlertMatcher[];
  /** The nodes beside it are asked too when it has taken an alert. */
  readonly continues: boolean;
  /** Names of intervals in which nobody is told. */
  readonly muteTimeIntervals: readonly string[];
  /** Names of intervals outside of which nobody is told; empty: at any time. */
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly AlertRoute[];
};

/** While an alert of the source fires, alerts of the target with the same values of `equal` tell nobody. */
export type InhibitRule = {
  readonly name: string | null;
  readonly place: string;
  readonly sourceMatchers: readonly AlertMatcher[];
  readonly targetMatchers: readonly AlertMatcher[];
  readonly equal: readonly string[];
};

/** Who is told of which alerts and when: an `AlertRouting` document, checked and with every default filled in. */
export type AlertRoutingSpec = {
  readonly name: string;
  readonly route: AlertRoute;
  readonly inhibitRules: readonly InhibitRule[];
  /** Each holds when one of its parts does. */
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>;
};
