import type { StrategyDraft } from './strategy.ts';
import type { KayentaPolicy, Watch } from './types.ts';
import { durationText } from './unit-text.ts';

/**
 * Why Kayenta's judge could not do its work on a strategy; undefined where it can. It compares versions that both get traffic, and
 * a step of which it has made no judgement yet cannot pass: such a release would be held each time, so its document is refused.
 */
export function judgeProblem({ valueS, everyS }: KayentaPolicy, strategy: StrategyDraft): string | undefined {
  // The first judgement whose newest value lies on the step as a whole comes this late at worst.
  const neededMs = (everyS + valueS) * 1_000;
  const tooShort = (what: string, { maxMs }: Watch) =>
    maxMs < neededMs
      ? `Kayenta's judge may need ${durationText(neededMs)} (every and value) to judge ${what}, which ends after ${durationText(maxMs)}: give it a longer atMost, or judge more often`
      : undefined;
  if (strategy.kind === 'blueGreen') {
    if (strategy.test) return tooShort('the test of blueGreen', strategy.test);
    return "Kayenta's judge compares versions that both get traffic, and blueGreen without a test gives none to green before the switch: add a test, or take the guard's own judge";
  }
  if (strategy.kind === 'rolling') {
    if (strategy.watch.earlyMs !== undefined)
      return "a batch may end early, which takes a proof, and Kayenta's judge proves nothing: leave early out, or take the guard's own judge";
    return tooShort('a batch', strategy.watch);
  }
  for (const [index, step] of strategy.steps.entries()) {
    if (step.kind !== 'weight' && step.kind !== 'match') continue;
    if (step.earlyMs !== undefined)
      return `step ${index + 1} may end early, which takes a proof, and Kayenta's judge proves nothing: leave early out, or take the guard's own judge`;
    const problem = tooShort(`step ${index + 1}`, step);
    if (problem) return problem;
  }
  if (strategy.kind === 'flag') return undefined;
  return strategy.switch?.test ? tooShort('the test of switch', strategy.switch.test) : undefined;
}
