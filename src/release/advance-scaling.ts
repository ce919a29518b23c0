import { hasEvidence, missingEvidence } from './evidence.ts';
import { hold } from './hold.ts';
import { readyEndpoints } from './levels.ts';
import { neverRunsText } from './never-runs.ts';
import { goBack, retireMs } from './rollback.ts';
import { candidateReplicas, isGrown, isShrunk, scaleOf } from './scaling.ts';
import type { Move, ReleaseState, Scaling, ServiceState, StepPart } from './types.ts';

/**
 * Growing, or: those that stay are ready → no requests to the others → they finish what they have → they end. null: it is done. What is
 * taken from stable is what more traffic is taken from, so it needs the same evidence.
 */
export function advanceScaling(
  state: ServiceState,
  release: ReleaseState,
  step: Scaling,
  part: Extract<StepPart, { kind: 'growing' | 'draining' | 'shrinking' }>,
  atMs: number,
): Move | null {
  const { phase, plan, version } = release;
  if (phase.kind !== 'stepping') return { state, said: null };
  const stay: Move = { state, said: null };
  const become = (next: StepPart, said: string | null, more: Partial<ReleaseState> = {}): Move => ({
    state: { ...state, live: { ...release, ...more, phase: { ...phase, part: next } } },
    said,
  });
  switch (part.kind) {
    case 'growing': {
      const instances = state.instances[version] ?? [];
      const problem = instances.find((instance) => instance.problem)?.problem;
      const never = neverRunsText(release, instances);
      if (never !== null) return goBack(state, release, 'target', never, atMs);
      if (atMs >= part.untilMs) return goBack(state, release, 'deadline', lateText(state, release, part.smoke, problem), atMs);
      if (part.smoke || !isGrown(state, release, step)) return stay;
      if (step.of === 'candidate') return plan.smoke.length > 0 ? become({ ...part, smoke: true }, `${version} is ready`) : null;
      const percent = step.percent ?? 0;
      const isMore = percent > release.exposure.weight;
      if (isMore && !release.hurried && !hasEvidence(release, 0, 0, atMs))
        return hold(state, release, phase.step, 'evidence', missingEvidence(release, 0, 0, atMs), atMs);
      return become({ kind: 'applying', untilMs: atMs + plan.routeMs }, null, {
        scale: { ...scaleOf(release), routed: step.replicas },
        ...(isMore ? { exposure: { ...release.exposure, weight: percent } } : {}),
      });
    }
    case 'draining': {
      if (atMs < part.untilMs || step.of === 'candidate') return stay;
      const scale = { ...scaleOf(release), stable: step.replicas };
      return become({ kind: 'shrinking', untilMs: atMs + retireMs(plan) }, null, { scale });
    }
    case 'shrinking': {
      if (step.of === 'candidate' || isShrunk(state, release, step.replicas)) return null;
      if (atMs < part.untilMs) return stay;
      return become({ ...part, untilMs: atMs + retireMs(plan) }, `instances of ${plan.stable} have not ended yet; keeps trying`);
    }
  }
}

/** What did not become ready in time: instances of the candidate, or of stable, without which no more may be taken from it. */
function lateText(state: ServiceState, release: ReleaseState, smoke: boolean, problem: string | undefined): string {
  const { version, plan } = release;
  if (smoke) return 'its checks were not answered in time';
  const isReady = readyEndpoints(state.instances[version] ?? []).length >= candidateReplicas(release);
  return `${isReady ? plan.stable : version} did not become ready in time${problem && !isReady ? `: ${problem}` : ''}`;
}
