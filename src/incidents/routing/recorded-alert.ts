import type { Alert, AlertEvent } from '../../alerts/types.ts';
import type { Labels } from './matching.ts';
import { labelsOf } from './route-tree.ts';

/** An alert from its beginning to its end, as far as routing asks. Unix milliseconds. */
export type RecordedAlert = {
  readonly id: string;
  readonly name: string;
  readonly service: string | null;
  readonly labels: Labels;
  readonly firedAtMs: number;
  /** Null: it fires still. */
  readonly resolvedAtMs: number | null;
  /** Which other alert (its key) speaks for it from when on, oldest first; null: none any more. */
  readonly spokenFor: readonly { readonly fromMs: number; readonly by: string | null }[];
};

/** The key of the alert that speaks for one at a moment; null: none does. */
export function spokenForAt({ spokenFor }: RecordedAlert, ms: number): string | null {
  return spokenFor.findLast(({ fromMs }) => fromMs <= ms)?.by ?? null;
}

type Open = { -readonly [Key in keyof RecordedAlert]: RecordedAlert[Key] };

/**
 * The alerts that fired, in the order in which they did, from events of the stream `alerts`. Unlike the state of that stream it forgets
 * none.
 */
export function recordedAlerts(events: Iterable<AlertEvent & { readonly at: number }>): readonly RecordedAlert[] {
  const pending = new Map<string, Pick<Alert, 'name' | 'service' | 'labels'> & { readonly id: string }>();
  const open = new Map<string, Open>();
  const all: Open[] = [];
  for (const event of events) {
    const { key } = event.data;
    switch (event.kind) {
      case 'alert-pending':
        if (!pending.has(key)) {
          const { name, service, labels } = event.data;
          pending.set(key, { id: `${key}@${event.at}`, name, service, labels });
        }
        break;
      case 'alert-fired': {
        const begun = pending.get(key);
        if (!begun || open.has(key)) break;
        const { silencedBy: by } = event.data;
        const spokenFor = by === null ? [] : [{ fromMs: event.at, by }];
        const fired = {
          id: begun.id,
          name: begun.name,
          service: begun.service,
          labels: labelsOf(begun),
          firedAtMs: event.at,
          resolvedAtMs: null,
          spokenFor,
        };
        open.set(key, fired);
        all.push(fired);
        break;
      }
      case 'alert-changed': {
        const fired = open.get(key);
        const { silencedBy: by } = event.data;
        if (fired && by !== undefined) fired.spokenFor = [...fired.spokenFor, { fromMs: event.at, by }];
        break;
      }
      case 'alert-recovering':
        break;
      case 'alert-resolved': {
        const fired = open.get(key);
        if (fired) fired.resolvedAtMs = event.at;
        open.delete(key);
        pending.delete(key);
        break;
      }
    }
  }
  return all;
}
