import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textIn } from '../spec/text.ts';
import { at, rolledBack } from '../views/post-mortem/post-mortem.fixture.ts';
import { diagnose } from './diagnose.ts';
import { similarTo } from './similar.ts';
import type { DependencyCheck, DiagnosisInput, KnownIncident, NearRelease } from './types.ts';

const incident: KnownIncident = { ...rolledBack.incident, key: 'shop', reopenedAtMs: null };
const release: NearRelease = {
  id: 'shop-7',
  service: 'shop',
  version: '1.1.0',
  stable: '1.0.0',
  exposedAtMs: at(398),
  safeAtMs: at(424),
  endedAtMs: at(430),
  step: { en: '10 % of requests', ru: '10 % запросов' },
};
const nothing: DiagnosisInput = {
  incident,
  attribution: null,
  measure: rolledBack.measure,
  releases: [],
  reachMs: 3_600_000,
  checks: [],
  restarted: [],
  saturated: [],
  past: [],
  pastCauses: new Map(),
};

/** Causes as `kind strength`, in their order. */
function ranked(more: Partial<DiagnosisInput>): readonly string[] {
  return diagnose({ ...nothing, ...more }).map(({ kind, strength }) => `${kind} ${strength}`);
}

/** The measure of the fixture with what each version did in its place. */
function measured(versions: readonly (readonly [version: string, bad: number, total: number])[]): DiagnosisInput['measure'] {
  const { measure } = rolledBack;
  assert(measure);
  const shares = versions.map(([version, bad, total]) => ({ version, bad, total }));
  return { ...measure, objectives: measure.objectives.map((one) => ({ ...one, versions: shares })) };
}

const check: DependencyCheck = {
  item: 'infrastructure.database',
  title: { en: 'Database', ru: 'База данных' },
  status: 'fail',
  found: { en: 'connection refused', ru: 'соединение отклонено' },
  atMs: at(410),
  before: { status: 'pass', atMs: at(100) },
};

const table: readonly (readonly [name: string, more: Partial<DiagnosisInput>, want: readonly string[]])[] = [
  ['a release whose version fails more, and whose way back ended it', { releases: [release] }, ['release strong']],
  ['one that fails more, and whose way back ended nothing', { releases: [{ ...release, safeAtMs: at(405) }] }, ['release some']],
  [
    'one that fails less is spoken against, and stands last',
    {
      releases: [release],
      measure: measured([
        ['1.1.0', 0, 24_000],
        ['1.0.0', 1_900, 21_600],
      ]),
      checks: [check],
    },
    ['dependency some', 'release against'],
  ],
  [
    'one of which nothing is shown either way',
    {
      releases: [{ ...release, safeAtMs: null }],
      measure: measured([
        ['1.1.0', 1, 20],
        ['1.0.0', 5, 100],
      ]),
    },
    ['release some'],
  ],
  ['no release within reach is an answer', {}, ['no-release some']],
  [
    'the release that its alerts were joined with is in reach though it came after the beginning, and so is what was there when it came again',
    {
      incident: { ...incident, reopenedAtMs: at(412) },
      attribution: { release: { id: 'shop-9', version: '1.2.0', stable: '1.0.0' }, step: null, versions: [], said: '' },
      releases: [
        { ...release, id: 'shop-8', exposedAtMs: at(411), safeAtMs: null, endedAtMs: null },
        { ...release, id: 'shop-9', version: '1.2.0', exposedAtMs: at(413), safeAtMs: null, endedAtMs: null },
        { ...release, id: 'shop-10', version: '1.3.0', exposedAtMs: at(414), safeAtMs: null, endedAtMs: null },
      ],
    },
    ['release strong', 'release some'],
  ],
  [
    'a release that ended long before, or came after the beginning, is out of reach',
    {
      releases: [
        { ...release, endedAtMs: at(400) - 3_600_001 },
        { ...release, id: 'shop-8', exposedAtMs: at(410), endedAtMs: null },
      ],
    },
    ['no-release some'],
  ],
  [
    'another service that was released right before',
    { releases: [{ ...release, service: 'stock' }] },
    ['no-release some', 'release weak'],
  ],
  [
    'a dependency that had passed before weighs more than one that never did',
    { checks: [{ ...check, item: 'a.b', before: { status: 'fail', atMs: at(100) } }, check] },
    ['dependency some', 'no-release some', 'dependency weak'],
  ],
  [
    'dependencies that all pass were looked at',
    { checks: [{ ...check, status: 'pass' }] },
    ['no-release some', 'dependency against'],
  ],
  [
    'instances that ended by themselves, and what is too full',
    {
      restarted: [{ version: '1.0.0', restarts: 3, instances: 2, firstAtMs: at(402), problem: 'exit code 137', seq: 103 }],
      saturated: [
        { name: 'memory', unit: 'share', before: 0.6, during: 0.97, warning: 0.8, critical: 0.95 },
        { name: 'cpu', unit: 'share', before: 0.85, during: 0.85, warning: 0.8, critical: 0.95 },
        { name: 'disk', unit: 'share', before: 0.1, during: 0.1, warning: 0.8, critical: 0.95 },
      ],
    },
    ['instances some', 'saturation some', 'no-release some', 'saturation weak'],
  ],
];
for (const [name, more, want] of table) test(name, () => assert.deepEqual(ranked(more), want));

