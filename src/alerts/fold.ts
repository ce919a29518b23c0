import type { Alert, AlertEvent, AlertsState } from './types.ts';

/** Ended alerts that are kept in mind, of objectives and of other programs each: a flood of these pushes none of those out. The log has all. */
const endedMax = 500;

/** Alerts that may be open at once: more tell nobody anything. */
export const openMax = 5_000;

/** No alerts yet. */
export const noAlerts: AlertsState = { open: new Map(), ended: [] };

/** The alerts after an event. Events that do not fit (an end of what is not open) change nothing. */
export function takeAlerts(state: AlertsState, event: AlertEvent & { readonly at: number }): AlertsState {
  return takeAllAlerts(state, [event]);
}

/** The same after many events: thousands may be open in a storm, and they are copied once for all of them. */
export function takeAllAlerts(state: AlertsState, events: readonly (AlertEvent & { readonly at: number })[]): AlertsState {
  const open = new Map(state.open);
  let { ended } = state;
  let isChanged = false;
  for (const event of events) {
    const { key } = event.data;
    const before = open.get(key);
    const after = changed(before, event);
    if (after === before || !after) continue;
    isChanged = true;
    if (after.state !== 'resolved') open.set(key, after);
    else {
      open.delete(key);
      ended = withEnded(ended, after);
    }
  }
  return isChanged ? { open, ended } : state;
}

/** An alert after an event; the same: nothing has changed. */
function changed(before: Alert | undefined, event: AlertEvent & { readonly at: number }): Alert | undefined {
  if (event.kind === 'alert-pending') return before ?? begun(event);
  if (!before) return undefined;
  const { said } = event.data;
  switch (event.kind) {
    case 'alert-fired': {
      const { silencedBy, attribution } = event.data;
      return { ...before, state: 'firing', firedAtMs: before.firedAtMs ?? event.at, said, silencedBy, attribution };
    }
    case 'alert-changed':
      return { ...before, ...event.data };
    case 'alert-recovering':
      return { ...before, state: 'recovering', said };
    case 'alert-resolved':
      return { ...before, state: 'resolved', resolvedAtMs: event.at, said };
  }
}

function begun({ at, data }: Extract<AlertEvent, { kind: 'alert-pending' }> & { readonly at: number }): Alert {
  const { sinceMs = at, ...said } = data;
  return {
    ...said,
    id: `${data.key}@${at}`,
    state: 'pending',
    pendingAtMs: sinceMs,
    firedAtMs: null,
    resolvedAtMs: null,
    silencedBy: null,
    attribution: null,
  };
}

function withEnded(before: readonly Alert[], alert: Alert): readonly Alert[] {
  const isFull = before.filter(({ origin }) => origin === alert.origin).length >= endedMax;
  if (!isFull) return [alert, ...before];
  const oldest = before.findLastIndex(({ origin }) => origin === alert.origin);
  return [alert, ...before.toSpliced(oldest, 1)];
}
