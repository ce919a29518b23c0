import { durationText, percentText } from '../spec/unit-text.ts';
import { allowedRatio, aloneBelow, factorOf, thresholdOf } from './policy.ts';
import { compare, one, toNumber } from './rational.ts';
import type { BurnPolicy, Target, Tier } from './types.ts';

/** Slots of the evaluation: a window is a whole number of them. */
export const slotMs = 10_000;

/** Something about a policy that does not do what people take it for. `error`: it cannot work; `warning`: they should know. */
export type PolicyFinding = { readonly level: 'error' | 'warning'; readonly tier: string | null; readonly text: string };

/**
 * What is wrong with a policy for one target and its traffic, the gravest first.
 *
 * @param requestsPerSecond - null: not known.
 * @param retentionMs - How far back counts are kept.
 */
export function lintPolicy(
  policy: BurnPolicy,
  target: Target,
  requestsPerSecond: number | null,
  retentionMs: number,
): readonly PolicyFinding[] {
  const found: PolicyFinding[] = [];
  if (allowedRatio(target).n === 0n)
    found.push({
      level: 'error',
      tier: null,
      text: 'an objective of 100 % has no budget: every bad event breaks it, and no burn rate can be reckoned. Use 99.999 % or less',
    });
  else for (const tier of policy) found.push(...lintTier(tier, target, requestsPerSecond, retentionMs));
  for (const [index, tier] of policy.entries()) {
    const before = policy[index - 1];
    if (before && compare(factorOf(tier, target), factorOf(before, target)) >= 0)
      found.push({
        level: 'error',
        tier: tier.name,
        text: `${tier.name} fires at a faster burn than ${before.name}, which is more urgent: put the fastest first`,
      });
  }
  return found.sort((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning'));
}

function lintTier(tier: Tier, target: Target, requestsPerSecond: number | null, retentionMs: number): readonly PolicyFinding[] {
  const { name, shortMs, longMs, minBad, sharePpm } = tier;
  const found: PolicyFinding[] = [];
  const say = (level: PolicyFinding['level'], text: string) => void found.push({ level, tier: name, text: `${name}: ${text}` });
  const factor = toNumber(factorOf(tier, target));
  if (shortMs < slotMs)
    say(
      'error',
      `its short window of ${durationText(shortMs)} is less than a slot of ${durationText(slotMs)}, so it is always empty`,
    );
  if (shortMs >= longMs) say('error', 'its short window is not shorter than its long one');
  if (longMs > retentionMs)
    say('error', `its window of ${durationText(longMs)} is longer than counts are kept (${durationText(retentionMs)})`);
  if (longMs > target.windowMs) say('error', `its window is longer than the objective's ${durationText(target.windowMs)}`);
  if (compare(thresholdOf(tier, target), one) >= 0)
    say(
      'error',
      `it can never fire: ${percentText(sharePpm)} of this budget in ${durationText(longMs)} is more than all events failing. Lower the share, or take a longer window`,
    );
  if (factor < 1)
    say(
      'error',
      `it fires at ${rounded(factor)} times the even burn, so also for a service that ends within its budget. Raise the share, or take a shorter window`,
    );
  const alone = aloneBelow(tier, target);
  if (requestsPerSecond === null || compare(thresholdOf(tier, target), one) >= 0) return found;
  const inWindow = (requestsPerSecond * longMs) / 1_000;
  if (minBad <= 1 && inWindow < alone)
    say(
      'warning',
      `one bad event makes it fire: at ${rounded(requestsPerSecond)} requests/s its window has ${rounded(inWindow)}, fewer than ${alone}. Ask for at least 10 bad events`,
    );
  if (minBad > 1 && inWindow < minBad)
    say(
      'warning',
      `it needs ${minBad} bad events, and at ${rounded(requestsPerSecond)} requests/s its window has only ${rounded(inWindow)} in all: it can hardly fire. Send synthetic requests, or take a longer window`,
    );
  return found;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
