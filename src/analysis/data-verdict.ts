import { errorsOfStep, type Found } from './found.ts';
import type { MetricVerdict, VerdictKind } from './guard.ts';
import { blindAfterS, trafficAfterS, trafficMin } from './rules.ts';
import type { GuardState } from './state.ts';
import { shareThreshold } from './traffic.ts';
import { spanText, thousands } from './wording.ts';

/** Whether there is anything trustworthy to judge: fresh measurements, enough requests, the share that was asked for. */
export function judgeData(state: GuardState): Found[] {
  return [
    dataVerdict(state, 'samples', ...samples(state)),
    dataVerdict(state, 'traffic', ...traffic(state)),
    dataVerdict(state, 'share', ...share(state)),
  ].map((verdict) => ({ verdict, sinceMs: null }));
}

/** A verdict about the data, with the requests of the step. */
export function dataVerdict(state: GuardState, metric: string, kind: VerdictKind, sentence: string): MetricVerdict {
  return { metric, test: 'data', kind, sentence, ...errorsOfStep(state), logEvidence: null, logThreshold: null };
}

function samples({ compared, second, candidateAt, stableAt, begunAt, traffic }: GuardState): [VerdictKind, string] {
  const now = second ?? 0;
  const candidateS = now - (candidateAt ?? begunAt ?? now);
  if (candidateS >= blindAfterS) return ['blind', `no measurement of ${compared.candidate} for ${spanText(candidateS)}`];
  // With all traffic on the candidate, or on a first release, there is no stable to measure.
  const stableS = compared.stable === null || traffic.weight >= 99.9 ? 0 : now - (stableAt ?? begunAt ?? now);
  if (stableS < blindAfterS) return ['pass', 'measurements are fresh'];
  return [
    'blind',
    `no measurement of ${compared.stable} for ${spanText(stableS)}, so nothing to compare ${compared.candidate} with`,
  ];
}

function traffic({ compared, traffic: t, policy }: GuardState): [VerdictKind, string] {
  const had = `${compared.candidate} had ${thousands(t.nC)}`;
  if (t.weightedS > trafficAfterS && t.nC < trafficMin)
    return ['blind', `${had} requests in ${spanText(t.weightedS)}, too few to judge`];
  if (t.nC < policy.minRequests)
    return ['undecided', `${had} of the ${thousands(policy.minRequests)} requests that this step asks for`];
  return ['pass', `${had} requests on this step`];
}

function share({ compared, traffic: t, matched }: GuardState): [VerdictKind, string] {
  const text = `${compared.candidate} gets ${thousands(t.nC)} of ${thousands(t.nC + t.nS)} requests on this step where its weight is ${Number(t.weight.toFixed(2))} %`;
  if (t.shortfall >= shareThreshold) return ['blind', `${text}: too few`];
  if (t.excess >= shareThreshold && !matched) return ['blind', `${text}: too many`];
  return ['pass', text];
}
