import { probe } from '../probe.ts';
import { defineTarget, type Instance, type Workload, type WorkloadTarget } from '../target.ts';
import { ExternalDefinition } from './schema.ts';

/** What the checks of a version have shown so far. */
type Known = { readonly wasReady: boolean; readonly failures: number; readonly detail: string | null };

const unasked: Known = { wasReady: false, failures: 0, detail: null };

/**
 * A program that runs already and that somebody else starts and ends: its versions are ways that it works, such as variants of a feature
 * flag, and all of them answer at the same address. See README.md.
 */
export const external = defineTarget(ExternalDefinition, () => new ExternalTarget());

class ExternalTarget implements WorkloadTarget<ExternalDefinition> {
  readonly capabilities = { sideBySide: true, restarts: 'none' } as const;
  /** By service and version. */
  readonly #known = new Map<string, Known>();

  async ensure(workload: Workload<ExternalDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    const { service, version, replicas, definition } = workload;
    if (replicas === 0) return [];
    const name = `${service}/${version}`;
    const before = this.#known.get(name) ?? unasked;
    const { path, timeout, unhealthyAfter } = definition.health;
    const answer = await probe(definition.address, path, timeout, signal);
    signal.throwIfAborted();
    const known: Known = answer.ok
      ? { wasReady: true, failures: 0, detail: null }
      : { ...before, failures: before.failures + 1, detail: answer.detail };
    this.#known.set(name, known);
    const isReady = known.wasReady && known.failures < unhealthyAfter;
    return [
      {
        id: `${name}/0`,
        version,
        endpoint: definition.address,
        state: isReady ? 'ready' : known.wasReady ? 'unready' : 'starting',
        restarts: 0,
        ...(known.detail !== null && !isReady ? { problem: `not ready: ${known.detail}` } : {}),
      },
    ];
  }

  /** Nothing of it was started here, so nothing is to be found or ended. */
  async list(_service: string, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    return [];
  }

  async retire(service: string, version: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#known.delete(`${service}/${version}`);
  }

  onChange(): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    this.#known.clear();
  }
}
