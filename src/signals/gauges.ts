import { defaultLevels, type SaturationSignal, saturationSignals } from '../spec/signal-levels.ts';
import type { SignalPolicy, SignalQuery } from '../spec/signal-policy.ts';
import type { Gauge, NotKnown } from './types.ts';

/** What one instance uses, as its target tells it; what is absent is not known. */
export type InstanceUse = {
  readonly memoryBytes: number;
  readonly memoryLimitBytes?: number;
  readonly threads?: number;
  readonly files?: { readonly open: number; readonly limit: number };
  readonly connections?: number;
  readonly disk?: { readonly usedBytes: number; readonly totalBytes: number };
};

/**
 * How full things are, by what the instances use: sums of memory, threads and connections, and the fullest of file descriptors and disks,
 * because one that is full is enough. What only some instances tell is not known.
 *
 * @param cpuShare - Processor time of all instances, of all processors (0–1); null: it was read once only, and is a difference.
 */
export function gaugesOfUsage(instances: readonly InstanceUse[], cpuShare: number | null): readonly Gauge[] {
  if (instances.length === 0) return [];
  const known = <Key extends keyof InstanceUse>(key: Key): readonly NonNullable<InstanceUse[Key]>[] | null => {
    const found = instances.flatMap((one) => (one[key] === undefined ? [] : [one[key] as NonNullable<InstanceUse[Key]>]));
    return found.length === instances.length ? found : null;
  };
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const limits = known('memoryLimitBytes');
  const files = known('files')?.toSorted((a, b) => b.open / b.limit - a.open / a.limit)[0];
  const disk = known('disk')?.toSorted((a, b) => b.usedBytes / b.totalBytes - a.usedBytes / a.totalBytes)[0];
  const connections = known('connections');
  const threads = known('threads');
  return [
    cpuShare === null ? notYet('cpu') : gauge('cpu', cpuShare, 1),
    ...(limits ? [gauge('memory', sum(instances.map(({ memoryBytes }) => memoryBytes)), Math.max(...limits), 'B')] : []),
    ...(disk ? [gauge('disk', disk.usedBytes, disk.totalBytes, 'B')] : []),
    ...(files ? [gauge('fileDescriptors', files.open, files.limit)] : []),
    ...(connections ? [gauge('connections', sum(connections), null)] : []),
    ...(threads ? [gauge('threads', sum(threads), null)] : []),
  ];
}

/** What a router knows of itself. The connections to the instances are the target's to tell; where it cannot, those of clients are. */
export function gaugesOfRouter(load: { readonly inFlight: number; readonly clientConnections: number }): readonly Gauge[] {
  return [gauge('inFlight', load.inFlight, null), gauge('clientConnections', load.clientConnections, null)];
}

/** Every query that is asked for signals of saturation, with the signal that it is for. */
export function asked(
  policy: SignalPolicy,
): readonly { readonly name: string; readonly query: SignalQuery; readonly unit: string | null; readonly isShare: boolean }[] {
  return [
    ...saturationSignals.flatMap((name: SaturationSignal) => {
      const query = policy.queries[name];
      return query ? [{ name, query, unit: null, isShare: defaultLevels[name].unit === 'ppm' }] : [];
    }),
    ...policy.more.map(({ name, query, unit }) => ({ name, query, unit, isShare: query.limit !== null })),
  ];
}

/** The texts of these queries, each once. */
export function queryTexts(policy: SignalPolicy): readonly string[] {
  const texts = asked(policy).flatMap(({ query: { gauge: text, limit } }) =>
    typeof limit === 'string' ? [text, limit] : [text],
  );
  return [...new Set(texts)];
}

type Reading = { readonly value: number } | { readonly problem: string };

/** The signals of a policy as its queries have read them. A share without a limit is one as it was read. */
export function gaugesOfQueries(policy: SignalPolicy, readings: ReadonlyMap<string, Reading>): readonly Gauge[] {
  return asked(policy).map(({ name, query, unit, isShare }) => {
    const used = readings.get(query.gauge) ?? { problem: 'no answer' };
    const { limit } = query;
    const whole: Reading = typeof limit === 'string' ? (readings.get(limit) ?? { problem: 'no answer' }) : { value: limit ?? 1 };
    if ('problem' in used) return unknown(name, { kind: 'said', said: used.problem }, unit);
    if ('problem' in whole) return unknown(name, { kind: 'said', said: whole.problem }, unit);
    return gauge(name, used.value, isShare ? whole.value : null, unit);
  });
}

/** All signals of a policy, when the source that should know them gives no answer. */
export function gaugesOfSilence(policy: SignalPolicy, said: string): readonly Gauge[] {
  return asked(policy).map(({ name, unit }) => unknown(name, { kind: 'said', said }, unit));
}

function gauge(name: string, used: number, limit: number | null, unit: string | null = null): Gauge {
  return { name, used, limit, unit, notKnown: null };
}

function notYet(name: string): Gauge {
  return unknown(name, { kind: 'not-yet' }, null);
}

function unknown(name: string, notKnown: NotKnown, unit: string | null): Gauge {
  return { name, used: null, limit: null, unit, notKnown };
}

/** Those that were heard of too long ago, without what they said. */
export function silenced(gauges: readonly Gauge[]): readonly Gauge[] {
  return gauges.map(({ name, unit }) => unknown(name, { kind: 'silent' }, unit));
}

/** What each source says, the later ones before the earlier ones; one value for each signal. */
export function merged(sources: readonly (readonly Gauge[])[]): readonly Gauge[] {
  const all = new Map<string, Gauge>();
  for (const gauges of sources) for (const one of gauges) all.set(one.name, one);
  const clients = all.get('clientConnections');
  if (clients && !all.has('connections')) {
    all.delete('clientConnections');
    all.set('connections', { ...clients, name: 'connections' });
  }
  return [...all.values()];
}

/** What is drawn of gauges: shares (0–1) of those that have a limit, else what is used. */
export function valuesOf(gauges: readonly Gauge[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    gauges.flatMap(({ name, used, limit }) => {
      const value = used === null ? Number.NaN : limit === null ? used : used / limit;
      return Number.isFinite(value) ? [[name, Number(value.toPrecision(4))]] : [];
    }),
  );
}
