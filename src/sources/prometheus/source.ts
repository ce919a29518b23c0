import type { Sample } from '../../analysis/sample.ts';
import { UserError } from '../../errors.ts';
import type { LevelReading, MetricSource, SourceContext, SourceQuery } from '../source.ts';
import { openApi } from './api.ts';
import { sampleOf, type Wanted } from './compose.ts';
import { inTurn } from './in-turn.ts';
import { askedOf, type Told } from './plan.ts';
import { selectorOf } from './promql.ts';
import { type Found, type Increase, isStill, isVisible, type Known, type Reading, readingsOf, step } from './reading.ts';
import type { PrometheusConfig } from './schema.ts';
import { scrapeInterval } from './scrape-interval.ts';
import { levelAt, trafficAt } from './signals.ts';

/** How far back the first reading of a pair looks. */
const historyS = 300;
/** How long samples are kept for a caller who asks again, and the longest absence that is made up for. */
const memoryS = 900;
/** A moment at which no counter has moved is waited out so long: there may have been no scrape in between. */
const stillMaxS = 30;

/** All that is known of a pair of versions. */
type Memory = {
  readonly pair: string;
  /** Moment of the last sample (unix seconds), and what every series had then; null before the first reading. */
  readonly at: { readonly atS: number; readonly known: readonly Known[]; readonly wasVisible: boolean } | null;
  /** Last moment that was asked about. */
  readonly askedS: number;
  readonly samples: readonly Sample[];
  /** Why nothing can be said of the newest moment; null when something can. */
  readonly problem: unknown;
};

