import { percentText } from '../analysis/wording.ts';
import { causeText, heldText } from '../release/reason.ts';
import { stepText } from '../release/step-text.ts';
import { endReason } from '../release/summary.ts';
import type { Cause, ReleaseState, ServiceState } from '../release/types.ts';
import type { Alert, AlertEvent, Attribution, Urgency } from './types.ts';

/** Everything that a key begins with: no other alert can be called like this. */
export const releaseAlarmPrefix = 'release/';

/** A release that went back and ended while nobody looked is still told of for so long. */
const lateMs = 15 * 60_000;

type Condition = {
  readonly key: string;
  readonly name: string;
  readonly urgency: Urgency;
  readonly said: string;
  /** When users were first hurt. Unix milliseconds. */
  readonly sinceMs: number;
  /** Users are not hurt any more. */
  readonly isSafe: boolean;
  readonly attribution: Attribution;
};

/**
 * What comes on record of the releases of a service. A release that the guard, or the end of its instances, takes back after it has hurt
 * users is an alert (P1) from the first failure until everything of it is cleared up, recovering once all traffic is on stable again. A way
 * back that the router or the database refuses, or that waits for a person past a migration that cannot be undone, is one that pages (P0).
 * What a person takes back, they know of. Pure.
 *
 * @param known - Alerts that have not ended, by key, and those that ended lately.
 */
export function releaseAlarms(
  state: ServiceState,
  known: { readonly open: ReadonlyMap<string, Alert>; readonly ended: readonly Alert[] },
  nowMs: number,
): readonly AlertEvent[] {
  const prefix = `${releaseAlarmPrefix}${state.name}/`;
  const met = new Map((state.live ? conditionsOf(state.name, state.live) : []).map((one) => [one.key, one]));
  const events: AlertEvent[] = [];
  for (const condition of met.values()) events.push(...going(state.name, condition, known.open.get(condition.key)));
  for (const { key } of known.open.values()) if (key.startsWith(prefix) && !met.has(key)) events.push(...ended(state, key));
  const told = new Set([...known.open.keys(), ...known.ended.map(({ key }) => key)]);
  for (const release of state.ended) {
    if (release.phase.kind !== 'ended' || nowMs - release.phase.atMs >= lateMs) continue;
    const condition = backCondition(state.name, release, release.cause);
    if (!condition || told.has(condition.key)) continue;
    events.push(...beginning(state.name, condition), ...ended(state, condition.key));
  }
  return events;
}

function conditionsOf(service: string, release: ReleaseState): readonly Condition[] {
  const { phase, version } = release;
  if (phase.kind !== 'rolling-back') return [];
  const { cause, failing, part } = phase;
  const back = backCondition(service, release, cause);
  const conditions = back ? [back] : [];
  const page = (what: string, said: string): Condition => ({
    key: keyOf(service, release, what),
    name: `${what} P0`,
    urgency: 'page',
    said,
    sinceMs: cause.decidedAtMs,
    isSafe: false,
    attribution: attributionOf(release),
  });
  const why = causeText(release, cause, 'en');
  if (part === 'decide') return [...conditions, page('rollback-waits', `${version}: ${heldText(release, 'en') ?? why}`)];
  if (!failing) return conditions;
  const who = part === 'database' ? 'the database does not go back' : 'the router does not confirm the way back';
  return [...conditions, page('rollback-failed', `${who} from ${version}, which goes back because: ${why}`)];
}

/** Users were hurt, and no person has taken it back. */
function backCondition(service: string, release: ReleaseState, cause: Cause | null): Condition | null {
  if (cause === null || cause.by === 'operator' || cause.faultAtMs === null || release.exposedAtMs === null) return null;
  return {
    key: keyOf(service, release, 'rollback'),
    name: 'rollback P1',
    urgency: 'chat',
    said: `${release.version} is taken back: ${causeText(release, cause, 'en')}`,
    sinceMs: cause.faultAtMs,
    isSafe: release.safeAtMs !== null,
    attribution: attributionOf(release),
  };
}

function going(service: string, condition: Condition, open: Alert | undefined): readonly AlertEvent[] {
  const { key, isSafe } = condition;
  const events = open ? [] : beginning(service, condition);
  if (!isSafe || open?.state === 'recovering') return events;
  const said = 'all traffic is on the stable version again';
  return [...events, { kind: 'alert-recovering', actor: 'controller', data: { key, said } }];
}

function beginning(service: string, { key, name, urgency, said, sinceMs, attribution }: Condition): readonly AlertEvent[] {
  const actor = 'controller';
  const labels = { service, version: attribution.release?.version ?? '', severity: urgency };
  const about = { origin: 'release', name, service, objective: null, tier: null, urgency } as const;
  return [
    { kind: 'alert-pending', actor, data: { key, said, ...about, labels, annotations: {}, url: null, sinceMs } },
    { kind: 'alert-fired', actor, data: { key, said, silencedBy: null, attribution } },
  ];
}

function ended(state: ServiceState, key: string): readonly AlertEvent[] {
  const release = [state.live, ...state.ended].find(
    (one) => one && key.startsWith(`${releaseAlarmPrefix}${state.name}/${one.id}/`),
  );
  const actor = 'controller';
  if (release?.phase.kind !== 'ended') return [{ kind: 'alert-resolved', actor, data: { key, said: 'it does not any more' } }];
  const said = `${release.version} is ${release.phase.outcome}: ${endReason(release, release.phase, 'en')}`;
  // Every request that it failed is counted by now.
  return [
    { kind: 'alert-changed', actor, data: { key, said, attribution: attributionOf(release) } },
    { kind: 'alert-resolved', actor, data: { key, said } },
  ];
}

function attributionOf(release: ReleaseState): Attribution {
  const { id, version, plan, totals, exposedBy } = release;
  const step = plan.steps[exposedBy];
  const sides = [
    { version, bad: totals.candidate.errors, total: totals.candidate.requests },
    ...(plan.stable === null ? [] : [{ version: plan.stable, bad: totals.stable.errors, total: totals.stable.requests }]),
  ];
  const versions = sides.toSorted((a, b) => b.bad - a.bad);
  const shares = sides.map((one) => `${one.version} has failed ${one.bad} of ${one.total} requests${shareText(one)}`);
  return {
    release: { id, version, stable: plan.stable },
    step: step ? { index: exposedBy, text: stepText(step, plan.stable) } : null,
    versions,
    said: shares.join(', '),
  };
}

function shareText({ bad, total }: { readonly bad: number; readonly total: number }): string {
  return total === 0 ? '' : ` (${percentText(Math.round((bad / total) * 1e4) * 100)})`;
}

function keyOf(service: string, { id }: ReleaseState, what: string): string {
  return `${releaseAlarmPrefix}${service}/${id}/${what}`;
}
