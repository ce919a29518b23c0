import { durationText as longDurationText } from '../../spec/unit-text.ts';
import { durationText, percentText, quantileText, spanText, thousands } from '../wording.ts';
import type { ObjectiveNeed, StepObjective, UnseenObjective } from './objectives.ts';
import type { PlanSight } from './plan-sight.ts';
import type { LatencySight, Noticed, Sight } from './sight.ts';

/**
 * What the guard will notice on a step, for people: a sentence about errors, then one for each compared quantile, and one for the
 * objectives that the step is too weak for.
 */
export function sightEnglish(sight: Sight, objectives: readonly StepObjective[]): readonly string[] {
  if (sight.kind === 'no-traffic') return ['there is no traffic now: the guard will see nothing and the step will be held'];
  const weak = objectives.filter(({ seen }) => seen === false);
  const sentences = [errors(sight), ...sight.latency.flatMap((latency) => latencySentence(latency, sight.stepS) ?? [])];
  if (weak.length > 0)
    sentences.push(`too little for ${and(weak.map((one) => `${one.name} (${bad(one, percentText(one.neededRisePpm))})`))}`);
  return sentences;
}

/** The one warning about what a whole plan cannot see. */
export function planSightEnglish(found: PlanSight): string {
  if (found.kind === 'weak') {
    const { weight, stepS, smallestRisePpm, usefulRisePpm } = found;
    const best = `${percentText(weight * 10_000)} for ${spanText(stepS)}`;
    const sees = smallestRisePpm === null ? 'not even a total failure' : `no fewer than ${percentText(smallestRisePpm)}`;
    return `too few requests for these steps: none before full traffic will notice ${percentText(usefulRisePpm)} more errors; the one that sees most, ${best}, notices ${sees}`;
  }
  const { worst, others } = found;
  const { name, belowMs, unseen, weight, targetPpm, windowMs, pagingBurn, neededRisePpm } = worst;
  const below = belowMs === null ? '' : ` below ${durationText(belowMs)}`;
  const promise = `objective ${name} (${percentText(targetPpm)}${below} over ${longText(windowMs / 1000)})`;
  const passes = weight >= 99.9 ? 'can last through the bake unnoticed' : 'can pass every step before full traffic unnoticed';
  const fault = `${bad(worst, `up to ${percentText(unseen.risePpm)}`)} ${passes}`;
  const burns = `would then spend the error budget ${times(unseen.burn)} times too fast, all of it within ${longText(worst.exhaustedAfterS)}`;
  const needs = `a step should notice ${percentText(neededRisePpm)} (${times(pagingBurn)} times too fast, which pages)`;
  const also = others.map((one) => `${one.name} (${bad(one, `up to ${percentText(one.unseen.risePpm)}`)})`);
  const too = also.length > 0 ? `; the same goes for ${and(also)}` : '';
  return `${promise}: ${fault} and ${burns}; ${needs}: ${remedy(worst)}${too}`;
}

/** What had to be assumed about the traffic of a step, one sentence each. */
export function assumedEnglish(sight: Sight): readonly string[] {
  if (sight.kind === 'no-traffic') return [];
  const { assumedPpm } = sight.errors;
  const unknown = sight.latency.filter(({ noticed }) => noticed === null).map(({ quantilePpm }) => quantileText(quantilePpm));
  return [
    ...(assumedPpm === null ? [] : [`how many of them fail is not known: taken as ${percentText(assumedPpm)}`]),
    ...(unknown.length === 0 ? [] : [`how long they take is not known, nor what the guard will notice of it by ${and(unknown)}`]),
  ];
}

function errors(sight: Extract<Sight, { kind: 'forecast' }>): string {
  const { basis, errors: seen, stepS, weight } = sight;
  const at = `at ${percentText(weight * 10_000)} of ${rate(sight.requestsPerSecond)} requests/s`;
  const limits = basis === 'first' || basis === 'kayenta';
  const where = `${judge(sight)}${limits ? `${at}, by the limits alone,` : at}`;
  if (seen.smallestRisePpm === null) {
    const why = limits && seen.limitPpm >= 1_000_000 ? 'there is no limit' : 'too few requests';
    return `${where} you will not notice errors within ${spanText(stepS)}: ${why}`;
  }
  return `${where} you will notice ${list(seen, stepS, basis === 'first' ? 'errors' : 'more errors')}`;
}

function judge({ basis, judgedEveryS, weight }: Extract<Sight, { kind: 'forecast' }>): string {
  if (basis !== 'kayenta' || judgedEveryS === null) return '';
  if (weight >= 100) return "at 100 % Kayenta's judge has nothing to compare with: only the limits watch; ";
  return `Kayenta's judge compares after every ${longDurationText(judgedEveryS * 1000)} of traffic; what it will notice cannot be told beforehand; `;
}

/** null where stable's latency is unknown: that is said once, about the whole plan. */
function latencySentence({ quantilePpm, noticed }: LatencySight, stepS: number): string | null {
  const name = quantileText(quantilePpm);
  if (noticed === null) return null;
  if (noticed.smallestRisePpm === null) {
    const why = stepS <= 60 ? 'the first 60 s of a step are warm-up' : 'too few requests';
    return `by ${name} you will not notice slower answers within ${spanText(stepS)}: ${why}`;
  }
  return `by ${name} you will notice that all answers are ${list(noticed, stepS, 'slower')}`;
}

/** A rise hardly larger than the smallest one adds a number and no news. */
const clearly = 1.3;

function list({ smallestRisePpm, noticedAfter }: Noticed, stepS: number, what: string): string {
  const smallest = smallestRisePpm ?? 0;
  const sooner = noticedAfter.flatMap(({ risePpm, seconds }) =>
    seconds !== null && seconds < stepS && risePpm > clearly * smallest
      ? [`${percentText(risePpm)} within ${spanText(seconds)}`]
      : [],
  );
  return and([`${percentText(smallest)} ${what} within ${spanText(stepS)}`, ...sooner]);
}

function remedy({ remedy: of, weight, belowMs, stepS }: UnseenObjective): string {
  if (of.kind === 'margin')
    return belowMs === null
      ? `the guard accepts that, so set \`guard.errors.worseBy\` well below it`
      : 'no latency that the guard compares shows that: set `worseBy` of a quantile nearer to it';
  const longer = of.seconds ? `observe ${percentText(weight * 10_000)} for at least ${spanText(of.seconds)}` : null;
  const more = of.weight ? `send at least ${percentText(of.weight * 10_000)} for ${spanText(stepS)}` : null;
  if (longer === null && more === null)
    return 'with so few requests no step shorter than a day does, so add requests of your own';
  const fewer = longer !== null && weight < 99.9 ? ' (fewer steps leave more time for it)' : '';
  return `${[longer, more].filter((one) => one !== null).join(', or ')}${fewer}`;
}

function bad({ belowMs }: ObjectiveNeed, share: string): string {
  return belowMs === null ? `${share} more errors` : `${share} more answers slower than ${durationText(belowMs)}`;
}

/** Three digits that count, and thousands. */
function rate(perSecond: number): string {
  return perSecond >= 1000 ? thousands(Number(perSecond.toPrecision(3))) : String(Number(perSecond.toPrecision(3)));
}

function times(burn: number): string {
  return burn < 100 ? String(Number(burn.toPrecision(3))) : thousands(burn);
}

/** Seconds as a long span: days from two days on. */
function longText(seconds: number): string {
  return seconds < 2 * 86_400 ? spanText(seconds) : `${Math.round(seconds / 86_400)} days`;
}

function and(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${last}` : last;
}
