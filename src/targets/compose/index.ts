import { createHash } from 'node:crypto';
import { ChangeListeners } from '../change-listeners.ts';
import {
  defineTarget,
  type Instance,
  type RestartOrder,
  type TargetContext,
  type Workload,
  type WorkloadTarget,
} from '../target.ts';
import { ComposeCommand } from './compose-command.ts';
import { Docker, engineEnvironment } from './docker.ts';
import { ComposeDefinition } from './schema.ts';
import { ComposeService } from './service.ts';

/** Runs versions as compose projects of their own, on the Docker engine of this machine. */
export const compose = defineTarget(ComposeDefinition, (context) => new ComposeTarget(context));

class ComposeTarget implements WorkloadTarget<ComposeDefinition> {
  readonly capabilities = { sideBySide: true, restarts: 'one-by-one' } as const;
  readonly #context: TargetContext;
  readonly #docker: Docker;
  readonly #compose: ComposeCommand;
  readonly #services = new Map<string, ComposeService>();
  readonly #listeners = new ChangeListeners((line) => this.#log(line));
  #isClosed = false;

  constructor(context: TargetContext) {
    this.#context = context;
    const env = engineEnvironment(context.environment);
    this.#docker = new Docker(env, createHash('sha256').update(context.folder).digest('hex').slice(0, 12));
    this.#compose = new ComposeCommand(env, context);
  }

  async ensure(workload: Workload<ComposeDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    return this.#service(workload.service).ensure(workload, signal);
  }

  async list(service: string, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    return this.#service(service).list(signal);
  }

  async retire(service: string, version: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#service(service).retire(version, signal);
  }

  async restart({ service, version }: Workload<ComposeDefinition>, order: RestartOrder, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#service(service).restart(version, order, signal);
  }

  async output(service: string, instance: string, linesMax: number, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    return instance.startsWith(`${service}/`) ? this.#service(service).output(instance, linesMax, signal) : [];
  }

  onChange(listener: (service: string) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    await Promise.all([...this.#services.values()].map((service) => service.close()));
  }

  #service(name: string): ComposeService {
    if (this.#isClosed) throw new Error('this target is closed');
    const known = this.#services.get(name);
    if (known) return known;
    const added = new ComposeService(name, this.#docker, this.#compose, {
      changed: () => this.#listeners.tell(name),
      log: (line) => this.#log(line),
    });
    this.#services.set(name, added);
    return added;
  }

  #log(line: string): void {
    this.#context.log?.(`target compose: ${line}`);
  }
}
