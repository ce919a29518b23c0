import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english } from './english.ts';
import { russian } from './russian.ts';
import type { Said } from './said.ts';

const names = { candidate: '1.1.0', stable: '1.0.0' };
const bad = (count: number, n: number) => ({ bad: count, n });
const weight = { log: Math.log(3900), seconds: 3 };

const cases: readonly [said: Said, en: string, ru: string][] = [
  [
    { kind: 'errors', errorClass: null, candidate: bad(21, 104), stable: bad(1, 930), weight },
    '1.1.0 fails 21 of 104 requests where 1.0.0 fails 1 of 930; evidence 3,900 : 1 after 3 s',
    'у 1.1.0 не удался 21 из 104 запросов, у 1.0.0 — 1 из 930; свидетельства 3 900 : 1 за 3 с',
  ],
  [
    { kind: 'errors', errorClass: 'timeout', candidate: bad(1, 21), stable: null, weight: null },
    '1.1.0 fails 1 of 21 requests by timeout',
    'у 1.1.0 не удался 1 из 21 запроса (истекло время)',
  ],
  [
    { kind: 'error-limit', level: 'max', limitPpm: 125_000, candidate: bad(5, 11), shared: { stable: bad(3, 12) } },
    '1.1.0 fails 5 of 11 requests; the limit is 12.5 %; 1.0.0 breaks it too with 3 of 12, so a rollback cannot cure it',
    'у 1.1.0 не удались 5 из 11 запросов; предел 12,5 %; у 1.0.0 так же (3 из 12), откат этого не исправит',
  ],
  [
    { kind: 'latency-limit', level: 'warn', quantilePpm: 999_000, limitMs: 2500, candidate: bad(2, 100), shared: null },
    '1.1.0 answers 2 of 100 requests slower than 2.5s; p99.9 limit allows 0.1 %, above it people decide',
    'у 1.1.0 медленнее 2,5 с 2 из 100 запросов; предел p99.9 допускает 0,1 %, выше решают люди',
  ],
  [
    { kind: 'slower', edgeMs: 500, candidate: bad(30, 40), stable: bad(1, 400), weight: { log: 20, seconds: null } },
    '1.1.0 answers 30 of 40 requests slower than 500ms where 1.0.0 answers 1 of 400; evidence more than 1,000,000 : 1',
    'у 1.1.0 медленнее 500 мс 30 из 40 запросов, у 1.0.0 — 1 из 400; свидетельства больше 1 000 000 : 1',
  ],
  [
    { kind: 'share', n: 0, all: 1234, weight: 10, problem: 'few' },
    '1.1.0 gets 0 of 1,234 requests on this step where its weight is 10 %: too few',
    '1.1.0 получает 0 из 1 234 запросов на этом шаге при весе 10 %: слишком мало',
  ],
  [{ kind: 'requests', n: 22 }, '1.1.0 had 22 requests on this step', 'у 1.1.0 было 22 запроса на этом шаге'],
  [
    { kind: 'gauge-limit', name: 'cpu', level: 'max', limit: 95, value: 97.25, seconds: 30, shared: false },
    'cpu: 1.1.0 is at 97.25 for 30 s; the limit is 95',
    'cpu: у 1.1.0 97,25 уже 30 с; предел 95',
  ],
];
for (const [said, en, ru] of cases)
  test(`${said.kind}: ${en}`, () => {
    assert.equal(english(said, names), en);
    assert.equal(russian(said, names).replaceAll('\u00a0', ' '), ru);
  });

test('every kind has a sentence in both languages, with a stable version and without', () => {
  const rest: readonly Said[] = [
    { kind: 'no-request' },
    { kind: 'silent', seconds: 61 },
    { kind: 'unmeasured', who: 'candidate', seconds: 61 },
    { kind: 'unmeasured', who: 'stable', seconds: 61 },
    { kind: 'fresh' },
    { kind: 'too-few', n: 3, seconds: 400 },
    { kind: 'asks-for-more', n: 3, asked: 20 },
    { kind: 'share', n: 1, all: 10, weight: 12.5, problem: 'many' },
    { kind: 'latency-unknown', why: 'warm-up' },
    { kind: 'latency-unknown', why: 'few-requests' },
    { kind: 'not-slower', worseByPpm: 200_000, n: 1 },
    { kind: 'metric-unknown', name: 'cpu', silentS: null },
    { kind: 'metric-unknown', name: 'cpu', silentS: 200 },
    { kind: 'ratio', name: 'declined', candidate: bad(1, 2), stable: bad(1, 2), weight },
    { kind: 'ratio-limit', name: 'declined', level: 'warn', limitPpm: 10_000, candidate: bad(1, 2), shared: { stable: null } },
    { kind: 'gauge', name: 'cpu', candidate: 12_345, stable: 1.5, beyond: 3, of: 21, weight },
    { kind: 'gauge-limit', name: 'cpu', level: 'warn', limit: 80, value: 90, seconds: 0, shared: true },
  ];
  for (const said of [...rest, ...cases.map(([one]) => one)])
    for (const compared of [names, { candidate: '1.1.0', stable: null }]) {
      for (const text of [english(said, compared), russian(said, compared)]) {
        assert.ok(text.length > 8 && !/undefined|null|NaN/.test(text), text);
        assert.ok(!text.endsWith('.'), text);
      }
      assert.match(russian(said, compared), /[а-я]/i);
    }
});
