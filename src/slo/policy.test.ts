import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withVectors } from '../../test/vectors.fixture.ts';
import { budgetOf, burnOf } from './budget.ts';
import { aloneBelow, defaultPolicy, detectMsOf, factorOf, fires, resetMsOf, thresholdOf } from './policy.ts';
import { compare, minus, one, over, plus, type Rational, rational, times, toNumber } from './rational.ts';
import type { Target, Tier } from './types.ts';

const month = 30 * 86_400_000;
const minuteMs = 60_000;

/** `72/5`, `50` or `0.999` as the fraction it is. */
function exact(text: string): Rational {
  if (text.includes('/')) {
    const [n = '0', d = '1'] = text.split('/');
    return rational(BigInt(n), BigInt(d));
  }
  const [whole = '0', rest = ''] = text.split('.');
  return rational(BigInt(whole + rest), 10n ** BigInt(rest.length));
}

const targetOf = (text: string): Target => ({ targetPpm: Math.round(Number(text) * 1_000_000), windowMs: month });
const named = (name: string): Tier => defaultPolicy.find((tier) => tier.name === name) as Tier;
const same = (given: Rational, wanted: Rational, what: string): void =>
  assert.equal(compare(given, wanted), 0, `${what}: ${given.n}/${given.d}, not ${wanted.n}/${wanted.d}`);

type SeedPolicy = {
  readonly policies: readonly {
    readonly id: string;
    readonly factor: { readonly exact: string };
    readonly by_target: readonly {
      readonly target: string;
      readonly error_ratio_threshold: { readonly exact: string };
      readonly can_ever_fire: boolean;
      readonly min_requests_in_long_window_so_that_one_failure_does_not_fire: number;
      readonly detect_seconds_at_100pct_errors: number;
      readonly reset_seconds_after_100pct_outage: number | null;
    }[];
  }[];
};

withVectors<SeedPolicy>('math/seed_policy.json', ({ policies }) => {
  for (const { id, factor, by_target } of policies)
    for (const row of by_target)
      test(`${id} at ${row.target}: factor, threshold, and what all requests failing means`, () => {
        const [tier, target] = [named(id), targetOf(row.target)];
        same(factorOf(tier, target), exact(factor.exact), 'factor');
        same(thresholdOf(tier, target), exact(row.error_ratio_threshold.exact), 'threshold');
        assert.equal(compare(thresholdOf(tier, target), one) < 0, row.can_ever_fire);
        if (!row.can_ever_fire) return assert.equal(detectMsOf(tier, target, one), null);
        assert.equal(aloneBelow(tier, target), row.min_requests_in_long_window_so_that_one_failure_does_not_fire);
        const detect = detectMsOf(tier, target, one);
        const reset = resetMsOf(tier, target, one);
        assert(detect && reset);
        assert.ok(Math.abs(toNumber(detect) / 1_000 - row.detect_seconds_at_100pct_errors) < 1e-6);
        assert.ok(Math.abs(toNumber(reset) / 1_000 - (row.reset_seconds_after_100pct_outage ?? Number.NaN)) < 1e-6);
      });
});

type DetectionRows = {
  readonly rows: readonly {
    readonly target: string;
    readonly error_ratio: string;
    readonly policy: string;
    readonly burn: { readonly exact: string };
    readonly detect_minutes_formula: { readonly exact: string } | null;
    readonly detect_minute_simulated: number | null;
    readonly reset_minutes_formula: { readonly exact: string } | null;
    readonly reset_minute_simulated: number | null;
  }[];
};

/** Minutes of even traffic after which a tier fires, and after which it has resolved: minute by minute, as an evaluation sees them. */
function simulated(tier: Tier, target: Target, ratio: Rational): { detect: number | null; reset: number | null } {
  // So many in a minute that every ratio of the vectors is a whole number of them.
  const perMinute = Number(ratio.d) * 10;
  const badPerMinute = Number(ratio.n) * 10;
  const isFiring = (badFrom: number, badTo: number, now: number): boolean => {
    const inWindow = (lengthMs: number) => {
      const minutes = lengthMs / minuteMs;
      const bad = Math.max(0, Math.min(badTo, now) - Math.max(badFrom, now - minutes));
      return { bad: bad * badPerMinute, total: minutes * perMinute };
    };
    return fires({ ...tier, minBad: 0 }, thresholdOf(tier, target), inWindow(tier.longMs), inWindow(tier.shortMs));
  };
  const most = tier.longMs / minuteMs + 1;
  let detect: number | null = null;
  for (let minute = 1; minute <= most && detect === null; minute += 1) if (isFiring(0, minute, minute)) detect = minute;
  if (detect === null) return { detect: null, reset: null };
  for (let minute = 1; minute <= most; minute += 1) if (!isFiring(0, most, most + minute)) return { detect, reset: minute };
  return { detect, reset: null };
}

