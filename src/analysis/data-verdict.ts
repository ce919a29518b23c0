import { errorsOfStep, type Found } from './found.ts';
import type { VerdictKind } from './guard.ts';
import { blindAfter, trafficAfterS, trafficMin } from './rules.ts';
import type { Said } from './said.ts';
import type { GuardState } from './state.ts';
import { shareDeviation, shareThreshold } from './traffic.ts';

/** Whether there is anything trustworthy to judge: fresh measurements, enough requests, the share that was asked for. */
export function judgeData(state: GuardState): Found[] {
  return [
    dataFound(state, 'samples', ...samples(state)),
    dataFound(state, 'traffic', ...traffic(state)),
    dataFound(state, 'share', ...share(state)),
  ];
}

/** A verdict about the data, with the requests of the step. */
export function dataFound(state: GuardState, metric: string, kind: VerdictKind, said: Said): Found {
  return { metric, test: 'data', kind, said, ...errorsOfStep(state), logEvidence: null, logThreshold: null, sinceMs: null };
}

function samples({ compared, second, everyS, candidateAt, stableAt, begunAt, traffic }: GuardState): [VerdictKind, Said] {
  const now = second ?? 0;
  const candidateS = now - (candidateAt ?? begunAt ?? now);
  if (candidateS >= blindAfter(everyS)) return ['blind', { kind: 'unmeasured', who: 'candidate', seconds: candidateS }];
  // With all traffic on the candidate, or on a first release, there is no stable to measure.
  const stableS = compared.stable === null || traffic.weight >= 99.9 ? 0 : now - (stableAt ?? begunAt ?? now);
  if (stableS < blindAfter(everyS)) return ['pass', { kind: 'fresh' }];
  return ['blind', { kind: 'unmeasured', who: 'stable', seconds: stableS }];
}

function traffic({ traffic: t, policy }: GuardState): [VerdictKind, Said] {
  if (t.weightedS > trafficAfterS && t.nC < trafficMin) return ['blind', { kind: 'too-few', n: t.nC, seconds: t.weightedS }];
  if (t.nC < policy.minRequests) return ['undecided', { kind: 'asks-for-more', n: t.nC, asked: policy.minRequests }];
  return ['pass', { kind: 'requests', n: t.nC }];
}

function share({ traffic: t, matched, policy }: GuardState): [VerdictKind, Said] {
  const counts = { kind: 'share', n: t.nC, all: t.nC + t.nS, weight: t.weight } as const;
  if (t.shortfall >= shareThreshold) return ['blind', { ...counts, problem: 'few' }];
  if (t.excess >= shareThreshold && !matched) return ['blind', { ...counts, problem: 'many' }];
  const deviation = policy.shareWithinPpm === undefined ? null : shareDeviation(t, policy.shareWithinPpm);
  if (deviation !== null && !(deviation === 'many' && matched)) return ['undecided', { ...counts, problem: deviation }];
  return ['pass', { ...counts, problem: null }];
}
