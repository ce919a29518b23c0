/** What a receiver was told of a group last. Alerts by their fingerprint. */
export type LastNotice = {
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  /** Unix milliseconds; null: not known. */
  readonly atMs: number | null;
};

/** Why a group is told of now. */
export type NoticeReason =
  | 'FirstNotification'
  | 'NewAlertsInGroup'
  | 'AllAlertsResolved'
  | 'NewResolvedAlerts'
  | 'RepeatIntervalElapsed';

/**
 * Whether a group is told of now, and why; null: there is nothing to tell.
 *
 * @param firing - Alerts of the group that fire and that nothing keeps still, by fingerprint.
 * @param sendsResolved - Whether the receiver is told that some alerts are over while others fire.
 * @see prometheus/alertmanager, notify/dedup_stage.go: needsUpdate.
 */
export function noticeReason(
  last: LastNotice | null,
  firing: ReadonlySet<string>,
  resolved: ReadonlySet<string>,
  repeatIntervalMs: number,
  sendsResolved: boolean,
  nowMs: number,
): NoticeReason | null {
  if (!last) return firing.size > 0 ? 'FirstNotification' : null;
  if (!isSubset(firing, last.firing)) return 'NewAlertsInGroup';
  // Alerts that came and went since the last message are no news: nobody was told of them.
  if (firing.size === 0) return last.firing.size > 0 ? 'AllAlertsResolved' : null;
  if (sendsResolved && !isSubset(resolved, last.resolved)) return 'NewResolvedAlerts';
  return last.atMs === null || last.atMs < nowMs - repeatIntervalMs ? 'RepeatIntervalElapsed' : null;
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one));
}