withVectors<DetectionRows>('math/detection_reset.json', ({ rows }) => {
  test(`${rows.length} rows of detection and reset times are met by the formulas and by evaluating every minute`, () => {
    for (const row of rows) {
      const [tier, target, ratio] = [named(row.policy), targetOf(row.target), exact(row.error_ratio)];
      const what = `${row.policy} ${row.target} ${row.error_ratio}`;
      const burn = burnOf(target, { bad: Number(ratio.n), total: Number(ratio.d) });
      assert(burn);
      same(burn, exact(row.burn.exact), what);
      const detect = detectMsOf(tier, target, ratio);
      const reset = resetMsOf(tier, target, ratio);
      assert.equal(detect === null, row.detect_minutes_formula === null, what);
      if (detect && row.detect_minutes_formula)
        same(over(detect, rational(minuteMs)), exact(row.detect_minutes_formula.exact), what);
      if (reset && row.reset_minutes_formula) same(over(reset, rational(minuteMs)), exact(row.reset_minutes_formula.exact), what);
      assert.deepEqual(
        simulated(tier, target, ratio),
        { detect: row.detect_minute_simulated, reset: row.reset_minute_simulated },
        what,
      );
    }
  });
});

type Budgets = {
  readonly cases: readonly {
    readonly name: string;
    readonly target: string;
    readonly total: number;
    readonly bad: number;
    readonly expected_total_in_window: number;
    readonly remaining_ratio_of_observed: { readonly exact: string };
    readonly remaining_of_expected_allowance: { readonly exact: string };
    readonly allowance_events_expected: { readonly exact: string };
  }[];
};

withVectors<Budgets>('math/budget_remaining.json', ({ cases }) => {
  for (const row of cases)
    test(`the budget left of ${row.name} is exact, in both ways`, () => {
      const target = { targetPpm: Number(times(exact(row.target), rational(1_000_000)).n) };
      const budget = budgetOf(target, row, row.expected_total_in_window);
      same(budget.allowance, exact(row.allowance_events_expected.exact), 'allowance');
      assert(budget.ofAllowance && budget.ofObserved);
      same(budget.ofAllowance, exact(row.remaining_of_expected_allowance.exact), 'of the allowance');
      same(budget.ofObserved, exact(row.remaining_ratio_of_observed.exact), 'of what was observed');
    });
});

test('a budget of nothing, and one of no events, is no number', () => {
  assert.deepEqual(budgetOf({ targetPpm: 1_000_000 }, { bad: 1, total: 10 }, 10).ofObserved, null);
  assert.deepEqual(budgetOf({ targetPpm: 999_000 }, { bad: 0, total: 0 }, 0).ofAllowance, null);
  assert.equal(burnOf({ targetPpm: 999_000 }, { bad: 0, total: 0 }), null);
});

test('exactly at the threshold nothing fires, one bad event more does, however large the numbers are', () => {
  const target = { targetPpm: 999_000, windowMs: month };
  const tier = { ...named('P0'), minBad: 0 };
  // 1.44 % of this many is a whole number.
  for (const total of [625, 1_000_000, 625 * 2 ** 40]) {
    const bad = (total / 625) * 9;
    assert(!fires(tier, thresholdOf(tier, target), { bad, total }, { bad, total }));
    assert(fires(tier, thresholdOf(tier, target), { bad: bad + 1, total }, { bad: bad + 1, total }));
    assert(
      !fires(tier, thresholdOf(tier, target), { bad: bad + 1, total }, { bad: 0, total: 0 }),
      'a short window without events resolves',
    );
  }
  assert(!fires({ ...tier, minBad: 10 }, thresholdOf(tier, target), { bad: 9, total: 9 }, { bad: 9, total: 9 }));
});

test('fractions keep the laws of arithmetic, exactly', () => {
  const fraction = fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 30n }))
    .map(([n, d]) => rational(n, d));
  fc.assert(
    fc.property(fraction, fraction, fraction, (a, b, c) => {
      same(times(a, plus(b, c)), plus(times(a, b), times(a, c)), 'distributive');
      same(minus(plus(a, b), b), a, 'inverse');
      if (b.n !== 0n) same(times(over(a, b), b), a, 'inverse of times');
      assert.equal(Math.sign(compare(a, b)), -Math.sign(compare(b, a)));
    }),
  );
  assert.throws(() => rational(1, 0), RangeError);
  assert.equal(toNumber(rational(10n ** 40n + 1n, 10n ** 40n)), 1);
});
