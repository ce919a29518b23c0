import type { Origin } from '../../access/types.ts';
import type { Confirmation, Exemption, ItemResult, ReadinessReport, SignOff } from '../../readiness/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what was checked, claimed, exempted and signed. */
export const readinessStream = 'readiness';

/** One run of a checklist. */
export type RunRecord = {
  readonly id: string;
  readonly service: string;
  readonly version: string | null;
  readonly checklist: string;
  /** Ids; null: all. */
  readonly phases: readonly string[] | null;
  readonly items: readonly string[] | null;
  /** Whether what was proven before it began counts for nothing. */
  readonly again: boolean;
  readonly by: string;
  readonly why: string;
  readonly startedMs: number;
  /** Null: it is under way, or was broken off. */
  readonly ended: { readonly atMs: number; readonly report: ReadinessReport; readonly hash: string } | null;
};

export type ReadinessState = {
  /** The newest results by `resultsKey`, by item. */
  readonly results: ReadonlyMap<string, ReadonlyMap<string, ItemResult>>;
  /** By `claimsKey`, by item. */
  readonly confirmations: ReadonlyMap<string, ReadonlyMap<string, Confirmation>>;
  readonly exemptions: ReadonlyMap<string, ReadonlyMap<string, Exemption>>;
  /** By service, the newest first, bounded. */
  readonly signOffs: ReadonlyMap<string, readonly SignOff[]>;
  readonly runs: ReadonlyMap<string, readonly RunRecord[]>;
};

type Of = { readonly service: string; readonly checklist: string };
type Asked = { readonly from?: Origin };

export type ReadinessEvent =
  | { readonly kind: 'readiness-run'; readonly actor: string; readonly data: Omit<RunRecord, 'by' | 'ended'> & Asked }
  | {
      readonly kind: 'item-checked';
      readonly actor: string;
      readonly data: Of & { readonly run: string; readonly version: string | null; readonly result: ItemResult };
    }
  | {
      readonly kind: 'readiness-ended';
      readonly actor: string;
      readonly data: Of & {
        readonly run: string;
        /** As large as everything else of a run together, so one that says the same as that of a run before is not recorded again. */
        readonly report: ReadinessReport | { readonly sameAs: string };
        readonly hash: string;
      };
    }
  | { readonly kind: 'item-confirmed'; readonly actor: string; readonly data: Of & Omit<Confirmation, 'by'> & Asked }
  | {
      readonly kind: 'confirmation-withdrawn';
      readonly actor: string;
      readonly data: Of & { readonly item: string; readonly why: string } & Asked;
    }
  | { readonly kind: 'item-exempted'; readonly actor: string; readonly data: Of & Omit<Exemption, 'by'> & Asked }
  | {
      readonly kind: 'exemption-ended';
      readonly actor: string;
      readonly data: Of & { readonly item: string; readonly why: string } & Asked;
    }
  | { readonly kind: 'report-signed'; readonly actor: string; readonly data: Of & Omit<SignOff, 'by'> & Asked };

export type ReadinessRecorded = RecordedState<ReadinessState, ReadinessEvent>;

/** Runs with their reports that are kept: of a service, and of all of them. */
const runsMax = 20;
const allRunsMax = 500;
const signOffsMax = 200;
/** Checklists of versions whose results are kept: of a service, so that busy ones do not push out the others, and of all of them. */
const checkedMax = 8;
const allCheckedMax = 1_000;

const kinds: Readonly<Record<ReadinessEvent['kind'], true>> = {
  'readiness-run': true,
  'item-checked': true,
  'readiness-ended': true,
  'item-confirmed': true,
  'confirmation-withdrawn': true,
  'item-exempted': true,
  'exemption-ended': true,
  'report-signed': true,
};

/** How readiness is recorded. */
export const readinessRecording: Recording<ReadinessState, ReadinessEvent> = {
  stream: readinessStream,
  empty: { results: new Map(), confirmations: new Map(), exemptions: new Map(), signOffs: new Map(), runs: new Map() },
  take,
  kinds: Object.keys(kinds) as ReadinessEvent['kind'][],
  what: 'readiness',
  held: 'nothing is checked, confirmed or signed',
};

/** Results belong to a version: another one has to prove itself again. */
export function resultsKey(service: string, version: string | null, checklist: string): string {
  return [service, version ?? '', checklist].join('\n');
}

/** Claims and exemptions hold for any version, as long as they say. */
export function claimsKey(service: string, checklist: string): string {
  return [service, checklist].join('\n');
}