test('a cause carries its numbers, in both languages, and what would refute it', () => {
  const [first] = diagnose({ ...nothing, releases: [release] });
  assert(first);
  assert.equal(textIn(first.said, 'en'), '1.1.0 (release shop-7) fails more than 1.0.0');
  const evidence = first.evidence.map(({ text }) => textIn(text, 'en'));
  assert.match(
    evidence[1] ?? '',
    /^1\.1\.0: 192 of 240 bad \(80 %\); 1\.0\.0: 1 of 2,160 \(0\.0463 %\); a difference of [\d.]+ % to [\d.]+ % \(95 %\)$/,
  );
  assert.match(evidence[0] ?? '', /the failures began 20 s later, at the step: 10 % of requests$/);
  assert.match(evidence[2] ?? '', /^the failures ended when all traffic was on 1\.0\.0 again/);
  for (const { text } of first.evidence) assert.match(textIn(text, 'ru'), /[а-я]/);
  assert.match(textIn(first.refutedBy, 'ru'), /столь же частые отказы/);
});

test('similar incidents are said with why, the most similar first, and one is never similar to itself or to a later one', () => {
  const before = (id: string, more: Partial<KnownIncident>): KnownIncident => ({
    ...incident,
    id,
    startedAtMs: at(-1_000),
    ...more,
  });
  const past = [
    incident,
    before('shop-1', {}),
    before('shop-2', { alerts: incident.alerts.map((alert) => ({ ...alert, name: 'latency P0' })) }),
    before('mail-1', { key: 'mail', service: 'mail', alerts: [] }),
    before('shop-9', { startedAtMs: at(9_999) }),
  ];
  const found = similarTo(incident, past);
  assert.deepEqual(
    found.map(({ incident: { id }, score }) => [id, score]),
    [
      ['shop-1', 0.85],
      ['shop-2', 0.5],
    ],
  );
  assert.deepEqual(
    found[0]?.why.map((text) => textIn(text, 'en')),
    ['the same group of alerts (shop)', 'the same service (shop)', '1 of 1 alerts are the same: availability P0'],
  );
  const causes = diagnose({ ...nothing, past, pastCauses: new Map([['shop-1', 'pool too small']]) });
  const like = causes.find(({ id }) => id === 'similar/shop-1');
  const texts = like?.evidence.map(({ text }) => textIn(text, 'en')) ?? [];
  assert.ok(texts.includes('what helped then: rollback') && texts.includes('people wrote of its cause: pool too small'));
});

test('the order in which things are known changes nothing of the causes', () => {
  const input: DiagnosisInput = {
    ...nothing,
    releases: [release],
    past: Array.from({ length: 6 }, (_, index) => ({ ...incident, id: `shop-${index}`, startedAtMs: at(-index) })),
  };
  const want = diagnose(input);
  fc.assert(
    fc.property(fc.shuffledSubarray([...input.past], { minLength: 6 }), (past) => {
      assert.deepEqual(diagnose({ ...input, past }), want);
    }),
    { numRuns: 50 },
  );
});

test('versions are compared in the objective in which the new one is worse, which is named where there are several', () => {
  const measure = measured([]);
  const [first] = measure?.objectives ?? [];
  assert(measure && first);
  const of = (name: string, bad: number) => ({
    ...first,
    id: `shop/${name}`,
    name,
    versions: [
      { version: '1.1.0', bad, total: 1_000 },
      { version: '1.0.0', bad: 0, total: 9_000 },
    ],
  });
  const [cause] = diagnose({
    ...nothing,
    releases: [release],
    measure: { ...measure, objectives: [of('availability', 0), of('latency', 900)] },
  });
  assert.equal(cause?.strength, 'strong');
  assert.match(cause.evidence.map(({ text }) => textIn(text, 'en')).join('\n'), /^latency: 1\.1\.0: 900 of 1,000 bad/m);
});

test('failures that had ended long before traffic was back were not ended by that', () => {
  const [cause] = diagnose({ ...nothing, releases: [{ ...release, safeAtMs: at(500) }] });
  const said = cause?.evidence.map(({ text }) => textIn(text, 'en')).join('\n') ?? '';
  assert.match(said, /the failures had ended .* before all traffic was on 1\.0\.0 again: that is not what ended them/);
  assert.doesNotMatch(said, /the failures ended when/);
});
