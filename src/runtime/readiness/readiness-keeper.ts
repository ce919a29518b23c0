import type { Origin } from '../../access/types.ts';
import type { OwnView } from '../../checks/own-view.ts';
import { messageOf, UserError } from '../../errors.ts';
import { signaturesFor } from '../../readiness/canonical.ts';
import { judgeReadiness } from '../../readiness/judge.ts';
import type { ResolvedChecklist } from '../../readiness/resolved.ts';
import { stableText } from '../../readiness/stable-text.ts';
import type { Exemption, ItemResult, ReadinessReport } from '../../readiness/types.ts';
import type { ReadText } from '../../spec/secret.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import type { Clock } from '../clock.ts';
import { checklistFor } from './checklists.ts';
import { onlyOf } from './local-run.ts';
import type { ReadinessAnswer, ReadinessAsk, ReadinessRuns } from './ports.ts';
import { claimsKey, type ReadinessRecorded, type RunRecord, resultsKey } from './readiness-records.ts';
import { reportHash } from './report-hash.ts';
import { atOnceMax, runChecks } from './run-checks.ts';
import { Slots } from './slots.ts';
import { unproven } from './unproven.ts';

export type KeeperWorld = {
  readonly records: ReadinessRecorded;
  /** What a controller knows about a service; null: it has none of this name. */
  own(service: string): OwnView | null;
  /** The document that counts for a version of a service; null: there is none. */
  document(service: string, version: string | null): ServiceSpec | null;
  /** The secrets that a document names, as they are. */
  secrets(spec: ServiceSpec): readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readSecret: ReadText;
  readonly clock: Clock;
  newId(service: string): string;
  warn(text: string): void;
};

/** What somebody wants checked. */
export type RunAsk = ReadinessAsk & {
  /** Ids of items beside `phases`; null: none are named. */
  readonly items?: readonly string[] | null;
  readonly from?: Origin;
};

/** How far a run is. */
export type RunProgressView = {
  readonly run: string;
  readonly total: number;
  readonly done: number;
  /** Items that are looked at now, with what they say. */
  readonly now: readonly { readonly item: string; readonly said: string | null }[];
};

type Active = { readonly key: string; readonly progress: Progress; readonly done: Promise<ReadinessAnswer> };
type Progress = { total: number; done: number; readonly now: Map<string, string | null> };

/** Runs checklists on record: what has been found is kept, and a run that was broken off goes on with the next controller. */
export class ReadinessKeeper implements ReadinessRuns {
  readonly #world: KeeperWorld;
  readonly #slots = new Slots(atOnceMax);
  readonly #active = new Map<string, Active>();
  readonly #stop = new AbortController();

  private constructor(world: KeeperWorld) {
    this.#world = world;
  }

  /** Takes up what the last controller has left, and goes on with its runs. */
  static open(world: KeeperWorld): ReadinessKeeper {
    const keeper = new ReadinessKeeper(world);
    for (const runs of world.records.state.runs.values())
      for (const run of runs.toReversed()) if (run.ended === null) keeper.#goOn(run);
    return keeper;
  }

  get records(): ReadinessRecorded {
    return this.#world.records;
  }

  async run(ask: ReadinessAsk, signal: AbortSignal): Promise<ReadinessAnswer> {
    const { done } = await this.start(ask);
    return await orAborted(done, signal);
  }

