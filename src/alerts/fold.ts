import type { Alert, AlertEvent, AlertsState } from './types.ts';

/** Ended alerts that are kept in mind; the log has all. */
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
      return { open, ended: [ended, ...state.ended].slice(0, endedMax) };
    }
  }
}

function withOpen(state: AlertsState, alert: Alert): AlertsState {
  return { ...state, open: new Map(state.open).set(alert.key, alert) };
}
