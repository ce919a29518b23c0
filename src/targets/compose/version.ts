import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, UserError } from '../../errors.ts';
import type { Instance, RestartOrder, Workload } from '../target.ts';
import { untilAborted } from '../until-aborted.ts';
import type { ComposeCommand } from './compose-command.ts';
import { type Container, lastEndText } from './container.ts';
import { ContainerLife } from './container-life.ts';
import type { Docker } from './docker.ts';
import { projectName } from './project.ts';
import type { ComposeDefinition } from './schema.ts';

/** Longest wait of one call for containers to be started; the next call waits on. */
const startWaitMs = 3_000;
const backOffMs = 1_000;
const backOffMaxMs = 30_000;
/** Nobody reads more of an end. */
const endLines = 20;

/** What a version needs around it. */
export type Surroundings = {
  readonly docker: Docker;
  readonly compose: ComposeCommand;
  /** Asks the engine anew; the version hears of it by `take`. */
  look(): Promise<void>;
  changed(): void;
  log(line: string): void;
};

/** All containers of one version: one compose project. */
export class ComposeVersion {
  readonly #service: string;
  readonly #version: string;
  readonly #around: Surroundings;
  readonly #lives = new Map<string, ContainerLife>();
  readonly #ending = new Set<string>();
  readonly #close = new AbortController();
  #said = '[]';
  #replicas = 0;
  /** The start that is under way, and how to give it up. */
  #start: { readonly done: Promise<void>; readonly stop: AbortController } | null = null;
  /** Why the last start failed, and when the next one is due. */
  #refusal: unknown = null;
  /** What it was last started from: while it runs all of its containers are alike, also when somebody edits the compose file. */
  #config: { readonly definition: string; readonly text: string } | null = null;
  #starts = 0;
  #nextStartMs = 0;
  #retiring: Promise<void> | null = null;

  constructor(service: string, version: string, around: Surroundings) {
    this.#service = service;
    this.#version = version;
    this.#around = around;
  }

  /** Whether there is nothing to know about it. */
  get isEmpty(): boolean {
    return this.#lives.size === 0 && this.#start === null && this.#retiring === null && this.#refusal === null;
  }

  /** Whether containers of it are being started. */
  get isStarting(): boolean {
    return this.#start !== null;
  }

  /** Whether a container is one of it that was asked to end. */
  isEnding(id: string): boolean {
    return this.#ending.has(id);
  }

  /** The engine tells that a container has ended, which may be one of these. */
  died(id: string, exitCode: number): void {
    this.#lives.get(id)?.died(exitCode);
    this.#tell();
  }