  /**
   * Begins a run, or joins the one that asks the same.
   *
   * @throws UserError when the checklist cannot be read, or nothing can be recorded.
   */
  async start(ask: RunAsk): Promise<{ readonly run: string; readonly done: Promise<ReadinessAnswer> }> {
    const { service, version, phases, items = null, by, why, from } = ask;
    const checklist = await this.resolved(ask.spec, ask.checklist);
    onlyOf(checklist, partOf(phases, items));
    const again = ask.again === true;
    const key = keyOf({ service, version, checklist: ask.checklist, phases, items, again }, ask.spec);
    for (const [run, active] of this.#active) if (active.key === key) return { run, done: active.done };
    const run = this.#world.newId(service);
    const record: RunRecord = {
      id: run,
      service,
      version,
      checklist: ask.checklist,
      phases,
      items,
      again,
      by,
      why,
      startedMs: this.#world.clock.now(),
      ended: null,
    };
    const { by: _, ended: __, ...data } = record;
    // Before the record: whoever asks the same meanwhile joins.
    const begun = Promise.withResolvers<void>();
    const active = this.#begin(key, record, ask.spec, checklist, begun.promise);
    try {
      await this.records.change(() => [{ kind: 'readiness-run', actor: by, data: from ? { ...data, from } : data }]);
      begun.resolve();
    } catch (error) {
      begun.reject(error);
      await active.done.catch(() => {});
      throw error;
    }
    return { run, done: active.done };
  }

  /** How far a run is; null: it is not under way. */
  progress(run: string): RunProgressView | null {
    const active = this.#active.get(run);
    if (!active) return null;
    const { total, done, now } = active.progress;
    return { run, total, done, now: [...now].map(([item, said]) => ({ item, said })) };
  }

  /** Runs of a service that are under way. */
  underWay(service: string): readonly RunProgressView[] {
    const runs = this.records.state.runs.get(service) ?? [];
    return runs.flatMap(({ id }) => this.progress(id) ?? []);
  }

  /**
   * The report as it is now, without looking at anything.
   *
   * @throws UserError when the checklist cannot be read.
   */
  async answer(
    spec: ServiceSpec,
    version: string | null,
    asked: string,
  ): Promise<ReadinessAnswer & { readonly checklist: ResolvedChecklist }> {
    const checklist = await this.resolved(spec, asked);
    const last = (this.records.state.runs.get(spec.name) ?? []).find(
      (run) => run.checklist === asked && run.version === version && run.ended !== null,
    );
    return {
      ...this.#judged(spec, version, asked, checklist, this.#results(spec.name, version, asked), last?.id ?? ''),
      checklist,
    };
  }

  /** A checklist with the parameters of a service. */
  async resolved(spec: ServiceSpec, asked: string): Promise<ResolvedChecklist> {
    const isOwn = spec.readiness?.checklist === asked;
    return await checklistFor(asked, spec.folder ?? '/', spec.readiness?.parameters ?? {}, isOwn);
  }

  /** Ends without waiting for checks: their runs go on with the next controller. */
  async stop(): Promise<void> {
    this.#stop.abort(new UserError('E_STOPPED', 'the controller stops', { where: 'controller', fix: 'ask the next one' }));
    await Promise.allSettled([...this.#active.values()].map(({ done }) => done));
  }

  #goOn(run: RunRecord): void {
    const spec = this.#world.document(run.service, run.version);
    if (!spec) return;
    const active = this.#begin(keyOf(run, spec), run, spec, null, Promise.resolve());
    active.done.catch((error: unknown) => this.#world.warn(`run ${run.id} of ${run.service}: ${messageOf(error)}`));
  }

  #begin(key: string, run: RunRecord, spec: ServiceSpec, resolved: ResolvedChecklist | null, recorded: Promise<void>): Active {
    const progress: Progress = { total: 0, done: 0, now: new Map() };
    const done = this.#carryOut(run, spec, resolved, progress, recorded).finally(() => this.#active.delete(run.id));
    const active = { key, progress, done };
    // Nobody may be waiting for it.
    done.catch(() => {});
    this.#active.set(run.id, active);
    return active;
  }

  async #carryOut(
    run: RunRecord,
    spec: ServiceSpec,
    resolved: ResolvedChecklist | null,
    progress: Progress,
    recorded: Promise<void>,
  ): Promise<ReadinessAnswer> {
    await recorded;
    const { service, version, checklist: asked } = run;
    const checklist = resolved ?? (await this.resolved(spec, asked));
    const part = onlyOf(checklist, partOf(run.phases, run.items));
    const results = this.#results(service, version, asked);
    const { wanted, known } = unproven(part, results, run.again ? run.startedMs : null, this.#world.clock.now());
    progress.total = wanted.size;
    const writes: Promise<void>[] = [];
    const found = await runChecks(
      {
        checklist: part,
        wanted,
        known,
        place: {
          service,
          version,
          folder: spec.folder ?? '/',
          environment: this.#world.environment,
          readSecret: this.#world.readSecret,
          secrets: this.#world.secrets(spec),
          own: this.#world.own(service),
          now: () => this.#world.clock.now(),
        },
        slots: this.#slots,
        progress: {
          began: (item) => progress.now.set(item, null),
          said: (item, text) => progress.now.set(item, text),
          ended: (result) => {
            progress.now.delete(result.item);
            progress.done += 1;
            const data = { service, checklist: asked, run: run.id, version, result };
            const write = this.records.change(() => [{ kind: 'item-checked', actor: 'controller', data }], undefined, true);
            write.catch(() => {});
            writes.push(write);
          },
        },
      },
      this.#stop.signal,
    );
    await Promise.all(writes);
    // Not what is on record by now: a run with another document of the same version may have asked otherwise meanwhile.
    const looked = new Set(found.map(({ item }) => item));
    const proofs = [...results.filter(({ item }) => !looked.has(item)), ...found];
    const answer = this.#judged(spec, version, asked, part, proofs, run.id);
    await this.records.change((state) => {
      const same = (state.runs.get(service) ?? []).find(({ ended }) => ended?.hash === answer.hash);
      const report = same ? { sameAs: same.id } : shortened(answer.report);
      const data = { service, checklist: asked, run: run.id, report, hash: answer.hash };
      return [{ kind: 'readiness-ended', actor: 'controller', data }];
    });
    if (part === checklist) return answer;
    // People sign the whole report: nobody is shown that of a part to sign.
    const { signOffs, unsigned } = this.#judged(spec, version, asked, checklist, proofs, run.id);
    return { ...answer, signOffs, unsigned };
  }

  #judged(
    spec: ServiceSpec,
    version: string | null,
    asked: string,
    checklist: ResolvedChecklist,
    results: readonly ItemResult[],
    run: string,
  ): ReadinessAnswer {
    const { state } = this.records;
    const claims = claimsKey(spec.name, asked);
    const own = (spec.readiness?.exemptions ?? []).map(
      ({ item, reason, approvedBy, untilMs }): Exemption => ({ item, reason, by: approvedBy, atMs: 0, untilMs }),
    );
    const known = {
      results,
      confirmations: [...(state.confirmations.get(claims)?.values() ?? [])],
      exemptions: [...own, ...(state.exemptions.get(claims)?.values() ?? [])],
    };
    const report = judgeReadiness(checklist, { service: spec.name, version }, known, this.#world.clock.now());
    const hash = reportHash(report);
    const roles = checklist.signOffs.map(({ role }) => role);
    return { run, report, hash, ...signaturesFor(hash, state.signOffs.get(spec.name) ?? [], roles) };
  }

  #results(service: string, version: string | null, asked: string): readonly ItemResult[] {
    return [...(this.records.state.results.get(resultsKey(service, version, asked))?.values() ?? [])];
  }
}

/** Two that ask the same of the same document share a run. */
function keyOf(
  run: Pick<RunRecord, 'service' | 'version' | 'checklist' | 'phases' | 'items' | 'again'>,
  spec: ServiceSpec,
): string {
  const { service, version, checklist, phases, items, again } = run;
  return stableText([service, version, checklist, phases, items, again, spec.folder, spec.readiness ?? null]);
}

function partOf(phases: readonly string[] | null, items: readonly string[] | null) {
  return phases === null && items === null ? null : { phases: phases ?? [], items: items ?? [] };
}

/** Lines that a report of the past keeps of each item. */
const evidenceMax = 5;

function shortened(report: ReadinessReport): ReadinessReport {
  const phases = report.phases.map((phase) => ({
    ...phase,
    items: phase.items.map((item) =>
      item.result ? { ...item, result: { ...item.result, evidence: item.result.evidence.slice(0, evidenceMax) } } : item,
    ),
  }));
  return { ...report, phases };
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
