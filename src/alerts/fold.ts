import type { Alert, AlertEvent, AlertsState } from './types.ts';

/** Ended alerts that are kept in mind, of objectives and of other programs each: a flood of these pushes none of those out. The log has all. */
const endedMax = 500;

/** Alerts that may be open at once: more tell nobody anything. */
export const openMax = 5_000;

/** No alerts yet. */
export const noAlerts: AlertsState = { open: new Map(), ended: [] };

/** The alerts after an event. Events that do not fit (an end of what is not open) change nothing. */
export function takeAlerts(state: AlertsState, event: AlertEvent & { readonly at: number }): AlertsState {
  const { key } = event.data;
  const before = state.open.get(key);
  if (event.kind === 'alert-pending') {
    if (before) return state;
    const { sinceMs = event.at, ...said } = event.data;
    return withOpen(state, {
      ...said,
      id: `${key}@${event.at}`,
      state: 'pending',
      pendingAtMs: sinceMs,
      firedAtMs: null,
      resolvedAtMs: null,
      silencedBy: null,
      attribution: null,
    });
  }
  if (!before) return state;
  const { said } = event.data;
  switch (event.kind) {
    case 'alert-fired': {
      const { silencedBy, attribution } = event.data;
      return withOpen(state, {
        ...before,
        state: 'firing',
        firedAtMs: before.firedAtMs ?? event.at,
        said,
        silencedBy,
        attribution,
      });
    }
    case 'alert-changed':
      return withOpen(state, { ...before, ...event.data });
    case 'alert-recovering':
      return withOpen(state, { ...before, state: 'recovering', said });
    case 'alert-resolved': {
      const open = new Map(state.open);
      open.delete(key);
      const ended: Alert = { ...before, state: 'resolved', resolvedAtMs: event.at, said };
      return { open, ended: withEnded(state.ended, ended) };
    }
  }
}

function withOpen(state: AlertsState, alert: Alert): AlertsState {
  return { ...state, open: new Map(state.open).set(alert.key, alert) };
}

function withEnded(before: readonly Alert[], alert: Alert): readonly Alert[] {
  const isFull = before.filter(({ origin }) => origin === alert.origin).length >= endedMax;
  if (!isFull) return [alert, ...before];
  const oldest = before.findLastIndex(({ origin }) => origin === alert.origin);
  return [alert, ...before.toSpliced(oldest, 1)];
}
