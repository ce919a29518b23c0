import type { Instance, RestartOrder, Workload } from '../target.ts';
import { untilAborted } from '../until-aborted.ts';
import type { ComposeCommand } from './compose-command.ts';
import type { Docker } from './docker.ts';
import { listenToEngine } from './engine-events.ts';
import type { ComposeDefinition } from './schema.ts';
import { ComposeVersion } from './version.ts';

/** How old what is known of the engine may be when nothing was heard: events tell what happens meanwhile. */
const ageMaxMs = 5_000;
/** The same for the first seconds, until the stream of events is there for sure. */
const youngAgeMs = 1_000;
const youngMs = 10_000;
/** What happens at once is looked at once. */
const gatherMs = 20;
/** Exit codes that were heard of and are not asked for yet. */
const codesMax = 1_000;

/** The versions of one service, by one look at the engine for all of them. */
export class ComposeService {
  readonly #name: string;
  readonly #docker: Docker;
  readonly #compose: ComposeCommand;
  readonly #tell: { changed(): void; log(line: string): void };
  readonly #versions = new Map<string, ComposeVersion>();
  readonly #exitCodes = new Map<string, number>();
  readonly #close = new AbortController();
  #unlisten: (() => void) | null = null;
  #pending: NodeJS.Timeout | null = null;
  #listensSinceMs = 0;
  #looks: Promise<void> = Promise.resolve();
  /** When the last look that has succeeded began, by the monotonic clock. */
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, docker: Docker, compose: ComposeCommand, tell: { changed(): void; log(line: string): void }) {
    this.#name = name;
    this.#docker = docker;
    this.#compose = compose;
    this.#tell = tell;
  }

  async ensure(workload: Workload<ComposeDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    // While it is being started nothing is learnt that the end of the start does not tell.
    if (!this.#versions.get(workload.version)?.isStarting) await untilAborted(this.#look(this.#ageMaxMs()), signal);
    this.#listen();
    return this.#version(workload.version).ensure(workload, signal);
  }

  async list(signal: AbortSignal): Promise<readonly Instance[]> {
    await untilAborted(this.#look(this.#ageMaxMs()), signal);
    return [...this.#versions].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, version]) => version.instances());
  }

  async retire(version: string, signal: AbortSignal): Promise<void> {
    await this.#version(version).retire(signal);
  }

  async restart(version: string, order: RestartOrder, signal: AbortSignal): Promise<void> {
    await untilAborted(this.#look(0), signal);
    this.#listen();
    this.#version(version).restart(order.instances);
  }

  /** The last lines of one container; empty when there is none of that name. */
  async output(instance: string, linesMax: number, signal: AbortSignal): Promise<readonly string[]> {
    const [version = '', ordinal = ''] = instance.split('/').slice(1);
    const containers = await this.#docker.containers(this.#name, version, signal);
    const found = containers.find(({ number }) => String(number - 1) === ordinal);
    return found ? this.#docker.output(found.id, linesMax, null, signal) : [];
  }

  async close(): Promise<void> {
    this.#close.abort(new Error('this target is closed'));
    this.#unlisten?.();
    if (this.#pending) clearTimeout(this.#pending);
    await Promise.all([...this.#versions.values()].map((version) => version.close()));
    await this.#looks;
  }

  /** Looks at the engine, unless a look is not older than this that has succeeded. One goes after the other. */
  #look(ageMs: number): Promise<void> {
    const sinceMs = performance.now() - ageMs;
    const mine = this.#looks.then(async () => {
      if (this.#lookedMs >= sinceMs) return;
      const beganMs = performance.now();
      const codes = new Map(this.#exitCodes);
      const containers = await this.#docker.containers(this.#name, null, this.#close.signal);
      for (const { version } of containers) this.#version(version);
      const taken = [...this.#versions].map(([name, version]) =>
        version.take(
          containers.filter((container) => container.version === name),
          codes,
        ),
      );
      await Promise.all(taken);
      for (const id of codes.keys()) this.#exitCodes.delete(id);
      for (const [name, version] of this.#versions) if (version.isEmpty) this.#versions.delete(name);
      if (containers.length > 0) this.#listen();
      this.#lookedMs = beganMs;
    });
    this.#looks = mine.catch(() => undefined); // It is the caller's to handle.
    return mine;
  }

  #ageMaxMs(): number {
    const isYoung = this.#unlisten === null || performance.now() - this.#listensSinceMs < youngMs;
    return isYoung ? youngAgeMs : ageMaxMs;
  }

  #listen(): void {
    if (this.#unlisten || this.#close.signal.aborted) return;
    this.#listensSinceMs = performance.now();
    this.#unlisten = listenToEngine(this.#docker, ({ service, id, exitCode }) => {
      if (service !== this.#name) return;
      const versions = [...this.#versions.values()];
      if (versions.some((version) => version.isEnding(id))) return;
      if (exitCode !== null) {
        if (this.#exitCodes.size < codesMax) this.#exitCodes.set(id, exitCode);
        for (const version of versions) version.died(id, exitCode);
      }
      this.#pending ??= setTimeout(() => {
        this.#pending = null;
        this.#look(0).catch(() => undefined); // The next call asks again, and tells.
      }, gatherMs).unref();
    });
  }

  #version(name: string): ComposeVersion {
    const known = this.#versions.get(name);
    if (known) return known;
    const added = new ComposeVersion(this.#name, name, {
      docker: this.#docker,
      compose: this.#compose,
      look: () => this.#look(0),
      changed: () => this.#tell.changed(),
      log: (line) => this.#tell.log(line),
    });
    this.#versions.set(name, added);
    return added;
  }
}