function take(state: ReadinessState, event: ReadinessEvent & { readonly at: number }): ReadinessState {
  const { actor, at, data } = event;
  switch (event.kind) {
    case 'readiness-run': {
      const { from: _, ...run } = event.data;
      const before = state.runs.get(run.service) ?? [];
      const own = [{ ...run, by: actor, ended: null }, ...before].slice(0, runsMax);
      const runs = new Map(state.runs);
      // The service that has run last comes last, so the one that has not for longest loses its runs first.
      runs.delete(run.service);
      runs.set(run.service, own);
      let count = 0;
      for (const all of runs.values()) count += all.length;
      for (const [service, all] of runs) {
        if (count <= allRunsMax || service === run.service) break;
        const kept = all.slice(0, Math.max(1, all.length - (count - allRunsMax)));
        count -= all.length - kept.length;
        runs.set(service, kept);
      }
      return { ...state, runs };
    }
    case 'item-checked': {
      const { service, version, checklist, result } = event.data;
      const key = resultsKey(service, version, checklist);
      const items = new Map(state.results.get(key)).set(result.item, result);
      // The one that was checked last stands last.
      if ([...state.results.keys()].at(-1) === key) return { ...state, results: new Map(state.results).set(key, items) };
      const results = new Map(state.results);
      results.delete(key);
      const own = [...results.keys()].filter((other) => other.startsWith(`${service}\n`));
      for (const old of own.slice(0, Math.max(0, own.length - checkedMax + 1))) results.delete(old);
      for (const old of results.keys()) {
        if (results.size < allCheckedMax) break;
        results.delete(old);
      }
      return { ...state, results: results.set(key, items) };
    }
    case 'readiness-ended': {
      const { service, run, report: told, hash } = event.data;
      const all = state.runs.get(service) ?? [];
      const before = 'sameAs' in told ? all.find(({ id }) => id === told.sameAs)?.ended?.report : told;
      if (!before) return state;
      const report = 'sameAs' in told ? { ...before, atMs: at } : before;
      const runs = all.map((one) => (one.id === run ? { ...one, ended: { atMs: at, report, hash } } : one));
      return { ...state, runs: new Map(state.runs).set(service, withoutRepeats(runs, run)) };
    }
    case 'item-confirmed': {
      const { service, checklist, from: _, ...claim } = event.data;
      return { ...state, confirmations: put(state.confirmations, claimsKey(service, checklist), { ...claim, by: actor }) };
    }
    case 'item-exempted': {
      const { service, checklist, from: _, ...exemption } = event.data;
      return { ...state, exemptions: put(state.exemptions, claimsKey(service, checklist), { ...exemption, by: actor }) };
    }
    case 'confirmation-withdrawn':
      return {
        ...state,
        confirmations: without(state.confirmations, claimsKey(data.service, event.data.checklist), event.data.item),
      };
    case 'exemption-ended':
      return { ...state, exemptions: without(state.exemptions, claimsKey(data.service, event.data.checklist), event.data.item) };
    case 'report-signed': {
      const { service, checklist: _, from: __, ...sign } = event.data;
      const all = [{ ...sign, by: actor }, ...(state.signOffs.get(service) ?? [])].slice(0, signOffsMax);
      return { ...state, signOffs: new Map(state.signOffs).set(service, all) };
    }
  }
}

/**
 * A held release asks again every minute. Where the answer is the same the last one stands for those before, which would leave no room for
 * the runs that people compare.
 */
function withoutRepeats(runs: readonly RunRecord[], ended: string): readonly RunRecord[] {
  const at = runs.findIndex(({ id }) => id === ended);
  const last = runs[at];
  if (last?.by !== 'controller') return runs;
  const isRepeated = ({ by, why, checklist, version, ended: end }: RunRecord) =>
    by === last.by &&
    why === last.why &&
    checklist === last.checklist &&
    version === last.version &&
    end?.hash === last.ended?.hash;
  return runs.filter((run, index) => index <= at || run.ended === null || !isRepeated(run));
}

type Items<One> = ReadonlyMap<string, ReadonlyMap<string, One>>;

function put<One extends { readonly item: string }>(all: Items<One>, key: string, one: One): Items<One> {
  return new Map(all).set(key, new Map(all.get(key)).set(one.item, one));
}

function without<One>(all: Items<One>, key: string, item: string): Items<One> {
  const items = new Map(all.get(key));
  items.delete(item);
  return new Map(all).set(key, items);
}
