import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync } from 'node:fs';
import { messageOf } from '../../errors.ts';
import type { End } from '../end-text.ts';
import { type CheckResult, probe } from '../probe.ts';
import { currentProblem, instanceState, type Phase, type Readiness, readinessAfter, unchecked } from '../readiness.ts';
import type { Instance, InstanceUsage, TargetContext } from '../target.ts';
import { hasRecovered, remainingDelayMs } from './back-off.ts';
import { endProcess, type Known, killLife, killRemains } from './ending.ts';
import { launchOf } from './environment.ts';
import { isPortFree, loopback, releasePort, takeFreePort } from './free-port.ts';
import { InstanceLog } from './instance-log.ts';
import { launchProcess } from './launching.ts';
import { logFile, recordFile, type VersionPlace } from './places.ts';
import { type InstanceRecord, removeRecord, writeRecord } from './record.ts';
import type { ProcessDefinition } from './schema.ts';
import { connectionsTo, diskOf, memoryLimitOf } from './surroundings.ts';
import { endedRecord, freshRecord, intentRecord, refusedRecord, rulesOf } from './transitions.ts';
import { usageOf } from './usage.ts';
import { pollEnd, pollLog, watchLiveness, watchReadiness } from './watching.ts';

/** Whom an instance tells about itself. */
export type Surroundings = Pick<TargetContext, 'environment'> & { changed(): void; log(line: string): void };

/**
 * One replica over all of its processes: starts it, watches it, starts it again, ends it. What it does to its process and its record
 * goes through one queue, so that no two of these overlap; what it learns about its process it takes in at once.
 */
export class SupervisedInstance {
  readonly id: string;
  readonly #place: VersionPlace;
  readonly #around: Surroundings;
  readonly #log: InstanceLog;
  #record: InstanceRecord;
  #phase: Phase;
  #readiness: Readiness = unchecked;
  #definition: ProcessDefinition | null = null;
  #child: ChildProcess | null = null;
  /** Ends with the present process, and with it everything that watches it. */
  #life = new AbortController();
  #restartReason: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #tasks: Promise<unknown> = Promise.resolve();
  #ending: Promise<void> | null = null;
  #isClosed = false;

  constructor(place: VersionPlace, record: InstanceRecord, around: Surroundings) {
    this.id = `${record.service}/${record.version}/${record.ordinal}`;
    this.#place = place;
    this.#record = record;
    this.#around = around;
    this.#log = new InstanceLog(logFile(place, record.ordinal), record.logFromByte, (line) => this.#tell(line));
    this.#phase = record.retryAtMs === null ? 'unstarted' : 'waiting';
  }

  /** Whether it runs or has to. What is left of an unwanted version that ended unseen does neither. */
  get isActive(): boolean {
    return this.#definition !== null || !(this.#phase === 'waiting' || this.#phase === 'unstarted');
  }

  /** What its processes use; null when none runs. */
  async usage(): Promise<InstanceUsage | null> {
    const { process, port } = this.#record;
    const usage = process && (await usageOf(process.pid));
    if (!process || !usage) return null;
    const [memoryLimitBytes, disk, connections] = await Promise.all([
      memoryLimitOf(process.pid),
      diskOf(process.pid),
      connectionsTo(port),
    ]);
    return {
      id: this.id,
      ...usage,
      memoryLimitBytes,
      ...(disk === null ? {} : { disk }),
      ...(connections === null ? {} : { connections }),
    };
  }

