import type { Alert, AlertEvent, Urgency } from '../alerts/types.ts';
import { percentText } from '../analysis/wording.ts';
import type { SignalPolicy } from '../spec/signal-policy.ts';
import type { AssessedSignal } from './types.ts';

/** Everything that a key begins with: no other alert can be called like this. */
export const alarmPrefix = 'signal/';

/** How long a level has to be passed before it is an alert: what would call people at night is not to be a moment's work. */
const forMs: Readonly<Record<Urgency, number>> = { page: 5_000, chat: 60_000, email: 60_000 };
/** How long all has to be well before it has ended. */
const clearMs = 15_000;
/** With fewer requests in the time that is looked at, shares and percentiles of them say nothing. */
const requestsMin = 20;

/** Where the defaults of the signals are, these say when users are hurt (P0) and when the team is to look (P1): shares of what there is. */
const machineLimits: Readonly<Record<string, { readonly page: number; readonly chat: number }>> = {
  cpu: { page: 0.95, chat: 0.8 },
  memory: { page: 0.95, chat: 0.85 },
};

/** What is known of a service now. */
export type Sight = {
  readonly service: string;
  readonly assessed: readonly AssessedSignal[];
  /** What its document says of its signals; undefined: nothing. */
  readonly policy: SignalPolicy | undefined;
  /** Requests in the time that is looked at. */
  readonly requests: number;
  /** Why nothing of it is ready to answer, in one sentence; null: something is. */
  readonly down: string | null;
};

/** Since when each condition has been otherwise than its alert, by key; unix milliseconds. */
export type Turning = ReadonlyMap<string, number>;

type Condition = { readonly key: string; readonly name: string; readonly urgency: Urgency; readonly said: string };

/**
 * What comes on record of the golden signals of a service: what passes a level for long enough is an alert, P0 (told at once) above the critical one and
 * when nothing is ready, P1 (told to a chat) above the warning. What is not known ends nothing. Pure.
 *
 * @param open - Open alerts, by key.
 */
export function signalAlarms(
  sight: Sight,
  open: ReadonlyMap<string, Alert>,
  turning: Turning,
  nowMs: number,
): { readonly events: readonly AlertEvent[]; readonly turning: Turning } {
  const met = new Map(conditionsOf(sight).map((one) => [one.key, one]));
  const isOwn = (key: string): boolean => key.startsWith(`${alarmPrefix}${sight.service}/`);
  const own = [...open.keys()].filter(isOwn);
  const next = new Map<string, number>();
  const events: AlertEvent[] = [];
  for (const [key, condition] of met) {
    if (open.has(key)) continue;
    const sinceMs = turning.get(key) ?? nowMs;
    // What gets better and is not well yet goes on: its P1 begins as its P0 ends, so that nobody hears that it is over.
    const lastsMs = open.has(key.replace(/P1$/, 'P0')) ? clearMs : forMs[condition.urgency];
    if (nowMs - sinceMs < lastsMs) next.set(key, sinceMs);
    else events.push(...beginning(sight.service, condition, sinceMs));
  }
  for (const key of own) {
    // What calls people is bad enough for a chat.
    if (met.has(key) || met.has(key.replace(/P1$/, 'P0')) || isUnknown(sight, key)) continue;
    const sinceMs = turning.get(key) ?? nowMs;
    if (nowMs - sinceMs < clearMs) next.set(key, sinceMs);
    else events.push({ kind: 'alert-resolved', actor: 'controller', data: { key, said: 'it is below its level again' } });
  }
  return { events, turning: next };
}

function conditionsOf(sight: Sight): readonly Condition[] {
  const { service, assessed, policy, requests, down } = sight;
  const condition = (signal: string, urgency: Urgency, said: string): Condition => {
    const severity = urgency === 'page' ? 'P0' : 'P1';
    return { key: keyOf(service, signal, severity), name: `${signal} ${severity}`, urgency, said };
  };
  const conditions = assessed.flatMap((signal): readonly Condition[] => {
    const { name, value, group } = signal;
    if (value === null || (group !== 'saturation' && requests < requestsMin)) return [];
    const limits = limitsOf(signal, policy);
    for (const urgency of ['page', 'chat'] as const) {
      const limit = limits[urgency];
      if (limit !== null && value > limit)
        return [condition(name, urgency, `${shown(signal, value)}, more than ${shown(signal, limit)}`)];
    }
    return [];
  });
  return down === null ? conditions : [condition('down', 'page', down), ...conditions];
}

/** Levels that a document gives hold; of the usual ones, those of the machine's resources leave it alone for longer. */
function limitsOf(
  { name, levels }: AssessedSignal,
  policy: SignalPolicy | undefined,
): Readonly<Record<'page' | 'chat', number | null>> {
  const given = (policy?.levels as Readonly<Record<string, unknown>> | undefined)?.[name];
  const usual = given === undefined ? machineLimits[name] : undefined;
  return usual ?? { page: levels.critical, chat: levels.warning };
}

function isUnknown({ assessed, requests }: Sight, key: string): boolean {
  const name = key.split('/').at(-2);
  const signal = assessed.find((one) => one.name === name);
  if (name === 'down') return false;
  // Where there are no requests any more, nobody knows whether they would fail.
  return !signal || signal.state === 'unknown' || (signal.group !== 'saturation' && requests < requestsMin);
}

function shown({ unit, name }: AssessedSignal, value: number): string {
  if (unit === 'share') return `${name} ${percentText(Math.round(value * 1e6))}`;
  return unit === 'ms' ? `${name} ${Math.round(value)} ms` : `${name} ${Number(value.toPrecision(4))}`;
}

function keyOf(service: string, signal: string, severity: 'P0' | 'P1'): string {
  return `${alarmPrefix}${service}/${signal}/${severity}`;
}

function beginning(service: string, { key, name, urgency, said }: Condition, sinceMs: number): readonly AlertEvent[] {
  const actor = 'controller';
  const about = { origin: 'signal', name, service, objective: null, tier: null, urgency } as const;
  const more = { labels: { service, severity: urgency }, annotations: {}, url: null, sinceMs };
  return [
    { kind: 'alert-pending', actor, data: { key, said, ...about, ...more } },
    { kind: 'alert-fired', actor, data: { key, said, silencedBy: null, attribution: null } },
  ];
}
