import {
  defaultLevels,
  type LeveledSignal,
  type Levels,
  noLevels,
  type SaturationSignal,
  saturationSignals,
} from '../spec/signal-levels.ts';
import type { SignalPolicy } from '../spec/signal-policy.ts';
import { levelsOf } from './levels.ts';
import type { AssessedSignal, Gauge, SignalGroup, SignalState } from './types.ts';

/** What is known of the requests of the last minute; shares 0–1, milliseconds. */
export type RequestSignals = {
  readonly requestsPerSecond: number;
  readonly errorShare: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
};

const quantiles = [
  ['latencyP50', 'p50Ms'],
  ['latencyP95', 'p95Ms'],
  ['latencyP99', 'p99Ms'],
] as const;

/**
 * Every golden signal of a service against its levels, in the order of reading.
 *
 * @param requests - null: nothing is known of its requests.
 * @param gauges - What is known of how full things are; a signal that is missing is known by nobody.
 * @param policy - What its document says; undefined: nothing.
 */
export function assess(
  requests: RequestSignals | null,
  gauges: readonly Gauge[],
  policy: SignalPolicy | undefined,
): readonly AssessedSignal[] {
  const isAsked = (signal: LeveledSignal): boolean =>
    (policy?.queries as Partial<Record<LeveledSignal, unknown>> | undefined)?.[signal] !== undefined ||
    hasLevel(policy?.levels[signal] ?? {});
  const ofRequests = (name: LeveledSignal, group: SignalGroup, unit: 'ms' | 'share', value: number | null): AssessedSignal => {
    const levels = shown(levelsOf(name, policy), unit);
    const state = requests === null ? 'unknown' : value === null ? 'no-traffic' : stateOf(value, levels);
    const notKnown = state === 'unknown' ? ({ kind: 'nobody' } as const) : null;
    return { name, group, unit, value, used: null, limit: null, of: null, levels, state, isAsked: isAsked(name), notKnown };
  };
  const known = new Map(gauges.map((gauge) => [gauge.name, gauge]));
  const leveled = new Set<string>([...saturationSignals, ...(policy?.more ?? []).map(({ name }) => name)]);
  return [
    ...quantiles.map(([name, key]) => ofRequests(name, 'latency', 'ms', requests?.[key] ?? null)),
    traffic(requests),
    ofRequests('errors', 'errors', 'share', requests?.errorShare ?? null),
    ...saturationSignals.map((name) => {
      const unit = defaultLevels[name].unit === 'ppm' ? 'share' : 'number';
      return saturation(known.get(name) ?? nobodys(name), levelsOf(name, policy), unit, isAsked(name));
    }),
    ...(policy?.more ?? []).map(({ name, unit, query, levels }) => {
      const gauge = known.get(name) ?? { ...nobodys(name), unit };
      return saturation(gauge, levels, query.limit === null ? 'number' : 'share', true);
    }),
    // What is known beside these has no levels: it explains the others.
    ...gauges
      .filter(({ name, used }) => used !== null && !leveled.has(name))
      .map((gauge) => saturation(gauge, noLevels, 'number', false)),
  ];
}

function traffic(requests: RequestSignals | null): AssessedSignal {
  const perSecond = requests?.requestsPerSecond ?? null;
  const state = perSecond === null ? 'unknown' : perSecond === 0 ? 'no-traffic' : 'ok';
  const notKnown = perSecond === null ? ({ kind: 'nobody' } as const) : null;
  const rest = { used: null, limit: null, of: null, levels: noLevels, isAsked: false };
  return { name: 'traffic', group: 'traffic', unit: 'number', value: perSecond, ...rest, state, notKnown };
}

function saturation(gauge: Gauge, levels: Levels, unit: 'share' | 'number', isAsked: boolean): AssessedSignal {
  const { name, used, limit } = gauge;
  const value = used === null ? null : unit === 'number' ? used : limit !== null && limit > 0 ? used / limit : null;
  const inUnit = shown(levels, unit);
  // A share of nothing is no share, whatever is used of it.
  const notKnown =
    value !== null ? null : (gauge.notKnown ?? { kind: 'said' as const, said: `its limit is ${limit ?? 'not known'}` });
  const state = value === null ? 'unknown' : stateOf(value, inUnit);
  return { name, group: 'saturation', unit, value, used, limit, of: gauge.unit, levels: inUnit, state, isAsked, notKnown };
}

function nobodys(name: SaturationSignal | string): Gauge {
  return { name, used: null, limit: null, unit: null, notKnown: { kind: 'nobody' } };
}

function stateOf(value: number, { target, warning, critical }: Levels): SignalState {
  if (!Number.isFinite(value)) return 'unknown';
  if (critical !== null && value > critical) return 'critical';
  if (warning !== null && value > warning) return 'warning';
  return target === null && warning === null && critical === null ? 'unjudged' : 'ok';
}

function hasLevel({ target, warning, critical }: Partial<Levels>): boolean {
  return [target, warning, critical].some((level) => typeof level === 'number');
}

/** Levels in the unit of the value that is held against them. */
function shown(levels: Levels, unit: 'ms' | 'share' | 'number'): Levels {
  if (unit !== 'share') return levels;
  const share = (ppm: number | null): number | null => (ppm === null ? null : ppm / 1_000_000);
  return { target: share(levels.target), warning: share(levels.warning), critical: share(levels.critical) };
}

/** The state of a group: its gravest; what nobody was asked for and nobody knows does not make the others unknown. */
export function groupState(signals: readonly AssessedSignal[]): SignalState {
  const states = new Set(signals.map(({ state }) => state));
  if (states.has('critical')) return 'critical';
  if (states.has('warning')) return 'warning';
  if (signals.some(({ state, isAsked }) => state === 'unknown' && isAsked)) return 'unknown';
  if (states.has('ok')) return 'ok';
  if (states.has('no-traffic')) return 'no-traffic';
  return states.has('unknown') || states.size === 0 ? 'unknown' : 'unjudged';
}
