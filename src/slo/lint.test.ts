import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintPolicy } from './lint.ts';
import { defaultPolicy } from './policy.ts';
import type { BurnPolicy, Target, Tier } from './types.ts';

const day = 86_400_000;
const target = (targetPpm: number, days = 30): Target => ({ targetPpm, windowMs: days * day });
const [p0, p1, p2] = defaultPolicy as unknown as readonly [Tier, Tier, Tier];

const cases: readonly [
  what: string,
  policy: BurnPolicy,
  target: Target,
  rps: number | null,
  retentionDays: number,
  found: readonly RegExp[],
][] = [
  ['the usual policy with traffic', defaultPolicy, target(999_000), 100, 30, []],
  ['the usual policy without known traffic', defaultPolicy, target(999_000), null, 30, []],
  ['an objective that may never fail', defaultPolicy, target(1_000_000), 100, 30, [/100 % has no budget/]],
  ['a target so low that an outage does not exceed it', defaultPolicy, target(900_000), 100, 30, [/^P0: it can never fire/]],
  [
    'Sloth’s fourth window over 28 days',
    [p0, { ...p2, name: 'P1', sharePpm: 100_000, longMs: 3 * day }],
    target(999_000, 28),
    100,
    30,
    [/^P1: it fires at 0\.933 times the even burn/],
  ],
  [
    'a window of a day',
    [{ ...p0, longMs: 120_000, shortMs: 6_000 }],
    target(999_000, 1),
    100,
    30,
    [/its short window of 6s is less than a slot of 10s/],
  ],
  [
    'counts that are forgotten too soon',
    defaultPolicy,
    target(999_000),
    100,
    2,
    [/^P2: its window of 3d is longer than counts are kept \(2d\)/],
  ],
  ['windows the wrong way round', [{ ...p0, shortMs: p0.longMs }], target(999_000), 100, 30, [/short window is not shorter/]],
  ['the slow one first', [p1, p0], target(999_000), 100, 30, [/^P0 fires at a faster burn than P1/]],
  [
    'one failure of few requests',
    [{ ...p0, minBad: 0 }],
    target(999_000),
    0.01,
    30,
    [/one bad event makes it fire: at 0\.01 requests\/s its window has 36, fewer than 70/],
  ],
  [
    'fewer requests than bad events are asked for',
    [p0],
    target(999_000),
    0.002,
    30,
    [/it needs 10 bad events, and at 0\.002 requests\/s its window has only 7\.2/],
  ],
];
for (const [what, policy, objective, rps, days, wanted] of cases)
  test(`lint: ${what}`, () => {
    const found = lintPolicy(policy, objective, rps, days * day).map(({ text }) => text);
    assert.equal(found.length, wanted.length, found.join('\n'));
    for (const [index, one] of wanted.entries()) assert.match(found[index] ?? '', one);
  });
