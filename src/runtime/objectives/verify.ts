import { percentText, thousands } from '../../analysis/wording.ts';
import { stateOf } from '../../slo/evaluate.ts';
import type { SloState } from '../../slo/types.ts';
import { durationText, percentText as targetText } from '../../spec/unit-text.ts';
import type { ObjectiveKeeper } from './objective-keeper.ts';
import type { RunningObjective } from './running-objective.ts';

/** What an objective was like over some time. Answer of `GET /api/v1/services/NAME/verify`. */
export type VerifiedObjective = {
  readonly id: string;
  /** Only `ok` passes: without traffic nothing is proven, and without data nothing is known. */
  readonly ok: boolean;
  readonly state: SloState;
  readonly bad: number;
  readonly total: number;
  readonly targetPpm: number;
  /** In one sentence, with the numbers. */
  readonly said: string;
};

const words: Readonly<Record<SloState, string>> = {
  ok: 'kept',
  breaching: 'not kept',
  'no-traffic': 'no traffic, so nothing is proven',
  'no-data': 'no data, so nothing is known',
};

/**
 * Whether an objective was kept over so much time, by its target and not by its budget.
 *
 * @param endMs - End of that time; left out: that of the newest slot which is known.
 */
export function verifyObjective(
  objectives: ObjectiveKeeper,
  running: RunningObjective,
  windowMs: number,
  endMs?: number,
): VerifiedObjective {
  const { id, objective, sums } = running;
  const { isStale, endS } = objectives.read(running);
  const nowMs = endMs ?? (isStale ? objectives.nowMs() : endS * 1_000);
  const { bad, total } = objectives.between(id, nowMs - windowMs, nowMs);
  const isKnown = !isStale && sums.knownFromS > 0;
  const state = stateOf(objective, { bad, total }, isKnown);
  const sinceMs = sums.knownFromS * 1_000;
  const short =
    isKnown && sinceMs > nowMs - windowMs
      ? `; counts begin only ${durationText(Math.max(1_000, Math.floor((nowMs - sinceMs) / 1_000) * 1_000))} ago`
      : '';
  const numbers =
    total === 0
      ? ''
      : `: ${thousands(bad)} of ${thousands(total)} bad in ${durationText(windowMs)} (${percentText((1 - bad / total) * 1e6)} good, target ${targetText(objective.targetPpm)})`;
  return {
    id,
    ok: state === 'ok',
    state,
    bad,
    total,
    targetPpm: objective.targetPpm,
    said: `${objective.name} ${words[state]}${numbers}${short}`,
  };
}
