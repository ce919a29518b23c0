import type { Verdict } from '../analysis/guard.ts';
import { type Language, verdictIn } from '../analysis/sentence.ts';
import { currentVerdict } from '../release/current-verdict.ts';
import { newService } from '../release/decide.ts';
import { type PhaseName, phaseName } from '../release/phase-name.ts';
import { comparedBy } from '../release/reason.ts';
import { stepText } from '../release/step-text.ts';
import { type ReleaseSummary, releaseSummary } from '../release/summary.ts';
import type { Finding, ReleaseState, ServiceState, Step, Totals, Verb } from '../release/types.ts';
import { isOfDatabase } from '../release/undo.ts';
import { verbRefusal } from '../release/verbs.ts';
import { doing } from './doing.ts';
import { releaseWeight } from './release-weight.ts';

/** A service as people and programs see it, through the API, the CLI and the console alike. Times are unix milliseconds. */
export type ServiceView = {
  readonly name: string;
  readonly owner: string | null;
  readonly stable: { readonly version: string; readonly release: string; readonly sinceMs: number } | null;
  /** Versions that `rollback --to` can bring back; without `--to` it is the first. */
  readonly previous: readonly string[];
  readonly route: { readonly candidate: string | null; readonly weight: number; readonly inForce: boolean };
  readonly instances: readonly InstanceView[];
  /** The last restart that somebody has asked for; null: none is remembered. */
  readonly restart: RestartView | null;
  readonly live: ReleaseView | null;
  readonly queued: ReleaseView | null;
  /** The last releases that ended, newest first. */
  readonly ended: readonly ReleaseSummary[];
};

export type InstanceView = {
  readonly id: string;
  readonly version: string;
  readonly address: string;
  readonly state: string;
  readonly restarts: number;
  readonly problem: string | null;
};

export type RestartView = {
  readonly id: string;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  readonly askedAtMs: number;
  /** Instances that are started anew, and how many are to be yet. */
  readonly instances: number;
  readonly left: number;
  /** null: it is under way. */
  readonly outcome: 'done' | 'failed' | 'stopped' | null;
  /** How it has ended, in one English sentence; null: it is under way. */
  readonly said: string | null;
  readonly endedAtMs: number | null;
};

export type ReleaseView = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly stable: string | null;
  readonly strategy: string;
  readonly by: string;
  readonly why: string;
  /** The group that it is released with, and that release's id; null: it is released alone. */
  readonly group: { readonly name: string; readonly id: string } | null;
  readonly startedAtMs: number;
  readonly state: PhaseName;
  /** What it waits for or does, in one sentence. */
  readonly doing: string;
  /** When the present wait ends or something else happens; null when nothing is waited for. */
  readonly untilMs: number | null;
  readonly steps: readonly StepView[];
  readonly weight: number;
  /** What can be asked of it in its present state; who may is another question. */
  readonly verbs: readonly VerbView[];
  readonly verdict: Verdict | null;
  readonly totals: { readonly candidate: Totals; readonly stable: Totals };
  readonly findings: readonly Finding[];
  readonly summary: ReleaseSummary | null;
};

export type StepView = {
  readonly text: string;
  /** `stopped`: where a release was when it went back or ended otherwise. */
  readonly state: 'done' | 'now' | 'next' | 'stopped';
  readonly kind: Step['kind'];
  /** Percent of requests that the candidate has in this step; null where it has none by weight yet. */
  readonly weight: number | null;
  /** How long it takes at least, and at most without a hold, in milliseconds; null where that is not known beforehand. */
  readonly minMs: number | null;
  readonly maxMs: number | null;
};

/**
 * A verb, and why it would do nothing now; `refusal` null: it would do something. `refusalToStarter`: the same where whoever has started
 * the release (`by`) gives it, because an approval may have to come from somebody else.
 */
export type VerbView = { readonly verb: Verb; readonly refusal: string | null; readonly refusalToStarter: string | null };

/** The view of a service at a moment (unix milliseconds): a verdict grows old. What the guard said is told in that language. */
export function serviceView(state: ServiceState, nowMs: number, language: Language): ServiceView {
  const { stable, route } = state;
  return {
    name: state.name,
    owner: stable?.spec.owner ?? state.live?.spec.owner ?? null,
    stable: stable && { version: stable.version, release: stable.release, sinceMs: stable.sinceMs },
    previous: state.previous.map(({ version }) => version),
    route: {
      candidate: route.want?.candidate?.version ?? null,
      weight: route.want?.weight ?? 0,
      inForce: route.status === 'confirmed',
    },
    instances: Object.values(state.instances)
      .flat()
      .map((instance) => ({
        id: instance.id,
        version: instance.version,
        address: instance.endpoint === null ? '–' : `${instance.endpoint.host}:${instance.endpoint.port}`,
        state: instance.state,
        restarts: instance.restarts,
        problem: instance.problem ?? null,
      })),
    restart: restartView(state),
    live: state.live && releaseView(state.live, state, nowMs, language),
    queued: state.queued && releaseView(state.queued, state, nowMs, language),
    ended: state.ended.map((release) => releaseSummary(release, language)).filter((summary) => summary !== null),
  };
}

