import { releaseAlarmPrefix } from '../../alerts/release-alarms.ts';
import type { Burn, Evidence, Progress } from '../../incidents/responder.ts';
import type { Incident } from '../../incidents/types.ts';
import { isCommitted, type PhaseName, phaseName } from '../../release/phase-name.ts';
import type { ReleaseState, ServiceState } from '../../release/types.ts';
import { burnNumber } from '../../slo/budget.ts';
import { factorOf } from '../../slo/policy.ts';
import { toNumber } from '../../slo/rational.ts';
import { replicasOf } from '../../spec/replicas.ts';
import type { ObjectiveKeeper } from '../objectives/objective-keeper.ts';
import type { RunningObjective } from '../objectives/running-objective.ts';

export type EvidenceWorld = {
  readonly service: (name: string) => ServiceState | undefined;
  /** Whether its target can start its instances anew now. */
  readonly canRestart: (service: string) => boolean;
  readonly objectives: Pick<ObjectiveKeeper, 'get' | 'read'>;
  /** Part of the budget's allowance that is left (negative: overspent); null: not known. */
  readonly budgetLeft: (running: RunningObjective) => number | null;
};

/** What is known of an incident and its service now, but for how its own action is going. */
export function evidenceOf(
  world: EvidenceWorld,
  incident: Incident,
  all: readonly Incident[],
  progress: Progress | null,
): Evidence {
  const state = incident.service === null ? undefined : world.service(incident.service);
  const others = all.filter(({ id, service }) => id !== incident.id && service === incident.service);
  const ofService = [incident, ...others].flatMap(({ actions }) => actions);
  const lastEnded = (kind: 'check' | 'restart' | 'rollback'): Record<string, number> => {
    const ends = ofService.flatMap((one) => (one.kind === kind && one.endedAtMs !== null ? [one.endedAtMs] : []));
    return ends.length === 0 ? {} : { [kind]: Math.max(...ends) };
  };
  return {
    burns: burnsOf(world, incident),
    release: state ? releaseBack(state, incident) : null,
    instances: instancesOf(state),
    canRestart: incident.service !== null && world.canRestart(incident.service),
    progress,
    lastEndedMs: { ...lastEnded('check'), ...lastEnded('restart'), ...lastEnded('rollback') },
    isBusy: others.some(({ actions }) => actions.some(({ endedAtMs }) => endedAtMs === null)),
    isGoingBack: isGoingBack(state?.live ?? null, incident),
  };
}

/** The objectives of its alerts that have not ended. */
function burnsOf({ objectives, budgetLeft }: EvidenceWorld, incident: Incident): readonly Burn[] {
  return incident.alerts.flatMap(({ key, resolvedAtMs, origin }): readonly Burn[] => {
    if (resolvedAtMs !== null || origin !== 'objective') return [];
    const at = key.lastIndexOf('/');
    const running = objectives.get(key.slice(0, at));
    const reading = running && objectives.read(running).tiers.find(({ tier }) => tier.name === key.slice(at + 1));
    if (!running || !reading) return [];
    const { tier, short } = reading;
    const { objective } = running;
    const burn = short.state === 'no-data' ? null : (burnNumber(objective, short) ?? 0);
    const left = budgetLeft(running);
    // Under load of nothing the budget lasts for ever.
    const exhaustedInMs = left === null || burn === null || burn === 0 ? null : Math.max(0, left) * (objective.windowMs / burn);
    return [{ name: key, shortMs: tier.shortMs, factor: toNumber(factorOf(tier, objective)), burn, exhaustedInMs }];
  });
}

function isGoingBack(live: ReleaseState | null, { attribution, alerts, service }: Incident): boolean {
  if (live === null || phaseName(live) !== 'rolling-back') return false;
  // An incident that comes again with another release is attributed to that one only once it has hurt more users than the one before.
  const told = `${releaseAlarmPrefix}${service}/${live.id}/`;
  return (
    live.id === attribution?.release?.id || alerts.some(({ key, resolvedAtMs }) => resolvedAtMs === null && key.startsWith(told))
  );
}

