import { turnsBack } from './back.ts';
import type { GroupAction, GroupRelease, GroupState, Member, Sight } from './types.ts';

/**
 * What has to be done now. It follows from the state alone: an action stays until the member is seen where it leads to, so a controller
 * that takes over does what the one before may not have done.
 */
export function actionsOf({ live, atMs }: GroupState, nowMs: number): readonly GroupAction[] {
  if (!live) return [];
  const { members, phase } = live;
  switch (phase.kind) {
    case 'gathering':
      return members
        .filter((member) => !member.skipped && member.sight.kind === 'absent' && isAfterAll(live, member, ['ready']))
        .map((member) => ({ kind: 'request', member }));
    case 'promoting':
      return members.flatMap((member) => opened(member, 'ready', isAfterAll(live, member, ['promoted', 'baked'])));
    case 'finishing':
      // At once: the shorter the time in which some are stable and others not, the fewer have to be started again to go back.
      return members.flatMap((member) => opened(member, 'baked', true));
    case 'rolling-back':
      return turnsBack(members, Math.max(atMs, nowMs)).flatMap(takenBack);
    case 'ended':
      return [];
  }
}

/**
 * Whether an action still changes something for a member that stands there. What a service has done a moment ago the group may not have
 * heard yet.
 */
export function isNews({ kind }: GroupAction, { kind: stands }: Sight): boolean {
  switch (kind) {
    case 'request':
      return stands === 'absent';
    case 'open':
      return stands === 'ready' || stands === 'baked';
    case 'abort':
      return !['absent', 'stable', 'going-back', 'gone', 'restoring', 'restored', 'not-restored'].includes(stands);
    case 'restore':
      return stands === 'stable';
  }
}

/** The next moment (unix milliseconds) at which time itself changes something; Infinity: never. */
export function nextWakeMs({ live, atMs }: GroupState): number {
  if (live?.phase.kind !== 'rolling-back') return Number.POSITIVE_INFINITY;
  const moments = [live.phase.untilMs, ...live.members.flatMap(({ backUntilMs }) => backUntilMs ?? [])];
  return Math.min(...moments.filter((moment) => moment > atMs));
}

function isAfterAll({ members }: GroupRelease, { after }: Member, kinds: readonly string[]): boolean {
  return members.every(({ service, skipped, sight }) => !after.includes(service) || skipped || kinds.includes(sight.kind));
}

function opened({ service, sight }: Member, kind: 'ready' | 'baked', isTurn: boolean): readonly GroupAction[] {
  if (sight.kind !== kind || !sight.passing || !isTurn) return [];
  return [{ kind: 'open', service, release: sight.release, step: sight.step }];
}

function takenBack(member: Member): readonly GroupAction[] {
  const { service, sight } = member;
  switch (sight.kind) {
    case 'moving':
    case 'ready':
    case 'promoting':
    case 'promoted':
    case 'baked':
    case 'finishing':
      return [{ kind: 'abort', service, release: sight.release }];
    case 'stable':
      return [{ kind: 'restore', member }];
    case 'absent':
    case 'going-back':
    case 'gone':
    case 'restoring':
    case 'restored':
    case 'not-restored':
      return [];
  }
}
