import type { Member } from './types.ts';

/** Extra time for the way back of a member before those in front of it no longer wait for it. */
const graceMs = 5_000;

/** How long those in front of a member wait for its way back, in milliseconds. */
export function backMs({ sight, spec }: Member): number {
  const { readyMs, routeMs } = spec.release.deadlines;
  // A version that is brought back has to be started first.
  return graceMs + routeMs + (sight.kind === 'stable' || sight.kind === 'restoring' ? readyMs : 0);
}

/** Whether nothing of the member's new version has traffic any more, or those in front of it have waited long enough. */
export function isSafe(member: Member, atMs: number): boolean {
  const { sight, backUntilMs } = member;
  if (isBack(member) || (backUntilMs !== null && atMs >= backUntilMs)) return true;
  return (sight.kind === 'going-back' || sight.kind === 'restoring') && sight.safe;
}

/** Whether there is nothing left to do with a member of a group that goes back. */
export function isBack(member: Member): boolean {
  const { sight } = member;
  return (
    member.skipped ||
    (sight.kind === 'absent' && !member.isDoubtful) ||
    sight.kind === 'gone' ||
    sight.kind === 'restored' ||
    notBack(member) !== null
  );
}

/** Why the version before cannot be had again, in one sentence; null while it can. */
export function notBack({ sight, before, service, version, refused, skipped }: Member): string | null {
  if (skipped) return null;
  if (sight.kind === 'not-restored') return `${before} of ${service} could not be brought back: ${sight.cause}`;
  if (sight.kind !== 'stable') return null;
  if (before === null) return `${service} had no version before ${version}, which is stable`;
  return refused === null ? null : `${before} of ${service} could not be brought back: ${refused}`;
}

/**
 * The members whose turn it is to go back, last ones first: those behind them are safe. A member that is on its way back already for a
 * reason of its own waits for nobody.
 */
export function turnsBack(members: readonly Member[], atMs: number): readonly Member[] {
  return members.filter((member) => !isBack(member) && behind(members, member).every((one) => isSafe(one, atMs))).toReversed();
}

/** All members that are after this one, directly or through others. */
function behind(members: readonly Member[], { service }: Member): readonly Member[] {
  const names = new Set([service]);
  // They stand in an order that keeps every `after`, so one walk finds all.
  for (const member of members) if (member.after.some((name) => names.has(name))) names.add(member.service);
  names.delete(service);
  return members.filter((member) => names.has(member.service));
}
