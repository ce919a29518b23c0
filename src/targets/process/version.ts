import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import type { Instance, InstanceUsage, RestartOrder, Workload } from '../target.ts';
import { untilAborted } from '../until-aborted.ts';
import { keepPort, takeFreePort } from './free-port.ts';
import { SupervisedInstance, type Surroundings } from './instance.ts';
import { ordinalOf, recordFile, type VersionPlace } from './places.ts';
import { isSameProcess, type ProcessEntry, processesByLife } from './process-table.ts';
import { folderError, type InstanceRecord, readRecord } from './record.ts';
import type { ProcessDefinition } from './schema.ts';
import { newRecord } from './transitions.ts';

/** All instances of one version. Starting them goes one after the other, so that no two calls start the same one. */
export class SupervisedVersion {
  readonly #place: VersionPlace;
  readonly #around: Surroundings;
  readonly #instances = new Map<number, SupervisedInstance>();
  #loaded: Promise<void> | null = null;
  #starting: Promise<void> = Promise.resolve();
  #retiring: Promise<void> | null = null;
  #isClosed = false;

  constructor(place: VersionPlace, around: Surroundings) {
    this.#place = place;
    this.#around = around;
  }

  get service(): string {
    return this.#place.service;
  }

  /** What runs of it or has to, by ordinal. */
  async list(signal: AbortSignal): Promise<readonly Instance[]> {
    await untilAborted(this.#load(), signal);
    return this.#snapshots();
  }

  /** What its instances use. */
  async usage(): Promise<readonly InstanceUsage[]> {
    const found = await Promise.all([...this.#instances.values()].map((instance) => instance.usage()));
    return found.filter((one) => one !== null);
  }

  /** See `WorkloadTarget.ensure`. While it is being retired nothing is started: the next call after that does. */
  async ensure(workload: Workload<ProcessDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    await untilAborted(this.#load(), signal);
    if (this.#retiring || this.#isClosed) return this.#snapshots();
    for (const [ordinal, instance] of this.#instances) {
      if (ordinal < workload.replicas) instance.want(workload.definition);
      else this.#endInBackground(ordinal, instance);
    }
    if (this.#missing(workload.replicas).length > 0) {
      const start = () => this.#startMissing(workload, signal);
      const started = this.#starting.then(start);
      this.#starting = started.catch(() => undefined); // The caller hears of it.
      await untilAborted(started, signal);
    }
    return this.#snapshots();
  }

  /** See `WorkloadTarget.retire`. An aborted call leaves the ending under way, and the next one waits for the same. */
  async retire(signal: AbortSignal): Promise<void> {
    await untilAborted(this.#load(), signal);
    this.#retiring ??= this.#retire().finally(() => {
      this.#retiring = null;
    });
    await untilAborted(this.#retiring, signal);
  }

  /** See `WorkloadTarget.restart`. */
  async restart(wanted: RestartOrder['instances'], signal: AbortSignal): Promise<void> {
    await untilAborted(this.#load(), signal);
    if (this.#retiring || this.#isClosed) return;
    const begun = [...this.#instances.values()].map(async (instance) => {
      const order = wanted.find(({ id }) => id === instance.id);
      if (order) await instance.restart(order.life);
    });
    await untilAborted(Promise.all(begun), signal);
  }

  /** Stops watching; the processes stay. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loaded?.catch(() => undefined);
    await Promise.all([...this.#instances.values()].map((instance) => instance.close()));
    await this.#starting;
  }

  async #startMissing(workload: Workload<ProcessDefinition>, signal: AbortSignal): Promise<void> {
    for (const ordinal of this.#missing(workload.replicas)) {
      signal.throwIfAborted();
      if (this.#isClosed) return;
      const port = await takeFreePort();
      const instance = new SupervisedInstance(
        this.#place,
        newRecord(this.#place, ordinal, port, workload.definition),
        this.#around,
      );
      this.#instances.set(ordinal, instance);
      try {
        await instance.start(workload.definition);
      } catch (error) {
        // The reason why it cannot start is what people need, not that its record could not be removed after that either.
        await instance.end().catch(() => undefined);
        this.#instances.delete(ordinal);
        throw error;
      }
    }
  }

  async #retire(): Promise<void> {
    await this.#starting;
    const ends = [...this.#instances].map(([ordinal, instance]) => this.#endOne(ordinal, instance));
    this.#around.changed();
    // All of them, also when one fails: the caller tries again for that one only.
    const failed = (await Promise.allSettled(ends)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #endOne(ordinal: number, instance: SupervisedInstance): Promise<void> {
    await instance.end();
    if (this.#instances.get(ordinal) !== instance) return;
    this.#instances.delete(ordinal);
    this.#around.changed();
  }

  #endInBackground(ordinal: number, instance: SupervisedInstance): void {
    this.#endOne(ordinal, instance).catch((error: unknown) => {
      if (!this.#isClosed) this.#around.log(`${instance.id}: cannot be ended: ${messageOf(error)}`);
    });
  }

  #missing(replicas: number): readonly number[] {
    return Array.from({ length: replicas }, (_, ordinal) => ordinal).filter((ordinal) => !this.#instances.has(ordinal));
  }

  #snapshots(): readonly Instance[] {
    return [...this.#instances]
      .sort(([a], [b]) => a - b)
      .flatMap(([, instance]) => (instance.isActive ? instance.snapshot() : []));
  }

  #load(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('this target is closed'));
    this.#loaded ??= this.#adopt().catch((error: unknown) => {
      this.#loaded = null; // Somebody may repair the folder.
      throw error;
    });
    return this.#loaded;
  }

  /** Takes over what an earlier controller left on record, and finds processes that it started without writing them down. */
  async #adopt(): Promise<void> {
    const records = await this.#readRecords();
    const isLost = ({ life, process }: InstanceRecord) => life !== null && !(process && isSameProcess(process));
    const byLife = processesByLife(new Set(records.filter(isLost).flatMap(({ life }) => life ?? [])));
    const checks = records.map(async (record) => {
      const found = record.process ? undefined : firstOf(byLife.get(record.life ?? '') ?? []);
      const process = found ? { pid: found.pid, mark: found.mark, startedAtMs: Date.now() } : record.process;
      const instance = new SupervisedInstance(this.#place, { ...record, process }, this.#around);
      keepPort(record.port);
      this.#instances.set(record.ordinal, instance);
      if (process && isSameProcess(process)) await instance.adopt();
      else instance.notFound();
    });
    await Promise.all(checks);
  }

  async #readRecords(): Promise<readonly InstanceRecord[]> {
    const { folder, service, version } = this.#place;
    const names = await readdir(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw folderError(folder, error);
    });
    const records: InstanceRecord[] = [];
    for (const name of names) {
      // Half-written ones of a controller that died meanwhile.
      if (/\.json\.[0-9a-f-]+\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
      const ordinal = ordinalOf(name);
      const record = ordinal === undefined ? null : await readRecord(recordFile(this.#place, ordinal));
      if (!record) continue;
      if (record.service !== service || record.version !== version || record.ordinal !== ordinal)
        throw new UserError('E_RECORD_DAMAGED', `${join(folder, name)} is the record of another instance`, {
          where: join(folder, name),
          fix: 'Move it back to where it was copied from.',
        });
      records.push(record);
    }
    return records;
  }
}

/** The process that was started for an instance, among those that inherited its environment: it leads their session. */
function firstOf(entries: readonly ProcessEntry[]): ProcessEntry | undefined {
  return entries.find(({ pid, session }) => pid === session);
}
