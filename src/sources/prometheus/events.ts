import type { EventContext, EventReader, EventSlot, EventsRead } from '../source.ts';
import { type Api, openApi, QueryRefused } from './api.ts';
import { checkEvents } from './event-check.ts';
import { advance, type EventState, holeMaxS, type Moment, nothingSeen, type Told } from './event-count.ts';
import { type EventPlan, eventPlan } from './event-plan.ts';
import { inTurn } from './in-turn.ts';
import { type Found, readingsOf } from './reading.ts';
import type { PrometheusConfig } from './schema.ts';
import { TooLarge } from './transport.ts';

/** What Prometheus keeps by default is 15 days; a controller that was away for a week loses nothing. */
const reachS = 7 * 86_400;
/** Moments that one call goes on by at most. */
const momentsMax = 1_200;
/** Moments that a question asks about before it is known how many series there are. */
const askedFirst = 4;
/** Values that one answer should have at most: reading one must not keep everybody else in the controller waiting. */
const valuesMax = 50_000;
/** Beside what was seen last, this much of the past is read: series that were away go on from their last value. */
const pastS = 300;
/** Clocks that differ by more than this are told. */
const skewMaxS = 5;

/** Counts the events of objectives. */
export function openEvents(config: PrometheusConfig, context: EventContext): EventReader {
  const api = openApi(config, context.environment);
  const plan = eventPlan(config, context.objectives);
  const everyS = config.interval / 1_000;
  let memory: EventState | null = null;
  /** Moments of one question: fewer when an answer was too large or too late. */
  let asking = askedFirst;
  const moment = (atS: number): number => Math.floor(atS / everyS) * everyS;

  /** Reads up to a moment, in steps; what is read when one of them fails is handed on with the failure. */
  const goOn = async (from: EventState, toS: number, signal: AbortSignal) => {
    let state = from;
    const told: (readonly Told[])[] = [];
    while (state.atS < toS) {
      const endS = Math.min(state.atS + asking * everyS, toS);
      try {
        let values = 1;
        for (const one of await momentsOf(api, plan, state.atS + everyS, endS, everyS, signal)) {
          const next = advance(plan, state, one, everyS);
          ({ state } = next);
          told.push(next.told);
          values = Math.max(values, ...[...one.found.values()].map(valuesIn));
        }
        asking = Math.max(1, Math.min(momentsMax, asking * 4, Math.floor(valuesMax / values)));
      } catch (failure) {
        const isSmallest = endS <= state.atS + everyS;
        if (failure instanceof TooLarge || signal.aborted) asking = Math.max(1, Math.floor((endS - state.atS) / everyS / 2));
        if (failure instanceof TooLarge && !isSmallest) continue;
        return { state, told, failure };
      }
    }
    return { state, told, failure: null };
  };

  return {
    everyS,
    reachS,
    check: async (parent) => {
      const signal = AbortSignal.any([parent, AbortSignal.timeout(config.timeout)]);
      const clocks = await clockOf(api, context.now, signal);
      const { problems, notes } = await checkEvents(api, plan, { everyS, atS: clocks.nowS - config.delay / 1_000 }, signal);
      return { problems, notes: [...skewNotes(clocks), ...insecureNotes(config), ...notes] };
    },
    async read(fromSecond, toSecond, parent) {
      const signal = AbortSignal.any([parent, AbortSignal.timeout(config.timeout)]);
      const { nowS, skewS, doubtS } = await clockOf(api, context.now, signal);
      const notes = [...skewNotes({ skewS, doubtS }), ...insecureNotes(config)];
      const oldestS = moment(nowS - reachS);
      const beginS = Math.max(moment(fromSecond), oldestS);
      if (oldestS > fromSecond)
        notes.push(`what came before ${new Date(beginS * 1_000).toISOString()} is too long ago to be read`);
      const endS = Math.min(moment(Math.min(toSecond, nowS - config.delay / 1_000)), beginS + momentsMax * everyS);
      const known = memory?.atS === beginS ? memory : await past(beginS, endS, signal);
      const { state, told, failure } = await goOn(known, endS, signal);
      if (state.atS <= beginS && failure !== null) throw failure;
      if (state.atS >= beginS) memory = state;
      return answerOf(plan, state, told, fromSecond, notes);
    },
  };

  /** The state at a moment from which nobody has gone on, from a little of what was before. */
  async function past(beginS: number, endS: number, signal: AbortSignal): Promise<EventState> {
    const lastSeenS = endS > beginS ? await lastSeen(beginS, signal) : beginS;
    const empty = nothingSeen(plan, moment(lastSeenS - pastS) - everyS);
    const { state, failure } = await goOn(empty, beginS, signal);
    if (failure !== null) throw failure;
    return state;
  }

  /** Before a time without data lies what its end is compared with. */
  async function lastSeen(beginS: number, signal: AbortSignal): Promise<number> {
    let earliestS = beginS;
    await inTurn(freshnessQueries(plan), async (query) => {
      const series = await api.range(query, beginS - holeMaxS, beginS, Math.max(everyS, 15), signal);
      const times = series.flatMap(({ values }) => values.map(([, newestS]) => newestS));
      if (times.length > 0) earliestS = Math.min(earliestS, Math.max(...times));
    });
    return earliestS;
  }
}

