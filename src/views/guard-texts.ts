import type { MetricPolicy } from '../analysis/guard.ts';
import type { Plan } from '../release/types.ts';
import { durationText, percentText } from '../spec/unit-text.ts';

/** What the guard of a plan keeps to, one line for each thing that it watches. */
export function guardTexts(plan: Plan): readonly string[] {
  const { errors, latency, metrics = [], shareWithinPpm, minRequests, judge } = plan.guard;
  const atOnce = plan.stable === null ? null : `${plan.stable} at the same time`;
  const texts = [
    `errors: ${listed(
      `at most ${share(errors.maxPpm)}`,
      atOnce && `at most ${share(errors.worseByPpm)} more than ${atOnce}`,
      isLimit(errors.warnPpm) && `people decide above ${share(errors.warnPpm)}`,
    )}`,
  ];
  for (const { quantilePpm, worseByPpm, maxMs, warnMs } of latency) {
    const parts = listed(
      isLimit(maxMs) && `at most ${durationText(maxMs)}`,
      isLimit(worseByPpm) && atOnce && `at most ${share(worseByPpm)} slower than ${atOnce}`,
      isLimit(warnMs) && `people decide above ${durationText(warnMs)}`,
    );
    if (parts !== '') texts.push(`p${quantilePpm / 10_000}: ${parts}`);
  }
  for (const metric of metrics) {
    const parts = metricText(metric, atOnce);
    if (parts !== '') texts.push(`${metric.name}: ${parts}`);
  }
  if (judge !== undefined && plan.stable !== null)
    texts.push(
      `Kayenta's judge compares with ${plan.stable}, up to 100 %: a step needs a score of ${judge.passMin}, and ${judge.marginalMin} or less goes back`,
    );
  if (shareWithinPpm !== undefined && plan.stable !== null)
    texts.push(`share of requests: within ${share(shareWithinPpm)} of the weight, else people decide`);
  texts.push(`at least one ready instance, at all times; at least ${minRequests} requests before a step can pass`);
  return texts;
}

function metricText(metric: MetricPolicy, atOnce: string | null): string {
  const { worseByPpm } = metric;
  const more = isLimit(worseByPpm) && atOnce && `at most ${share(worseByPpm)} more than ${atOnce}`;
  if (metric.kind === 'ratio')
    return listed(
      isLimit(metric.maxPpm) && `at most ${share(metric.maxPpm)}`,
      more,
      isLimit(metric.warnPpm) && `people decide above ${share(metric.warnPpm)}`,
    );
  const time = metric.forS > 0 ? ` for ${durationText(metric.forS * 1_000)}` : '';
  return listed(
    isLimit(metric.max) && `not above ${metric.max}${time}`,
    more,
    isLimit(metric.warn) && `people decide above ${metric.warn}${time}`,
  );
}

function isLimit(limit: number | null | undefined): limit is number {
  return limit !== null && limit !== undefined;
}

function listed(...parts: readonly (string | false | null)[]): string {
  return parts.filter((part) => part !== false && part !== null).join(', and ');
}

/** In a sentence the sign stands apart, as in every other one. */
function share(ppm: number): string {
  return percentText(ppm).replace('%', ' %');
}
