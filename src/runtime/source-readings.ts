import type { Counts, MetricReading, Sample } from '../analysis/sample.ts';

/** Readings that ended so many seconds before the sample that they would stand on are left out: they say nothing about it. */
const lateMaxS = 120;

/**
 * Puts the metrics that a source has read onto the counts of a router: each onto the first second that is not before it, because a
 * source looks less often and a little later.
 *
 * @param samples - The router's, oldest first.
 * @param readings - The source's, oldest first; only their metrics are taken.
 * @returns The samples, and the readings that wait for a later second.
 */
export function withReadings(
  samples: readonly Sample[],
  readings: readonly Sample[],
): { readonly samples: readonly Sample[]; readonly waiting: readonly Sample[] } {
  const newest = samples.at(-1)?.second ?? Number.NEGATIVE_INFINITY;
  const here = { stable: new Map<number, Counts[]>(), candidate: new Map<number, Counts[]>() };
  for (const reading of readings)
    for (const side of ['stable', 'candidate'] as const) {
      const counts = reading[side];
      // A second of which the router knows nothing carries nothing either.
      const ground = samples.find((sample) => sample.second >= reading.second && sample[side] !== null);
      if (!counts || !ground || ground.second - reading.second > lateMaxS) continue;
      here[side].set(ground.second, [...(here[side].get(ground.second) ?? []), counts]);
    }
  return {
    samples: samples.map((sample) => {
      const stable = here.stable.get(sample.second);
      const candidate = here.candidate.get(sample.second);
      if (!stable && !candidate) return sample;
      return { ...sample, stable: measured(sample.stable, stable ?? []), candidate: measured(sample.candidate, candidate ?? []) };
    }),
    waiting: readings.filter(({ second }) => second > newest),
  };
}

function measured(counts: Counts | null, readings: readonly Counts[]): Counts | null {
  if (!counts) return null;
  const found = new Map<string, MetricReading[]>();
  for (const reading of readings)
    for (const [name, value] of Object.entries(reading.metrics ?? {})) found.set(name, [...(found.get(name) ?? []), value]);
  if (found.size === 0) return counts;
  return { ...counts, metrics: Object.fromEntries([...found].map(([name, all]) => [name, together(all)])) };
}

/** Counts add up, levels have their mean. */
function together(readings: readonly MetricReading[]): MetricReading {
  const shares = readings.flatMap((reading) => ('bad' in reading ? [reading] : []));
  if (shares.length > 0)
    return {
      bad: shares.reduce((total, { bad }) => total + bad, 0),
      n: shares.reduce((total, { n }) => total + n, 0),
    };
  const levels = readings.flatMap((reading) => ('value' in reading ? [reading.value] : []));
  return { value: levels.reduce((total, value) => total + value, 0) / levels.length };
}
