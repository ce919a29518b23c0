import type { Incident } from '../incidents/types.ts';

/** An incident of the service `api`, as it is right after it was opened. */
export function incidentOf(state: Incident['state'], more: Partial<Incident> = {}): Incident {
  return {
    id: 'api-1',
    key: 'api',
    title: 'api: errors of <version 7>',
    severity: 'P0',
    severityBy: null,
    service: 'api',
    state,
    openedBy: null,
    policy: null,
    response: null,
    person: null,
    escalation: null,
    room: null,
    startedAtMs: Date.parse('2026-11-29T00:00:00Z'),
    startedBy: null,
    openedAtMs: Date.parse('2026-11-29T00:00:30Z'),
    toldAtMs: null,
    acknowledgedAtMs: null,
    mitigatedAtMs: null,
    resolvedAtMs: state === 'resolved' || state === 'reviewed' ? 1 : null,
    reopenedAtMs: null,
    reviewedAtMs: null,
    ack: null,
    alerts: [],
    alertCount: 1,
    firing: 1,
    recovering: 0,
    attribution: null,
    actions: [],
    told: [],
    notes: [],
    ...more,
  };
}