function restartView({ restarts = [] }: ServiceState): RestartView | null {
  const [last] = restarts;
  if (!last) return null;
  const { id, version, by, why, askedAtMs, of, now, end } = last;
  return {
    id,
    version,
    by,
    why,
    askedAtMs,
    instances: of.length,
    left: end?.outcome === 'done' ? 0 : (now?.left ?? of.length),
    outcome: end?.outcome ?? null,
    said: end?.said ?? null,
    endedAtMs: end?.atMs ?? null,
  };
}

/**
 * The view of a release at a moment (unix milliseconds), told in that language.
 *
 * @param state - The service that it belongs to; null for one that left its service's memory long ago: nothing can be asked of it.
 */
export function releaseView(release: ReleaseState, state: ServiceState | null, nowMs: number, language: Language): ReleaseView {
  const { phase, plan } = release;
  const verdict = currentVerdict(release, nowMs);
  const current = phase.kind === 'stepping' || phase.kind === 'held' ? phase.step : null;
  // One that never had traffic, nor touched its database, was stopped before its first step.
  const hasBegun = release.exposedAtMs !== null || (isOfDatabase(plan.steps[0]) && release.findings.length > 0);
  const isStopped = (phase.kind === 'rolling-back' || phase.kind === 'ended') && hasBegun;
  const stopped = isStopped ? release.stepsDone : null;
  const isDone = (index: number): boolean => (current === null ? index < release.stepsDone : index < current);
  return {
    id: release.id,
    service: plan.service,
    version: release.version,
    stable: plan.stable,
    strategy: plan.strategy,
    by: release.by,
    why: release.why,
    group: release.group ? { name: release.group.name, id: release.group.id } : null,
    startedAtMs: release.requestedAtMs,
    state: phaseName(release),
    doing: doing(release, language),
    untilMs: untilMs(release),
    steps: plan.steps.map((step, index) => ({
      text: stepText(step, plan.stable, language),
      state: index === current ? 'now' : isDone(index) ? 'done' : index === stopped ? 'stopped' : 'next',
      kind: step.kind,
      weight: weightAt(plan.steps, index),
      ...spanOf(step),
    })),
    weight: releaseWeight(release, state),
    verbs: verbs.map((verb) => {
      const refusalTo = (by: string | null) => verbRefusal(state ?? endedAlone(release), release.id, verb, by, language);
      return { verb, refusal: refusalTo(null), refusalToStarter: refusalTo(release.by) };
    }),
    verdict: verdict && verdictIn(verdict, comparedBy(release), language),
    totals: release.totals,
    findings: release.findings,
    summary: releaseSummary(release, language),
  };
}

/** In the order in which somebody looks for them. */
export const verbs = ['approve', 'pause', 'resume', 'promote', 'retry', 'abort'] as const satisfies readonly Verb[];

/** The service of a release that nothing else is left of. */
function endedAlone(release: ReleaseState): ServiceState {
  return { ...newService(release.plan.service), ended: [release] };
}

/** The weight that is wanted during a step: the last one that was set by it or before it. */
function weightAt(steps: readonly Step[], index: number): number | null {
  const isSetting = (step: Step): boolean =>
    step.kind === 'weight' || step.kind === 'match' || step.kind === 'promote' || sharedBy(step) !== null;
  const setting = steps.slice(0, index + 1).findLast(isSetting);
  if (setting?.kind === 'weight') return setting.percent;
  if (setting?.kind === 'scale') return sharedBy(setting);
  return setting?.kind === 'promote' ? 100 : setting ? 0 : null;
}

/** The weight that a change of instances brings with it. */
function sharedBy(step: Step): number | null {
  return step.kind === 'scale' && step.of === 'stable' ? step.percent : null;
}

function spanOf(step: Step): Pick<StepView, 'minMs' | 'maxMs'> {
  switch (step.kind) {
    case 'observe':
      return { minMs: step.earlyMs ?? step.minMs, maxMs: step.maxMs };
    case 'bake':
      return { minMs: step.minMs, maxMs: step.maxMs };
    case 'pause':
      return { minMs: step.ms, maxMs: step.ms };
    case 'approve':
      return { minMs: null, maxMs: step.expiresMs };
    case 'barrier':
      return { minMs: null, maxMs: step.maxMs };
    case 'hook':
    case 'gate':
    case 'backup':
    case 'migrate':
      return { minMs: null, maxMs: step.hook.timeoutMs * step.hook.attempts };
    case 'retire':
      return { minMs: step.afterMs, maxMs: null };
    case 'match':
    case 'weight':
    case 'scale':
    case 'promote':
      return { minMs: 0, maxMs: null };
  }
}

function untilMs(release: ReleaseState): number | null {
  const { phase } = release;
  const until =
    phase.kind === 'stepping'
      ? 'minUntilMs' in phase.part
        ? phase.part.minUntilMs
        : 'untilMs' in phase.part
          ? phase.part.untilMs
          : null
      : 'untilMs' in phase
        ? phase.untilMs
        : null;
  return until === null || until >= Number.MAX_SAFE_INTEGER ? null : until;
}
