import { barrierAt } from '../release/barrier.ts';
import { isCommitted } from '../release/phase-name.ts';
import type { ReleaseState, ServiceState } from '../release/types.ts';
import type { Member, MemberRequest, Sight } from './types.ts';

/** What the group's release `id` sees of a member in the state of its service; undefined: nothing is known of the service. */
export function sightOf(service: ServiceState | undefined, member: MemberRequest, id: string): Sight {
  if (!service) return { kind: 'absent' };
  const all = [service.live, service.queued, ...service.ended];
  // The newest: one that a person has brought back by hand meanwhile counts as well.
  const restore = all.find((release) => release?.group?.id === id && isRestore(release));
  const own = all.find((release) => release?.group?.id === id && !isRestore(release));
  if (restore) return restoreSight(restore);
  if (!own) return { kind: 'absent' };
  const sight = releaseSight(own);
  const isBack = sight.kind === 'stable' && service.stable !== null && service.stable.version === member.before;
  return isBack ? { kind: 'restored' } : sight;
}

/** Whether this sight of a member tells the group anything, so that it has to be recorded. */
export function isNewSight(sight: Sight, member: Member): boolean {
  return !member.skipped && (member.isDoubtful || JSON.stringify(sight) !== JSON.stringify(member.sight));
}

function isRestore({ plan }: ReleaseState): boolean {
  return plan.strategy === 'restore';
}

function restoreSight(release: ReleaseState): Sight {
  const { phase, id } = release;
  if (isCommitted(release)) return { kind: 'restored' };
  if (phase.kind === 'ended') return { kind: 'not-restored', release: id, cause: phase.sentence };
  if (phase.kind === 'rolling-back') return { kind: 'not-restored', release: id, cause: phase.cause.sentence };
  return { kind: 'restoring', release: id, safe: hasAllTraffic(release) };
}

function releaseSight(release: ReleaseState): Sight {
  const { phase, id } = release;
  if (isCommitted(release)) return { kind: 'stable', release: id };
  if (phase.kind === 'ended')
    return {
      kind: 'gone',
      release: id,
      outcome: phase.outcome,
      cause: (release.cause?.sentence ?? phase.sentence).replace(/\.$/, ''),
    };
  if (phase.kind === 'rolling-back')
    return { kind: 'going-back', release: id, cause: phase.cause.sentence, safe: phase.part !== 'route' };
  const waiting = barrierAt(release);
  if (waiting) {
    const { step, barrier } = waiting;
    return { kind: barrier.before === 'promote' ? 'ready' : 'baked', release: id, step, passing: isPassing(release) };
  }
  if (!isPast(release, 'promote')) return { kind: 'moving', release: id };
  if (isPast(release, 'retire')) return { kind: 'finishing', release: id };
  return { kind: hasAllTraffic(release) ? 'promoted' : 'promoting', release: id };
}

/** Whether the release stands behind its barrier before that step. */
function isPast({ phase, plan }: ReleaseState, before: 'promote' | 'retire'): boolean {
  if (phase.kind !== 'stepping' && phase.kind !== 'held') return false;
  return phase.step > plan.steps.findIndex((step) => step.kind === 'barrier' && step.before === before);
}

/** Whether the router has confirmed that the candidate has all traffic: the step after the promotion has begun. */
function hasAllTraffic({ phase, plan }: ReleaseState): boolean {
  if (phase.kind !== 'stepping' && phase.kind !== 'held') return false;
  return phase.step > plan.steps.findIndex((step) => step.kind === 'promote');
}

/** Whether the guard lets it go on: it has found it good, or there has been no traffic for it to look at. */
function isPassing({ verdict, exposure, plan }: ReleaseState): boolean {
  if (verdict?.kind === 'pass') return true;
  return verdict?.kind !== 'fail' && (exposure.weight === 0 || plan.strategy === 'first');
}
