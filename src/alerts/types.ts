/** Who is told of an alert, and how soon: `page` at once, `chat` within the half hour, `email` on the next working day. */
export type Urgency = 'page' | 'chat' | 'email';

/**
 * `pending`: its condition holds, and not for long enough yet. `recovering`: it still holds, but only because of what was before the way
 * back; since then it does not. `resolved` is the end: the same condition later is another alert.
 */
export type AlertState = 'pending' | 'firing' | 'recovering' | 'resolved';

/** What one version did to an objective in the long window of an alert. Exact. */
export type VersionShare = { readonly version: string; readonly bad: number; readonly total: number };

/** Where the bad events of an alert come from, by joining them with what was released. */
export type Attribution = {
  /** The release within whose reach the alert is; null: none is. */
  readonly release: { readonly id: string; readonly version: string; readonly stable: string | null } | null;
  /** Its step when the alert fired, from 0, and in words; null: it was not at a step. */
  readonly step: { readonly index: number; readonly text: string } | null;
  /** What each version did in the long window, the most bad events first. Empty: versions cannot be told apart. */
  readonly versions: readonly VersionShare[];
  /** In one sentence: what speaks for it, or that no release is in reach. */
  readonly said: string;
};

/** Something that somebody has to know of, from its beginning to its end. */
export type Alert = {
  /** Unique for ever: `checkout/availability/P0@1764352800000`, `alertmanager/HighLatency-1f2e3d@1764352800000`. */
  readonly id: string;
  /** The condition, the same each time it comes: the id up to `@`. */
  readonly key: string;
  /** Who noticed: an objective, a golden signal that passes its level, the guard of a release, or a program: `alertmanager` or Prometheus, or an alert source. */
  readonly origin: 'objective' | 'signal' | 'release' | 'alertmanager' | 'source';
  /** For people: `availability P0`, or the alert's own name. */
  readonly name: string;
  readonly service: string | null;
  /** Id of the objective (`checkout/availability`) and its tier (`P0`); null for what others have told. */
  readonly objective: string | null;
  readonly tier: string | null;
  readonly urgency: Urgency;
  readonly state: AlertState;
  /** Unix milliseconds. `firedAtMs` null: it has not fired. `resolvedAtMs` null: it has not ended. */
  readonly pendingAtMs: number;
  readonly firedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  /** Why it is in its state, in one sentence with numbers. */
  readonly said: string;
  /** Key of the more urgent alert that speaks for it; null: it speaks for itself. */
  readonly silencedBy: string | null;
  readonly attribution: Attribution | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Where there is more; null: nowhere. */
  readonly url: string | null;
  /** It counts as over when whoever told of it is silent for longer, in milliseconds. Absent: it is judged here. */
  readonly repeatedWithinMs?: number;
};

/** What is on record of alerts. `key`s are those of `Alert`; at most one alert of a key is not resolved. */
export type AlertEvent =
  | {
      readonly kind: 'alert-pending';
      readonly actor: string;
      readonly data: Pick<
        Alert,
        | 'key'
        | 'origin'
        | 'name'
        | 'service'
        | 'objective'
        | 'tier'
        | 'urgency'
        | 'said'
        | 'labels'
        | 'annotations'
        | 'url'
        | 'repeatedWithinMs'
      > & {
        /** When it began; left out: now. */
        readonly sinceMs?: number;
      };
    }
  | {
      readonly kind: 'alert-fired';
      readonly actor: string;
      readonly data: Pick<Alert, 'key' | 'said' | 'silencedBy' | 'attribution'>;
    }
  /** Something about it has changed that people see: what speaks for it, what it is attributed to, what others say of it. */
  | {
      readonly kind: 'alert-changed';
      readonly actor: string;
      readonly data: Pick<Alert, 'key' | 'said'> & Partial<Pick<Alert, 'silencedBy' | 'attribution' | 'labels' | 'annotations'>>;
    }
  | { readonly kind: 'alert-recovering'; readonly actor: string; readonly data: Pick<Alert, 'key' | 'said'> }
  /** `why`: the burn has fallen, the objective is gone, another program says so, a person. */
  | { readonly kind: 'alert-resolved'; readonly actor: string; readonly data: Pick<Alert, 'key' | 'said'> };

/** All alerts that have not ended, by key, and the last ones that have, the newest first. */
export type AlertsState = {
  readonly open: ReadonlyMap<string, Alert>;
  readonly ended: readonly Alert[];
};
