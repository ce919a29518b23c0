import type { EventSlot } from '../source.ts';
import { totalOf } from './buckets.ts';
import type { EventPlan, EventQuery, EventRule } from './event-plan.ts';
import { type Come, type Found, type Known, seriesMax, step } from './reading.ts';

/** What was seen at one moment. */
export type Moment = {
  /** Unix second. */
  readonly atS: number;
  /** Time of the newest sample, by `freshness` query; those without any are missing. */
  readonly newestS: ReadonlyMap<string, number>;
  /** By `EventQuery.id`; those that found nothing are missing. */
  readonly found: ReadonlyMap<string, Found>;
  /** Why the answer to a query cannot be used, by its id. */
  readonly unusable: ReadonlyMap<string, string>;
};

/** All that has to be kept in mind between two moments. */
export type EventState = {
  readonly atS: number;
  readonly queries: ReadonlyMap<string, { readonly known: Known; readonly isBased: boolean }>;
  /** In the order of the plan's rules. */
  readonly objectives: readonly ObjectiveState[];
};

type ObjectiveState = {
  /** When it was first seen, and last. */
  readonly firstS: number | null;
  readonly lastS: number | null;
  /** End of the last slot, and the newest sample then; null until one can begin. */
  readonly base: { readonly atS: number; readonly newestS: number } | null;
  /** What has come since, not told yet. */
  readonly bad: number;
  readonly badAtMost: number;
  readonly total: number;
  /** A sum of counters has fallen since: what has come cannot be told. */
  readonly hasFallen: boolean;
  readonly problem: string | null;
};

/** What one moment brought for one objective. */
export type Told = { readonly slot: EventSlot | null; readonly note: string | null };

/** The longest time without data whose events are still counted when it is over. */
export const holeMaxS = 3_600;

const unseen: ObjectiveState = {
  firstS: null,
  lastS: null,
  base: null,
  bad: 0,
  badAtMost: 0,
  total: 0,
  hasFallen: false,
  problem: 'nothing has been read yet',
};

/** Before the first moment. */
export function nothingSeen({ rules }: EventPlan, atS: number): EventState {
  return { atS, queries: new Map(), objectives: rules.map(() => unseen) };
}

/**
 * Goes on by one moment. Events are differences of raw counters, see `step`: nothing is extrapolated and each is told once. A slot
 * ends when there has been a scrape since the one before; while there was none, or an answer cannot be used, it grows.
 */
export function advance(
  plan: EventPlan,
  before: EventState,
  moment: Moment,
  everyS: number,
): { readonly state: EventState; readonly told: readonly Told[] } {
  const { atS } = moment;
  const sights = plan.rules.map(({ freshness, rule }) => sightOf(freshness, rule, moment, everyS));
  const seen = new Set(plan.rules.flatMap(({ rule }, index) => (typeof sights[index] === 'number' ? idsOf(rule) : [])));
  const queries = new Map(before.queries);
  const come = new Map<string, Come>();
  const unusable = new Map(moment.unusable);
  for (const query of plan.queries) {
    if (!seen.has(query.id)) continue;
    const problem = unusable.get(query.id) ?? uncountable(query, moment.found.get(query.id));
    if (problem !== null) {
      unusable.set(query.id, problem);
      continue;
    }
    const past = before.queries.get(query.id) ?? { known: new Map(), isBased: false };
    const found = moment.found.get(query.id);
    const next = step([query.asked], past.known, new Map(found ? [[query.id, found]] : []), past.isBased);
    const one = next.increase.get(query.id);
    if (one) come.set(query.id, one);
    queries.set(query.id, { known: next.known, isBased: true });
  }
  const results = plan.rules.map(({ rule }, index) => {
    const state = before.objectives[index] ?? unseen;
    const sight = sights[index] ?? '';
    if (typeof sight === 'string') return { state: { ...state, problem: problemOf(rule, unusable) ?? sight }, told: nothing };
    return counted(state, rule, { atS, newestS: sight, everyS, come, unusable });
  });
  return {
    state: { atS, queries, objectives: results.map(({ state }) => state) },
    told: results.map(({ told }) => told),
  };
}

const nothing: Told = { slot: null, note: null };

/** Time of the newest sample; a sentence when nothing is known at this moment. */
function sightOf(freshness: string | null, rule: EventRule, { atS, newestS, found }: Moment, everyS: number): number | string {
  if (rule.kind === 'none') return rule.problem;
  const text = textOf(rule.total);
  if (freshness === null)
    return found.has(rule.total) ? atS : `there is no data: ${text} has no series, and says nothing of where they come from`;
  const newest = newestS.get(freshness);
  if (newest === undefined)
    return `there is no data: ${text} has no series${/\bup\{/.test(freshness) ? ', and no target of its job is up' : ''}`;
  const ageS = atS - newest;
  if (ageS > staleMaxS(everyS))
    return `there is no data: the newest sample of ${text} is ${Math.round(ageS)} s older than the moment that is read; is it still scraped?`;
  return newest;
}

/** A sample that is older than this says nothing about now. */
function staleMaxS(everyS: number): number {
  return Math.max(3 * everyS, 30);
}