/** The client of one service's Prometheus. */
export function openSource(config: PrometheusConfig, context: SourceContext): MetricSource {
  const api = openApi(config, context.environment);
  const asked = askedOf(config, context.metrics);
  const everyS = config.interval / 1_000;
  const counts = asked.some(({ id }) => id === 'requests' || id === 'latency');
  const latency = asked.some(({ id }) => id === 'latency');
  const wanted: Wanted = {
    counts,
    latency,
    edgesMs: context.edgesMs,
    metrics: context.metrics,
  };
  let memory: Memory = { pair: '', at: null, askedS: 0, samples: [], problem: null };
  let failed: { readonly untilMs: number; readonly error: unknown } | null = null;

  /** Moments are multiples of the interval: caches in front of Prometheus align them so, and both versions share them. */
  const latestS = (): number => Math.floor((context.now() - config.delay) / config.interval) * everyS;

  const read = async (versions: readonly string[], fromS: number, toS: number, parent: AbortSignal) => {
    const signal = AbortSignal.any([parent, AbortSignal.timeout(config.timeout)]);
    const found = new Map<string, ReadonlyMap<number, Found>>();
    const jobs = versions.flatMap((version) => asked.map((one) => ({ version, one })));
    await inTurn(jobs, async ({ version, one }) => {
      const series = await api.range(one.queryFor(version), fromS, toS, everyS, signal);
      found.set(`${version} ${one.id}`, readingsOf(one, series));
    });
    return (version: string, atS: number): Reading =>
      new Map(
        asked.flatMap((one) => {
          const at = found.get(`${version} ${one.id}`)?.get(atS);
          return at ? [[one.id, at] as const] : [];
        }),
      );
  };

  /** Reads every moment since the last one, and makes samples of them. */
  const advance = async (
    before: Memory,
    { stable, candidate, afterSecond }: SourceQuery,
    signal: AbortSignal,
  ): Promise<Memory> => {
    const toS = latestS();
    const isGone = before.at !== null && toS - before.at.atS > memoryS;
    const at = isGone ? null : before.at;
    // A release that goes on after a restart has counts up to `afterSecond` already; nothing in between may be lost.
    const wantedS = afterSecond > 0 ? Math.min(memoryS, Math.max(historyS, toS - afterSecond)) : historyS;
    const fromS = at === null ? toS - Math.ceil(wantedS / everyS) * everyS : before.askedS + everyS;
    if (fromS > toS || (at !== null && toS <= before.askedS)) return before;
    const versions = [stable, candidate].filter((version) => version !== null);
    const readingAt = await read(versions, fromS, toS, signal);
    let next: Memory = { ...before, at, askedS: toS, problem: null };
    for (let atS = fromS; atS <= toS; atS += everyS) {
      const readings = versions.map((version) => readingAt(version, atS));
      const steps = readings.map((reading, index) =>
        step(asked, next.at?.known[index] ?? new Map(), reading, next.at?.wasVisible ?? false),
      );
      const here = { atS, known: steps.map(({ known }) => known), wasVisible: readings.some(isVisible) };
      const last = next.at;
      if (last === null) next = { ...next, at: here };
      else {
        const increases = steps.map(({ increase }) => increase);
        const isQuiet = last.wasVisible && here.wasVisible && increases.every(isStill);
        if (isQuiet && atS - last.atS < stillMaxS) continue;
        // What was there when it first came into view happened at a time that nobody knows.
        const pair = last.wasVisible ? { stable, candidate } : { stable: null, candidate: null };
        // One moment that cannot be used is passed over: the next ones must not wait for it.
        let sample: Sample;
        let problem: unknown = null;
        try {
          sample = composed(versions, increases, pair, last.atS, atS);
        } catch (error) {
          problem = error;
          sample = composed(versions, increases, { stable: null, candidate: null }, last.atS, atS);
        }
        const samples = [...next.samples, sample].filter(({ second }) => second > toS - memoryS);
        next = { ...next, at: here, samples, problem };
      }
    }
    return next;
  };

  const composed = (
    versions: readonly string[],
    increases: readonly Increase[],
    { stable, candidate }: { stable: string | null; candidate: string | null },
    fromS: number,
    toS: number,
  ): Sample => {
    const of = (version: string | null): Increase | null =>
      version === null ? null : (increases[versions.indexOf(version)] ?? null);
    return sampleOf({ stable: of(stable), candidate: of(candidate) }, fromS, toS, wanted);
  };

  return {
    capabilities: { counts, latency, everyS },
    async samples(query, signal) {
      const pair = JSON.stringify([query.stable, query.candidate]);
      if (memory.pair !== pair) {
        memory = { pair, at: null, askedS: 0, samples: [], problem: null };
        failed = null;
      }
      // One that fails is not asked again before its time: it may be down because it is asked too much. Nor later, on a clock put back.
      const waitMs = failed ? failed.untilMs - context.now() : 0;
      if (failed && waitMs > 0 && waitMs <= config.interval) throw failed.error;
      try {
        const next = await advance(memory, query, signal);
        if (memory.pair === pair) memory = { ...next, problem: null };
        if (next.problem !== null) throw next.problem;
        failed = null;
      } catch (error) {
        failed = { untilMs: context.now() + config.interval, error };
        throw error;
      }
      return memory.samples.filter(({ second }) => second > query.afterSecond).slice(0, query.limit);
    },
    async recent(version, seconds, signal) {
      const toS = latestS();
      const steps = Math.max(1, Math.ceil(Math.min(seconds, memoryS) / everyS));
      const readingAt = await read([version], toS - steps * everyS, toS, signal);
      let known: Known = new Map();
      const samples: Sample[] = [];
      for (let at = 0; at <= steps; at += 1) {
        const atS = toS - (steps - at) * everyS;
        const reading = readingAt(version, atS);
        const wasVisible = at > 0 && isVisible(readingAt(version, atS - everyS));
        const next = step(asked, known, reading, wasVisible);
        ({ known } = next);
        if (!wasVisible || !isVisible(reading)) continue;
        samples.push(sampleOf({ stable: next.increase, candidate: null }, atS - everyS, atS, wanted));
      }
      return samples;
    },
    async levels(queries, parent) {
      const signal = AbortSignal.any([parent, AbortSignal.timeout(config.timeout)]);
      const found: LevelReading[] = [];
      await inTurn([...queries.entries()], async ([index, query]) => {
        found[index] = await levelAt(api, query, latestS(), signal);
      });
      return found;
    },
    traffic: (query, parent) =>
      trafficAt(api, query, latestS(), everyS, AbortSignal.any([parent, AbortSignal.timeout(config.timeout)])),
    async check(version, parent) {
      const signal = AbortSignal.any([parent, AbortSignal.timeout(config.timeout)]);
      const problems: string[] = [];
      await inTurn(asked, async (one) => {
        try {
          await api.instant(one.queryFor(version), latestS(), signal);
          if (one.told && !(await tellsApart(one.told, signal)))
            problems.push(
              `${one.told.where} cannot tell versions apart: there are series of ${one.told.ofService}, and none of them says its version. ${one.told.fix}`,
            );
        } catch (error) {
          if (!(error instanceof UserError) || error.code !== 'E_SOURCE_REFUSED') throw error;
          problems.push(`spec.source.prometheus: ${error.message}. ${error.fix}`);
        }
      });
      if (problems.length > 0) return [...new Set(problems)];
      const counted = asked.filter(({ use }) => use !== 'level').map(({ queryFor }) => queryFor(version));
      const plain = counted.find((text) => selectorOf(text));
      const scrapedS = plain === undefined ? null : await scrapeInterval(api, plain, latestS(), signal);
      if (scrapedS !== null && scrapedS > everyS * 1.25)
        problems.push(
          `spec.source.prometheus.interval is ${everyS} s, and ${context.service} is scraped every ${scrapedS} s: use at least that, because counts would come in bursts`,
        );
      return problems;
    },
  };

  /** Whether some series name a version; where there are none at all, nobody can say yet. */
  async function tellsApart({ ofAny, ofService }: Told, signal: AbortSignal): Promise<boolean> {
    const has = async (query: string) => (await api.instant(`count(${query}\n)`, latestS(), signal)).length > 0;
    return !(await has(ofService)) || (await has(ofAny));
  }
}