  /** How it is now, in the words of the contract. */
  snapshot(): Instance {
    const { version, port, restarts, life, lastEnd, rules } = this.#record;
    const { readySinceMs } = this.#readiness;
    const isRecovered = hasRecovered(readySinceMs === null ? null : Date.now() - readySinceMs);
    const problem = currentProblem(this.#readiness, isRecovered ? null : lastEnd, rules.health.unhealthyAfter);
    const state = instanceState(this.#phase, this.#readiness);
    const endpoint = { host: loopback, port };
    const known = { ...(life === null ? {} : { life }), ...(problem === undefined ? {} : { problem }) };
    return { id: this.id, version, endpoint, state, restarts, ...known };
  }

  /** Takes a running process of an earlier controller over. Resolves once it was asked for its readiness, which takes at most 1 s. */
  async adopt(): Promise<void> {
    const { process, life, wasReady, readySinceMs, rules, port } = this.#record;
    if (!process || life === null) throw new Error(`${this.id} has no process to adopt`);
    this.#phase = 'running';
    // What the earlier controller knew counts, so that one slow answer at the take-over does not cut off a version that works.
    this.#readiness = { ...unchecked, wasReady, readySinceMs };
    void this.#save();
    const result = await probe(
      { host: loopback, port },
      rules.health.path,
      Math.min(1_000, rules.health.timeout),
      this.#life.signal,
    );
    if (this.#isClosed || this.#ending) return;
    this.#checked(result);
    this.#watch();
    pollEnd(process, this.#life.signal, () => this.#ended(life, { kind: 'unseen' }));
    // An earlier controller may have died before it could ask, or before the deadline to kill it.
    if (this.#record.isAskedToEnd) this.#restart(null);
  }

  /** Takes in that what is on record does not run (any more). */
  notFound(): void {
    const { life, process } = this.#record;
    if (life === null) return;
    killLife(life);
    if (process) this.#ended(life, { kind: 'lost' });
    else this.#record = { ...this.#record, life: null }; // It never came to be: that is no end to count.
  }

  /** Keeps it running by this definition. A process that runs already stays as it is; how it is watched and ended changes at once. */
  want(definition: ProcessDefinition): void {
    const isNew = this.#definition !== definition;
    this.#definition = definition;
    if (isNew && JSON.stringify(rulesOf(definition)) !== JSON.stringify(this.#record.rules)) {
      this.#record = { ...this.#record, rules: rulesOf(definition) };
      void this.#save();
    }
    this.#schedule();
  }

  /** Starts it for the first time. @throws UserError `E_COMMAND_NOT_FOUND`, `E_CWD_MISSING`, `E_DATA_FOLDER`, `E_PORT_TAKEN`. */
  start(definition: ProcessDefinition): Promise<void> {
    this.#definition = definition;
    return this.#do(() => this.#start(definition));
  }

  /**
   * Ends the process of this life and starts it again without a wait; null: the one that waits for its next start. Another life stays.
   * Resolves when that is on record, so that the next controller does it when this one cannot any more.
   */
  async restart(life: string | null): Promise<void> {
    if (this.#ending || this.#isClosed || this.#record.life !== life) return;
    if (this.#phase === 'running') {
      // On record first: whoever finds it gone has to know that this was no crash.
      this.#record = { ...this.#record, isAskedToEnd: true };
      const saved = this.#save();
      this.#restart(null);
      await saved;
      return;
    }
    if (this.#phase !== 'waiting') return;
    this.#startAfresh();
    this.#around.changed();
  }

  /** Ends it and removes its record. Resolves when nothing is left of it. Safe to repeat, also while it is under way. */
  end(): Promise<void> {
    this.#ending ??= this.#end().catch((error: unknown) => {
      this.#ending = null; // So that the next call tries again.
      throw error;
    });
    return this.#ending;
  }

  /** Stops watching; its process stays. Resolves when nothing more will be done to it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWatching();
    this.#child?.removeAllListeners('exit');
    await this.#tasks;
    await this.#log.settled();
    releasePort(this.#record.port);
  }

  async #start(definition: ProcessDefinition): Promise<void> {
    if (this.#isClosed || this.#ending || this.#phase === 'running') return;
    // It may have been started and have ended since this start was asked for; then it has to wait again.
    if (this.#delayMs() > 0) return;
    await this.#secureFreePort();
    const { service, version, ordinal, port } = this.#record;
    const life = `${this.id}:${randomUUID()}`;
    const launch = launchOf(definition, { service, version, port, life }, this.#around.environment);
    const before = this.#record;
    await writeRecord(recordFile(this.#place, ordinal), intentRecord(before, life, 0));
    await this.#log.rotate(before.rules.logs);
    const log = this.#log.open();
    if (this.#isClosed || this.#ending) return closeSync(log.fd);
    // Not from `before`: its rules may have changed since.
    this.#record = intentRecord(this.#record, life, log.size);
    const { child, pid, mark } = await launchProcess(launch, log.fd).catch(async (error: unknown) => {
      this.#record = { ...before, rules: this.#record.rules };
      await this.#write();
      throw error;
    });
    this.#record = { ...this.#record, process: { pid, mark, startedAtMs: Date.now() } };
    this.#child = child;
    this.#readiness = unchecked;
    child.once('exit', (code, signal) =>
      this.#ended(life, signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal }),
    );
    if (!this.#ending && !this.#isClosed) {
      this.#phase = 'running';
      this.#watch();
    }
    // Should this fail, the intent is on record: the next controller finds the process by its life.
    await this.#put();
  }

  async #secureFreePort(): Promise<void> {
    const { port } = this.#record;
    if (await isPortFree(port)) return;
    const other = await takeFreePort();
    this.#tell(`another program listens on port ${port}; it gets ${other}`);
    releasePort(port);
    this.#record = { ...this.#record, port: other };
  }

  #watch(): void {
    this.#life.abort();
    this.#life = new AbortController();
    const { signal } = this.#life;
    const watched = {
      port: this.#record.port,
      rules: () => this.#record.rules,
      wasReady: () => this.#readiness.wasReady,
      checked: (result: CheckResult) => this.#checked(result),
      livenessLost: (reason: string) => this.#restart(reason),
    };
    void watchReadiness(watched, signal);
    void watchLiveness(watched, signal);
    pollLog(signal, () => void this.#log.rotate(this.#record.rules.logs));
  }

  #stopWatching(): void {
    this.#life.abort();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #checked(result: CheckResult): void {
    const before = this.#readiness;
    const after = readinessAfter(before, result, this.#record.rules.health.unhealthyAfter, Date.now());
    this.#readiness = after;
    this.#record = { ...this.#record, wasReady: after.wasReady, readySinceMs: after.readySinceMs };
    if ((after.readySinceMs === null) === (before.readySinceMs === null)) return;
    void this.#save();
    this.#around.changed();
  }

  /** Takes in that the process of this life is gone. Repeating it changes nothing. */
  #ended(life: string, end: End): void {
    const { process } = this.#record;
    // While it is being ended, `#end` waits for all that belongs to it, and needs the record until then.
    if (this.#isClosed || this.#ending || this.#record.life !== life || !process) return;
    this.#stopWatching();
    this.#child = null;
    // Whoever restarts it waits for its children himself, up to their deadline.
    const { isAskedToEnd } = this.#record;
    if (this.#restartReason === null && !isAskedToEnd && end.kind !== 'lost') this.#killRemains({ ...process, life });
    if (isAskedToEnd) {
      this.#startAfresh();
      this.#around.changed();
      return;
    }
    const how: End = this.#restartReason === null ? end : { kind: 'restarted', reason: this.#restartReason };
    this.#restartReason = null;
    this.#record = endedRecord(this.#record, how, this.#log.output(), Date.now());
    this.#readiness = unchecked;
    this.#phase = 'waiting';
    void this.#save();
    this.#schedule();
    this.#around.changed();
  }

  #killRemains(known: Known): void {
    try {
      killRemains(known);
    } catch (error) {
      this.#tell(`what its process left behind cannot be killed: ${messageOf(error)}`);
    }
  }

  /** Whatever was before is over: it is started without a wait, and nothing of it counts as a crash. */
  #startAfresh(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#record = freshRecord(this.#record);
    this.#readiness = unchecked;
    this.#phase = 'unstarted';
    void this.#save();
    this.#schedule();
  }

  /** Ends its process because it does not live any more, or (null) because somebody has asked for it; its end then starts it again. */
  #restart(reason: string | null): void {
    const { process, life, rules } = this.#record;
    if (this.#phase !== 'running' || this.#ending || !process || life === null) return;
    this.#phase = 'restarting';
    this.#restartReason = reason;
    this.#around.changed();
    void this.#do(async () => {
      await endProcess({ ...process, life }, rules.stop.signal, rules.stop.deadline, () => this.#isClosed);
      this.#ended(life, { kind: 'unseen' });
    }).catch((error: unknown) => this.#tell(`cannot end it for its restart: ${messageOf(error)}`));
  }

  /** Sets the timer of the next start, unless it runs, is set already or nobody wants it. */
  #schedule(): void {
    const definition = this.#definition;
    if (definition === null || this.#timer || this.#isClosed || this.#ending) return;
    if (this.#phase !== 'waiting' && this.#phase !== 'unstarted') return;
    const timer = setTimeout(() => {
      void this.#do(() => this.#start(this.#definition ?? definition))
        .catch((error: unknown) => {
          this.#record = refusedRecord(this.#record, messageOf(error), Date.now());
          this.#phase = 'waiting';
        })
        .finally(() => {
          // It may have started and ended meanwhile, and then has its next timer already.
          if (this.#timer === timer) this.#timer = null;
          this.#schedule();
          this.#around.changed();
        });
    }, this.#delayMs());
    timer.unref();
    this.#timer = timer;
  }

  /** What is left of its back-off. */
  #delayMs(): number {
    const { retryAtMs, rules } = this.#record;
    return retryAtMs === null ? 0 : remainingDelayMs(retryAtMs, Date.now(), rules.restart);
  }

  async #end(): Promise<void> {
    this.#stopWatching();
    this.#phase = 'stopping';
    await this.#do(async () => {
      const { process, life, rules } = this.#record;
      const known = process && life !== null ? { ...process, life } : null;
      if (known) await endProcess(known, rules.stop.signal, rules.stop.deadline, () => this.#isClosed);
      else if (life !== null) killLife(life);
      if (this.#isClosed) throw new Error(`${this.id} was still being ended when its target was closed`);
      await this.#log.settled();
      await removeRecord(recordFile(this.#place, this.#record.ordinal));
      releasePort(this.#record.port);
    });
  }

  /** Runs `task` after everything that was asked before. */
  #do<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#tasks.then(task);
    this.#tasks = run.catch(() => undefined); // It is the caller's to handle.
    return run;
  }

  #save(): Promise<void> {
    return this.#do(() => this.#write());
  }

  async #write(): Promise<void> {
    if (!this.#isClosed && !this.#ending) await this.#put();
  }

  /** Puts the record on disk as it is now. What runs must not stop because the disk is full, so a failure is told and no more. */
  async #put(): Promise<void> {
    await writeRecord(recordFile(this.#place, this.#record.ordinal), this.#record).catch((error: unknown) =>
      this.#tell(messageOf(error)),
    );
  }

  #tell(line: string): void {
    this.#around.log(`${this.id}: ${line}`);
  }
}
