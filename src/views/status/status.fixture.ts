import type { StatusPageSpec } from '../../spec/status-page.ts';
import { noStatus, takeStatus } from '../../status/fold.ts';
import type { StatusEvent, StatusState } from '../../status/types.ts';
import { type StatusPageView, statusPageView } from './page-view.ts';

/** The page that Statuspage's example payloads are about. */
export const acme: StatusPageSpec = {
  name: 'rg0000000001',
  title: 'Acme',
  url: 'https://status.acme.test',
  timeZone: 'UTC',
  languages: ['en', 'ru'],
  publish: 'by-hand',
  colour: null,
  groups: [{ name: 'g1', title: 'Shop' }],
  components: [
    { name: 'c1', title: 'API', group: 'g1', services: ['api'] },
    { name: 'c2', title: { en: 'Checkout', ru: 'Оформление заказа' }, group: 'g1', services: ['checkout'] },
  ].map((one) => ({ ...one, description: null, partialPpm: 50_000, majorPpm: 500_000, onlyShowIfDegraded: false })),
  listen: null,
  subscribers: null,
};

const said = { en: 'so', ru: 'так' };

/** Folds events at moments of ISO 8601. */
export function folded(events: readonly (readonly [at: string, event: StatusEvent, actor?: string])[]): StatusState {
  return events.reduce(
    (state, [at, event, actor = 'status-page']) => takeStatus(state, { ...event, at: Date.parse(at), actor }),
    noStatus,
  );
}

/** What the example payloads tell. */
export const acmeEvents = [
  ['2025-01-01T00:00:00Z', { kind: 'status-component-changed', data: { component: 'c1', state: 'operational', said } }],
  ['2025-01-01T00:00:00Z', { kind: 'status-component-changed', data: { component: 'c2', state: 'operational', said } }],
  ['2026-01-02T02:59:00Z', { kind: 'status-component-changed', data: { component: 'c1', state: 'degraded_performance', said } }],
  [
    '2026-01-02T02:59:00Z',
    {
      kind: 'status-post-drafted',
      data: {
        id: 'i1',
        incident: 'api-20260102-1',
        startedAtMs: Date.parse('2026-01-02T02:58:00Z'),
        components: ['c1'],
        state: 'investigating',
        title: 'Elevated errors on the API',
        body: 'We see errors.',
      },
    },
  ],
  [
    '2026-01-02T03:00:00Z',
    {
      kind: 'status-post-published',
      data: {
        id: 'i1',
        update: 'u1',
        state: 'investigating',
        title: 'Elevated errors on the API',
        body: 'We see errors.',
      },
    },
    'anna',
  ],
  [
    '2026-01-02T03:10:00Z',
    {
      kind: 'status-post-published',
      data: { id: 'i1', update: 'u2', state: 'monitoring', title: 'Elevated errors on the API', body: 'Rolled back to 1.4.1.' },
    },
    'anna',
  ],
] as const satisfies readonly (readonly [string, StatusEvent, string?])[];

/** The page of the example payloads. */
export function acmeView(more: Partial<Parameters<typeof statusPageView>[0]> = {}): StatusPageView {
  return statusPageView({
    page: acme,
    url: 'https://status.acme.test',
    state: folded(acmeEvents),
    releases: [
      {
        id: 'm1',
        service: 'checkout',
        title: 'Database upgrade',
        state: 'scheduled',
        plannedAtMs: Date.parse('2026-01-01T00:00:00Z'),
        updatedAtMs: Date.parse('2026-01-01T00:00:00Z'),
        fromMs: Date.parse('2026-01-05T00:00:00Z'),
        untilMs: Date.parse('2026-01-05T01:00:00Z'),
        updates: [],
      },
    ],
    provenAtMs: Date.parse('2026-01-02T03:10:00Z'),
    nowMs: Date.parse('2026-01-02T03:10:20Z'),
    ...more,
  });
}