  /** How its containers are now, as the engine says. */
  async take(containers: readonly Container[], exitCodes: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, life] of this.#lives) {
      if (containers.some((container) => container.id === id)) continue;
      life.close();
      this.#lives.delete(id);
      this.#ending.delete(id);
    }
    await Promise.all(
      containers.map(async (container) => {
        const life = this.#lives.get(container.id) ?? new ContainerLife(container, () => this.#tell());
        await life.take(container, exitCodes.get(container.id) ?? null, (ended, since) => this.#endText(ended, since));
        // Not before all is known of it: nobody is to see an end without its reason.
        this.#lives.set(container.id, life);
        if (this.#close.signal.aborted) life.close();
      }),
    );
    this.#tell();
  }

  /** By number; with those that are about to be made. */
  instances(): readonly Instance[] {
    const lives = [...this.#lives.values()].sort((a, b) => a.container.number - b.container.number);
    const found = lives.map((life) => life.instance(this.#service, this.#ending.has(life.container.id)));
    if (this.#start === null) return found;
    const numbers = new Set(lives.map(({ container }) => container.number));
    const missing = Array.from({ length: this.#replicas }, (_, index) => index + 1)
      .filter((number) => !numbers.has(number))
      .slice(0, Math.max(0, this.#replicas - lives.length));
    const planned = missing.map(
      (number): Instance => ({
        id: `${this.#service}/${this.#version}/${number - 1}`,
        version: this.#version,
        endpoint: null,
        state: 'starting',
        restarts: 0,
      }),
    );
    return [...found, ...planned];
  }

  /** See `WorkloadTarget.ensure`, after a look. While it is being retired nothing is started: the next call after that does. */
  async ensure(workload: Workload<ComposeDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    if (this.#retiring || this.#close.signal.aborted) return this.instances();
    this.#replicas = workload.replicas;
    const staying = this.#endSurplus(workload.replicas);
    const halted = staying.filter(
      ({ isRestarting, container: { status } }) =>
        !isRestarting && (status === 'exited' || status === 'dead' || status === 'created'),
    );
    const isShort = staying.length < workload.replicas || halted.length > 0;
    if (!isShort) this.#refusal = null;
    else if (!this.#start && Date.now() >= this.#nextStartMs) this.#begin(workload, halted);
    if (this.#start) await untilAborted(Promise.race([this.#start.done, wait(startWaitMs, undefined, { ref: false })]), signal);
    if (isShort && this.#refusal !== null) throw this.#refusal;
    return this.instances();
  }

  /** See `WorkloadTarget.retire`. An aborted call leaves the ending under way, and the next one waits for the same. */
  async retire(signal: AbortSignal): Promise<void> {
    this.#retiring ??= this.#retire().finally(() => {
      this.#retiring = null;
    });
    await untilAborted(this.#retiring, signal);
  }

  /** See `WorkloadTarget.restart`, after a look. */
  restart(wanted: RestartOrder['instances']): void {
    if (this.#retiring || this.#close.signal.aborted) return;
    for (const life of this.#lives.values()) {
      const { container } = life;
      const id = `${this.#service}/${this.#version}/${container.number - 1}`;
      const isOrdered = wanted.some((one) => one.id === id && one.life === life.life);
      if (!isOrdered || life.isRestarting || this.#ending.has(container.id)) continue;
      life.restarts(true);
      this.#tell();
      this.#around.docker
        .restart(container, this.#close.signal)
        .catch((error: unknown) => {
          life.restarts(false);
          if (!this.#close.signal.aborted) this.#around.log(`${id}: cannot be restarted: ${messageOf(error)}`);
        })
        .then(() => this.#around.look())
        .catch(() => undefined); // The next call looks again.
    }
  }

  /** Stops watching; the containers stay. */
  async close(): Promise<void> {
    this.#close.abort(new Error('this target is closed'));
    this.#start?.stop.abort(this.#close.signal.reason);
    for (const life of this.#lives.values()) life.close();
    await this.#start?.done;
    await this.#retiring?.catch(() => undefined);
  }

  /** Ends those beyond `replicas`, the highest first, and answers those that stay. */
  #endSurplus(replicas: number): readonly ContainerLife[] {
    const active = [...this.#lives.values()]
      .filter(({ container }) => !this.#ending.has(container.id) && container.status !== 'removing')
      .sort((a, b) => a.container.number - b.container.number);
    const surplus = active.slice(replicas).map(({ container }) => container);
    if (surplus.length > 0 && !this.#start)
      this.#end(surplus).catch((error: unknown) => {
        for (const { id } of surplus) this.#ending.delete(id); // The next call tries again.
        if (!this.#close.signal.aborted)
          this.#around.log(`${this.#service} ${this.#version}: surplus containers cannot be ended: ${messageOf(error)}`);
      });
    return active.slice(0, replicas);
  }

  #begin(workload: Workload<ComposeDefinition>, halted: readonly ContainerLife[]): void {
    const stop = new AbortController();
    for (const life of halted) if (life.container.status !== 'created') life.startsAgain();
    const done = this.#up(workload, stop.signal)
      .then(
        () => {
          this.#refusal = null;
          if (halted.length === 0) this.#starts = 0;
        },
        (error: unknown) => {
          this.#refusal = stop.signal.aborted ? null : error;
        },
      )
      .then(async () => {
        if (this.#refusal !== null || halted.length > 0) {
          this.#starts += 1;
          this.#nextStartMs = Date.now() + Math.min(backOffMaxMs, backOffMs * 2 ** Math.min(this.#starts - 1, 20));
        }
        // Whoever waits for the start is to see what it has started.
        if (!this.#close.signal.aborted) await this.#around.look().catch(() => undefined);
        this.#start = null;
        this.#tell();
      });
    this.#start = { done, stop };
  }

  async #up(workload: Workload<ComposeDefinition>, signal: AbortSignal): Promise<void> {
    const { docker, compose } = this.#around;
    const project = projectName(workload.definition.project, this.#service, this.#version);
    const definition = JSON.stringify(workload.definition);
    const isKnown = this.#config?.definition === definition && this.#refusal === null;
    const text = isKnown && this.#config ? this.#config.text : await compose.config(workload, project, docker.owner, signal);
    this.#config = { definition, text };
    if (await docker.isTaken(project, signal))
      throw new UserError('E_PROJECT_TAKEN', `the compose project ${project} has containers that are not of this controller`, {
        where: `compose project ${project}`,
        fix: `Another controller has made them, or a person: see \`docker ps -a --filter label=com.docker.compose.project=${project}\`. Remove them if nobody needs them, or set target.compose.project to another name.`,
      });
    await compose.up(workload, project, text, signal);
  }

  async #retire(): Promise<void> {
    this.#start?.stop.abort(new Error(`${this.#version} is being retired`));
    await this.#start?.done;
    const containers = await this.#around.docker.containers(this.#service, this.#version, this.#close.signal);
    await this.#end(containers);
    await this.#around.docker.removeNetworks(this.#service, this.#version, this.#close.signal);
    this.#refusal = null;
    this.#config = null;
    this.#starts = 0;
    this.#nextStartMs = 0;
  }

  async #end(containers: readonly Container[]): Promise<void> {
    for (const { id } of containers) this.#ending.add(id);
    this.#tell();
    await this.#around.docker.end(containers, this.#close.signal);
    await this.#around.look();
  }

  async #endText(ended: Container, since: string | null): Promise<string> {
    const { docker } = this.#around;
    const output = await docker.output(ended.id, endLines, since, this.#close.signal).catch(() => []);
    return lastEndText(ended, output);
  }

  #tell(): void {
    const now = JSON.stringify(this.instances());
    if (now === this.#said) return;
    this.#said = now;
    this.#around.changed();
  }
}