/** The query of an id. */
function textOf(id: string): string {
  return shortened(id.replace(/^(count|histogram \d+) /, ''));
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function idsOf(rule: EventRule): readonly string[] {
  return rule.kind === 'none' ? [] : rule.kind === 'ratio' ? [rule.part, rule.total] : [rule.total];
}

function problemOf(rule: EventRule, unusable: ReadonlyMap<string, string>): string | null {
  return (
    idsOf(rule)
      .map((id) => unusable.get(id))
      .find((one) => one !== undefined) ?? null
  );
}

/** Why what was found is no count of events; null when it is one. */
export function uncountable({ id }: EventQuery, found: Found | undefined): string | null {
  if (!found) return null;
  if (found.values.size > seriesMax)
    return `${textOf(id)} has ${found.values.size} series, and at most ${seriesMax} are read: add them up by process, sum by (instance) (…)`;
  const numbers = found.kind === 'numbers' ? found.values.values() : bucketCounts(found);
  for (const value of numbers)
    if (!Number.isSafeInteger(value) || value < 0)
      return `${textOf(id)} stands at ${value}: events are counted in whole numbers from 0 on`;
  return null;
}

function* bucketCounts(found: Extract<Found, { kind: 'histograms' }>): Generator<number> {
  for (const buckets of found.values.values()) for (const { count } of buckets) yield count;
}

type Sight = {
  readonly atS: number;
  readonly newestS: number;
  readonly everyS: number;
  readonly come: ReadonlyMap<string, Come>;
  readonly unusable: ReadonlyMap<string, string>;
};

function counted(
  before: ObjectiveState,
  rule: EventRule,
  { atS, newestS, everyS, come, unusable }: Sight,
): { readonly state: ObjectiveState; readonly told: Told } {
  const news = eventsOf(rule, come);
  const firstS = before.firstS ?? atS;
  const state: ObjectiveState = {
    ...before,
    firstS,
    lastS: atS,
    bad: before.bad + news.bad,
    badAtMost: before.badAtMost + news.badAtMost,
    total: before.total + news.total,
    hasFallen: before.hasFallen || news.hasFallen,
  };
  const from = (note: string | null, problem: string | null = null) => ({
    state: { ...state, base: { atS, newestS }, bad: 0, badAtMost: 0, total: 0, hasFallen: false, problem },
    told: { slot: null, note },
  });
  const wait = (problem: string | null) => ({ state: { ...state, problem }, told: nothing });
  const problem = problemOf(rule, unusable);
  if (problem !== null) return wait(problem);
  // Targets are scraped one after the other: one that is not there at the first moment may have counted for long.
  if (before.base === null) return atS - firstS >= 2 * everyS ? from(null) : wait('it has only just been seen');
  if (before.lastS !== null && atS - before.lastS > holeMaxS)
    return from(`nothing is known of the time from ${clock(before.lastS)} to ${clock(atS)}, which was too long to count over`);
  if (newestS <= before.base.newestS) return wait(before.problem);
  if (state.hasFallen)
    return from(
      `a sum of counters has fallen by ${clock(atS)}: what has come since ${clock(before.base.atS)} cannot be told; count by process, sum by (instance) (…)`,
    );
  if (state.bad < 0 || state.bad > state.total) {
    const share =
      rule.kind === 'ratio' ? `${rule.count} ${rule.count === 'good' ? state.total - state.bad : state.bad}` : `bad ${state.bad}`;
    const invalid = `${share} of ${state.total} events since ${clock(before.base.atS)}: a part cannot be more than the whole; do both queries count the same events?`;
    if (atS - before.base.atS < heldMaxS(everyS)) return wait(invalid);
    return from(`${invalid} They are left out`, invalid);
  }
  const slot: EventSlot = {
    second: atS,
    seconds: atS - before.base.atS,
    bad: state.bad,
    total: state.total,
    ...(state.badAtMost > state.bad ? { badAtMost: state.badAtMost } : {}),
  };
  return { ...from(null), told: { slot, note: null } };
}

/** Two counters that are written one after the other differ for a moment: so long they are waited for before they are left out. */
function heldMaxS(everyS: number): number {
  return Math.max(4 * everyS, 60);
}

type News = { readonly bad: number; readonly badAtMost: number; readonly total: number; readonly hasFallen: boolean };

function eventsOf(rule: EventRule, come: ReadonlyMap<string, Come>): News {
  const none: News = { bad: 0, badAtMost: 0, total: 0, hasFallen: false };
  if (rule.kind === 'none') return none;
  const whole = come.get(rule.total);
  if (rule.kind === 'histogram') {
    if (whole?.kind !== 'histogram') return none;
    const { buckets, isPartial } = whole;
    const total = totalOf(buckets);
    const good = totalOf(buckets.filter(({ highMs }) => highMs <= rule.belowMs));
    const unsure = totalOf(buckets.filter(({ lowMs, highMs }) => lowMs < rule.belowMs && rule.belowMs < highMs));
    return { bad: total - good - unsure, badAtMost: total - good, total, hasFallen: isPartial };
  }
  const total = sizeOf(whole);
  const part = sizeOf(come.get(rule.part));
  if (total === null || part === null) return { ...none, hasFallen: true };
  const bad = rule.count === 'good' ? total - part : part;
  return { bad, badAtMost: bad, total, hasFallen: false };
}

/** How many have come; null when a sum has fallen. */
function sizeOf(come: Come | undefined): number | null {
  if (come?.kind === 'count') return come.count;
  if (come?.kind === 'histogram') return come.isPartial ? null : totalOf(come.buckets);
  return 0;
}

/** A moment as people read it, in UTC. */
function clock(atS: number): string {
  return new Date(atS * 1_000).toISOString().slice(0, 19).replace('T', ' ');
}