/** Values of one moment in an answer, about. */
function valuesIn(found: Found): number {
  if (found.kind === 'numbers') return found.values.size;
  const [buckets] = found.values.values();
  return found.values.size * Math.max(1, buckets?.length ?? 1);
}

function freshnessQueries({ rules }: EventPlan): readonly string[] {
  return [...new Set(rules.map(({ freshness }) => freshness).filter((query) => query !== null))];
}

/** All that was to be seen at the moments from one to another. */
async function momentsOf(
  api: Api,
  plan: EventPlan,
  fromS: number,
  toS: number,
  everyS: number,
  signal: AbortSignal,
): Promise<readonly Moment[]> {
  const count = Math.round((toS - fromS) / everyS) + 1;
  const moments = Array.from({ length: count }, (_, index) => ({
    atS: fromS + index * everyS,
    newestS: new Map<string, number>(),
    found: new Map<string, Found>(),
    unusable: new Map<string, string>(),
  }));
  const jobs = [
    ...freshnessQueries(plan).map((text) => ({ kind: 'freshness' as const, text })),
    ...plan.queries.map((query) => ({ kind: 'events' as const, query })),
  ];
  await inTurn(jobs, async (job) => {
    try {
      if (job.kind === 'freshness') {
        const [series] = await api.range(job.text, fromS, toS, everyS, signal);
        const newest = new Map(series?.values);
        for (const { atS, newestS } of moments) {
          const sampledS = newest.get(atS);
          if (sampledS !== undefined) newestS.set(job.text, sampledS);
        }
        return;
      }
      const { id, text, asked, where } = job.query;
      const series = await api.range(text, fromS, toS, everyS, signal);
      const found = readingsOf(asked, series);
      const bad = new Set(series.flatMap(({ unusable = [] }) => unusable));
      for (const one of moments) {
        const at = found.get(one.atS);
        if (at) one.found.set(id, at);
        if (bad.has(one.atS)) one.unusable.set(id, `${where}: a series of ${text} is no finite number`);
      }
    } catch (error) {
      // The other objectives have nothing to do with it. What is asked for the freshness of a query is right when the query is.
      if (!(error instanceof QueryRefused)) throw error;
      if (job.kind === 'events')
        for (const { unusable } of moments) unusable.set(job.query.id, `${job.query.where}: ${error.message}. ${error.fix}`);
    }
  });
  return moments;
}

function answerOf(
  plan: EventPlan,
  state: EventState,
  told: readonly (readonly Told[])[],
  fromSecond: number,
  notes: readonly string[],
): EventsRead {
  return {
    toSecond: Math.max(state.atS, fromSecond),
    readings: plan.rules.map(({ objective }, index) => ({
      objective,
      slots: told.flatMap((all): EventSlot[] => {
        const slot = all[index]?.slot;
        return slot && slot.second > fromSecond ? [slot] : [];
      }),
      problem: state.objectives[index]?.problem ?? null,
      notes: [...new Set(told.flatMap((all) => all[index]?.note ?? []))],
    })),
    notes,
  };
}

type Clocks = { readonly skewS: number; readonly doubtS: number };

/** What time it is there, and by how much our clock is behind it. */
async function clockOf(api: Api, now: () => number, signal: AbortSignal): Promise<Clocks & { readonly nowS: number }> {
  const askedMs = now();
  const nowS = await api.nowS(signal);
  const answeredMs = now();
  return { nowS, skewS: nowS - (askedMs + answeredMs) / 2_000, doubtS: Math.abs(answeredMs - askedMs) / 2_000 };
}

function skewNotes({ skewS, doubtS }: Clocks): readonly string[] {
  const least = Math.abs(skewS) - doubtS;
  if (least <= skewMaxS) return [];
  const way = skewS > 0 ? 'ahead of' : 'behind';
  return [`the clock of Prometheus is ${Math.round(Math.abs(skewS))} s ${way} the controller's; its own time counts`];
}

function insecureNotes({ tls, url }: PrometheusConfig): readonly string[] {
  return tls?.insecure ? [`whoever answers at ${new URL(url).origin} is believed: spec.source.prometheus.tls.insecure`] : [];
}
