import { compare, minus, one, over, type Rational, rational, times, toNumber } from '../../slo/rational.ts';
import { percentText } from '../../spec/unit-text.ts';
import { noBudget, partMs, partsOf } from './budget-rules.ts';
import type { UnitTest } from './burn-tests.ts';
import { drivenBy } from './driven.ts';
import { allowedOf, type Watched } from './objective.ts';
import { counted } from './timeline.ts';

/** A month that begins badly: both forms of what is left of the budget, early and at the end of a whole window. */
export function budgetTests(watched: Watched): readonly UnitTest[] {
  const { events, objective, labels } = watched;
  const driven = noBudget(watched) === null ? drivenBy(events) : null;
  if (!driven) return [];
  const allowed = allowedOf(watched);
  const thrice = times(allowed, rational(3));
  const ratio = compare(thrice, one) > 0 ? one : thrice;
  const parts = partsOf(objective.windowMs);
  const early = divisorNear(parts, Math.floor(parts / 30));
  const by = BigInt(Math.max(...driven.map(({ of }) => of)));
  const good = Number((ratio.d - ratio.n) * by);
  const bad = Number(ratio.n * by);
  const phases = [
    { ticks: early, events: { good, bad } },
    { ticks: parts - early, events: { good: good + bad, bad: 0 } },
  ];
  const spent = over(ratio, allowed);
  const seen = rational(early, parts);
  const left = (form: string, value: Rational) => `abs(slo:budget_left:${form}{${labels}} - ${toNumber(value)}) < bool 0.005`;
  const expected = [
    { expr: left('observed', minus(one, spent)), tick: early, value: 1 },
    { expr: left('allowance', minus(one, times(spent, seen))), tick: early, value: 1 },
    { expr: left('observed', minus(one, times(spent, seen))), tick: parts, value: 1 },
    { expr: left('allowance', minus(one, times(spent, seen))), tick: parts, value: 1 },
  ];
  return [
    {
      name: `${objective.name} (${percentText(objective.targetPpm)}): ${percentText(Math.round(toNumber(ratio) * 1_000_000))} fail for a thirtieth of the window`,
      intervalMs: partMs(objective.windowMs),
      // To look at the whole window in each part of it takes promtool long.
      evaluatedEvery: early,
      input: counted(driven, phases),
      expected: expected.map((one) => ({ ...one, expr: `sum(${one.expr})` })),
    },
  ];
}

/** The largest divisor that is not above a number. */
function divisorNear(parts: number, most: number): number {
  let found = Math.max(1, most);
  while (parts % found !== 0) found -= 1;
  return found;
}