/** The release that the incident is attributed to, while what it replaced can come back. */
export function releaseBack(state: ServiceState, { attribution }: Incident): Evidence['release'] {
  const release = attribution?.release;
  if (!release) return null;
  const { live, stable, previous, ended } = state;
  // What was brought back is not taken back: that would bring what it was brought back from.
  if ([live, ...ended].some((one) => one?.id === release.id && one.plan.strategy === 'restore')) return null;
  if (live?.id === release.id && !isCommitted(live))
    return stable ? { id: live.id, version: live.version, to: stable.version, isBack: phaseName(live) === 'rolling-back' } : null;
  // The guard has taken it back already: what is left is to look whether that helps.
  const back = ended.find(({ id, cause }) => id === release.id && cause !== null);
  if (back) return { id: back.id, version: back.version, to: back.plan.stable ?? 'the version before', isBack: true };
  const [before] = previous;
  if (live !== null && !(live.id === release.id && isCommitted(live))) return null;
  return stable?.release === release.id && before
    ? { id: release.id, version: release.version, to: before.version, isBack: false }
    : null;
}

function instancesOf(state: ServiceState | undefined): Evidence['instances'] {
  const { stable } = state ?? {};
  if (!state || !stable) return { ready: 0, wanted: 0 };
  const own = state.instances[stable.version] ?? [];
  const wanted = replicasOf(stable.spec) ?? own.length;
  return { ready: own.filter((one) => one.state === 'ready').length, wanted: Math.max(wanted, own.length) };
}

/** How the restart of this id is going; null: it was not asked for yet. */
export function restartProgress(state: ServiceState | undefined, id: string): Progress | null {
  const restart = state?.restarts?.find((one) => one.id === id);
  if (!restart) return null;
  if (restart.end === null) return { kind: 'under-way' };
  return { kind: restart.end.outcome === 'done' ? 'done' : 'failed', said: restart.end.said };
}

/** How the way back is going that was asked for with `mark` at the end of its reason; null: it was not asked for yet. */
export function wayBack(state: ServiceState | undefined, mark: string, release: string | null): Progress | null {
  if (!state) return null;
  const all = [state.live, state.queued, ...state.ended].filter((one) => one !== null);
  const restoring = all.find(({ why }) => why.endsWith(mark));
  if (restoring) return restored(restoring);
  const aborted = all.find(({ id, cause }) => id === release && cause !== null);
  return aborted ? wentBack(aborted) : null;
}

function wentBack({ phase, safeAtMs, exposedAtMs, plan }: ReleaseState): Progress {
  const to = plan.stable ?? 'the version before';
  if (safeAtMs !== null) return { kind: 'done', said: `all traffic is on ${to} again` };
  if (phase.kind === 'ended') {
    if (phase.outcome === 'rolled-back' || exposedAtMs === null) return { kind: 'done', said: `all traffic is on ${to}` };
    return { kind: 'failed', said: phase.sentence };
  }
  if (phase.kind === 'rolling-back' && phase.failing)
    return { kind: 'failed', said: `the way back to ${to} is refused, and goes on being tried` };
  return { kind: 'under-way' };
}

/** States in which a release that brings a version back has given it all traffic. */
const hasAll: readonly PhaseName[] = ['baking', 'retiring', 'succeeded'];

function restored(release: ReleaseState): Progress {
  const { phase, version } = release;
  if (phase.kind === 'ended')
    return phase.outcome === 'succeeded'
      ? { kind: 'done', said: `${version} has all traffic again` }
      : { kind: 'failed', said: phase.sentence };
  if (phase.kind === 'held') return { kind: 'failed', said: `${version} does not get on: ${phase.sentence}` };
  return hasAll.includes(phaseName(release)) ? { kind: 'done', said: `${version} has all traffic again` } : { kind: 'under-way' };
}
