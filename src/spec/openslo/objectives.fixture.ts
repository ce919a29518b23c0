import fc from 'fast-check';
import { policyOf } from '../../slo/evaluate.ts';
import { sources } from '../../sources/registry.ts';
import { eventQueryProblems } from '../event-queries.ts';
import { objectives } from '../objective.ts';
import type { Objective, Plugged, StandaloneObjective } from '../types.ts';
import { durationText, percentText } from '../unit-text.ts';

/** The alerts of an objective without any of its own. */
export const usual = (windowMs: number) => policyOf({ windowMs });

const line = (max: number) =>
  fc
    .oneof(fc.string({ minLength: 1, maxLength: max }), fc.string({ minLength: 1, maxLength: max, unit: 'grapheme' }))
    .filter((text) => text.length <= max && !/[\x00-\x1f\x7f]/.test(text));

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/);
const span = (minMs: number, maxMs: number, stepMs = 1) =>
  fc
    .oneof(
      fc.integer({ min: Math.ceil(minMs / stepMs), max: Math.floor(maxMs / stepMs) }).map((count) => count * stepMs),
      fc.constantFrom(60_000, 600_000, 3_600_000, 86_400_000, 30 * 86_400_000).filter((ms) => ms >= minMs && ms <= maxMs),
    )
    .map(durationText);
const share = (min: number, max: number) =>
  fc.oneof(fc.integer({ min, max }), fc.constantFrom(900_000, 990_000, 999_000, 999_900)).map(percentText);

/** Queries as people write them, and texts that only look like one. */
const query = fc.oneof(
  fc.constantFrom(
    'http_requests_total',
    'http_requests_total{job="shop",code=~"5.."}',
    'sum(http_requests_total)',
    'sum( http_requests_total{a="}"} )',
    'sum(sum(x))',
    'sum by (job) (x)',
    'sum(a) + sum(b)',
    'a{b="sum("} + c',
    'x_bucket{le="0.5"}',
    'sum(x) ',
    ' x',
  ),
  line(60).filter((text) => !/[(${}]/.test(text)),
);
const unit = fc.constantFrom('s', 'ms');
const tells = fc.constantFrom('page', 'chat', 'email');

const alerts = fc.oneof(
  fc.constant('off'),
  fc.uniqueArray(
    fc.record(
      {
        name: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
        budget: share(1, 1_000_000),
        in: span(10_000, 90 * 86_400_000, 10_000),
        short: span(10_000, 90 * 86_400_000, 10_000),
        minBad: fc.integer({ min: 0, max: 1_000_000 }),
        for: span(0, 86_400_000),
        tells,
      },
      { requiredKeys: ['name', 'budget', 'in'] },
    ),
    { minLength: 1, maxLength: 4, selector: (one) => one.name },
  ),
);

const counted = fc.oneof(
  fc.constant({}),
  fc.record({ below: span(1, 60_000) }),
  fc.record({ events: fc.record({ good: query, total: query }) }),
  fc.record({ events: fc.record({ bad: query, total: query }) }),
  fc.record({ below: span(1, 60_000), events: fc.record({ histogram: query, unit }) }),
  fc.record({ below: span(1, 60_000), events: fc.record({ native: query, unit }) }),
);

/** Any objective that a document of ours can hold. */
export const anyObjective: fc.Arbitrary<Objective> = fc
  .record({
    counted,
    plain: fc.record(
      {
        name: line(63),
        target: share(1, 999_999),
        window: fc.oneof(
          span(60_000, 366 * 86_400_000, 10_000),
          fc.record({
            calendar: fc.constantFrom('day', 'week', 'month', 'quarter', 'year'),
            zone: fc.constantFrom('UTC', 'Europe/Moscow', 'America/New_York'),
          }),
        ),
        slices: fc.record({ each: span(10_000, 86_400_000, 10_000), target: share(1, 1_000_000) }),
        alerts,
      },
      { requiredKeys: ['name', 'target', 'window'] },
    ),
  })
  .map(({ counted: one, plain }) => objectives.parse([{ ...plain, ...one }])[0] as Objective);

/** Sources as the schema of Prometheus makes them. */
const source: fc.Arbitrary<Plugged> = fc
  .record(
    {
      url: fc.constantFrom('http://prometheus:9090', 'https://mimir.example/prometheus?tenant=a'),
      interval: fc.constantFrom('1s', '15s', '60s'),
      timeout: fc.constantFrom('100ms', '5s'),
      headers: fc.constantFrom({}, { 'X-Scope-OrgID': 'a' }, { Authorization: { env: 'TOKEN', prefix: 'Bearer ' } }),
      exporter: fc.constantFrom({ nginx: { log: 'edge' } }, { istio: { namespace: 'default', versionsOf: 'shop' } }),
      versionLabel: fc.constantFrom('version', 'release'),
    },
    { requiredKeys: ['url'] },
  )
  .map((given) => ({ kind: 'prometheus', config: sources.prometheus.schema.parse(given) }));

/** Any objective with a document of its own, whose source can count its events. */
export const anyStandalone: fc.Arbitrary<StandaloneObjective> = fc
  .record(
    {
      name,
      service: fc.option(line(63)),
      displayName: fc.option(fc.string({ maxLength: 80, unit: 'grapheme' }).filter((text) => text.length <= 200)),
      description: fc.option(fc.string({ maxLength: 200, unit: 'grapheme' }).filter((text) => text.length <= 1_000)),
      source: fc.option(source),
      objective: anyObjective,
    },
    { noNullPrototype: true },
  )
  .filter(({ source: of, objective }) => of === null || eventQueryProblems(sources, of, [objective]).length === 0);
