import { readdir } from 'node:fs/promises';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { ChangeListeners } from '../change-listeners.ts';
import {
  defineTarget,
  type Instance,
  type InstanceUsage,
  type RestartOrder,
  type TargetContext,
  type Workload,
  type WorkloadTarget,
} from '../target.ts';
import { untilAborted } from '../until-aborted.ts';
import { pruneLogs } from './log-pruning.ts';
import { readInstanceLog } from './log-reading.ts';
import { serviceFolder, versionPlace } from './places.ts';
import { folderError } from './record.ts';
import { ProcessDefinition } from './schema.ts';
import { SupervisedVersion } from './version.ts';

export { readInstanceLog };

/** Ended versions of a service whose logs stay. */
const endedVersionsKept = 5;

/** Runs versions as local processes that outlive the controller. */
export const process = defineTarget(ProcessDefinition, (context) => new ProcessTarget(context));

class ProcessTarget implements WorkloadTarget<ProcessDefinition> {
  readonly capabilities = { sideBySide: true, restarts: 'one-by-one' } as const;
  readonly #context: TargetContext;
  readonly #versions = new Map<string, SupervisedVersion>();
  readonly #listeners = new ChangeListeners((line) => this.#log(line));
  #isClosed = false;

  constructor(context: TargetContext) {
    this.#context = context;
  }

  async ensure(workload: Workload<ProcessDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    return this.#version(workload.service, workload.version).ensure(workload, signal);
  }

  async list(service: string, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    const names = await untilAborted(this.#versionsOf(service), signal);
    const lists = await Promise.all(names.map((version) => this.#version(service, version).list(signal)));
    return lists.flat();
  }

  async retire(service: string, version: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#version(service, version).retire(signal);
    // Nothing of the version is left, which is what was asked for; a log that stays is for the next time.
    await pruneLogs(serviceFolder(this.#context.folder, service), endedVersionsKept).catch((error: unknown) =>
      this.#log(`old logs of ${service} could not be removed: ${messageOf(error)}`),
    );
  }

  async restart(
    { service, version }: Workload<ProcessDefinition>,
    { instances }: RestartOrder,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    await this.#version(service, version).restart(instances, signal);
  }

  async usage(service: string, signal: AbortSignal): Promise<readonly InstanceUsage[]> {
    signal.throwIfAborted();
    // Of what is known here already: nobody's usage is a reason to read the disk.
    const of = [...this.#versions.values()].filter((version) => version.service === service);
    const lists = await untilAborted(Promise.all(of.map((version) => version.usage())), signal);
    return lists.flat();
  }

  async output(service: string, instance: string, linesMax: number, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const [named, version, ordinal, ...more] = instance.split('/');
    // It names a file: what is no instance of this service has no output.
    if (named !== service || version === undefined || !/^\d{1,6}$/.test(ordinal ?? '') || more.length > 0) return [];
    try {
      return readInstanceLog(this.#context.folder, { service, version, ordinal: Number(ordinal) }, linesMax);
    } catch (error) {
      if (error instanceof UserError && error.code === 'E_NAME') return [];
      throw error;
    }
  }

  onChange(listener: (service: string) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    await Promise.all([...this.#versions.values()].map((version) => version.close()));
  }

  #version(service: string, version: string): SupervisedVersion {
    if (this.#isClosed) throw new Error('this target is closed');
    const place = versionPlace(this.#context.folder, service, version);
    const known = this.#versions.get(place.folder);
    if (known) return known;
    const around = {
      environment: this.#context.environment,
      changed: () => this.#listeners.tell(service),
      log: (line: string) => this.#log(line),
    };
    const added = new SupervisedVersion(place, around);
    this.#versions.set(place.folder, added);
    return added;
  }

  async #versionsOf(service: string): Promise<readonly string[]> {
    const folder = serviceFolder(this.#context.folder, service);
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw folderError(folder, error);
    }
  }

  #log(line: string): void {
    this.#context.log?.(`target process: ${line}`);
  }
}
