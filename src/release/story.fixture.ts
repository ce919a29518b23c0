import { simulatedService } from '../../test/simulation/spec.ts';
import type { Counts, Sample } from '../analysis/sample.ts';
import type { CutoverPolicy, PreflightPolicy, VerifyPolicy } from '../spec/checklist-gate-types.ts';
import type {
  CallAction,
  CanaryStep,
  DatabasePolicy,
  Hook,
  HookAction,
  Migration,
  ReleasePolicy,
  Rolling,
  ServiceSpec,
} from '../spec/types.ts';
import type { Instance } from '../targets/target.ts';
import { decide, newService } from './decide.ts';
import { effectsOf, wantedVersions } from './levels.ts';
import type { Decision, ReleaseState, ServiceEvent, ServiceState, Verb } from './types.ts';
import { isBeforeCandidate } from './undo.ts';

export const startMs = 1_700_000_000_000;

/** An event without its time. */
type Happening = ServiceEvent extends infer Event ? (Event extends ServiceEvent ? Omit<Event, 'at'> : never) : never;

export const undoable: Hook = {
  name: 'migrate',
  action: { kind: 'command', command: ['migrate'] },
  timeoutMs: 5_000,
  attempts: 2,
  compensate: { kind: 'command', command: ['undo'] },
};

const call = (...command: readonly string[]): CallAction => ({ kind: 'command', command });

/** A backup and these migrations; one that begins with `!` is irreversible, one that ends with `?` can be asked whether it is applied. */
export function database(names: readonly string[], more: Partial<DatabasePolicy> = {}): Partial<ReleasePolicy> {
  const migrations = names.map((written): Migration => {
    const name = written.replace(/[!?]/g, '');
    const irreversible = written.includes('!');
    const down = irreversible || more.restore ? null : call('down', name);
    const status = written.includes('?') ? call('status', name) : null;
    return { name, up: call('up', name), down, status, irreversible, timeoutMs: 5_000, attempts: 1 };
  });
  const backup = hookOf('backup', { kind: 'backup', command: null, check: null, folder: null });
  return {
    database: { connection: null, backup, migrations, onRollback: 'down', restore: null, compatible: true, ...more },
  };
}

const asked = {
  checklist: 'ours',
  phases: null,
  signOffs: [],
  mode: 'enforce',
  waitMs: 60_000,
  everyMs: 10_000,
  timeoutMs: 30_000,
} as const;

/** A checklist before anything begins. */
export function preflight(more: Partial<PreflightPolicy> = {}): Partial<ReleasePolicy> {
  return { preflight: { ...asked, then: 'hold', drill: false, ...more } };
}

/** A checklist before all of the traffic comes. */
export function cutover(more: Partial<CutoverPolicy> = {}): Partial<ReleasePolicy> {
  return { cutover: { ...asked, then: 'hold', ...more } };
}

/** A checklist 0, 3 and 6 seconds after all of the traffic has come. */
export function verified(more: Partial<VerifyPolicy> = {}): Partial<ReleasePolicy> {
  const at = [0, 3_000, 6_000].map((afterMs) => ({ afterMs, phases: afterMs === 0 ? ['smoke'] : null }));
  return { verify: { ...asked, at, then: 'rollback', watch: null, ...more } };
}

export const restored: Partial<DatabasePolicy> = {
  onRollback: 'restore',
  restore: hookOf('restore', { kind: 'restore', command: null, folder: null }),
};

function hookOf(name: string, action: HookAction): Hook {
  return { name, action, timeoutMs: 5_000, attempts: 1, compensate: null };
}

export const watch = { minMs: 10_000, maxMs: 30_000, minRequests: 0 };

/** A canary of these steps, for `Story.request`. */
export function canary(...steps: readonly CanaryStep[]): Partial<ReleasePolicy> {
  return { strategy: { kind: 'canary', steps } };
}

/** A rolling update of one instance after the other, by `Story.replicas` instances; one beyond the usual number unless said otherwise. */
export function rolling(more: Partial<Rolling> = {}): Partial<ReleasePolicy> {
  const one = { count: 1 };
  const shares = { batch: one, maxSurge: one, maxUnavailable: { count: 0 }, watch, approve: null };
  return { strategy: { kind: 'rolling', ...shares, ...more } };
}

export function weight(percent: number): CanaryStep {
  return { kind: 'weight', weightPpm: percent * 10_000, ...watch };
}

/** One service told event by event, with its own time. Every step of a test is then one short line. */
export class Story {
  state: ServiceState = newService('shop');
  at = startMs;
  said: string | null = null;
  /** Instances of each version by its document. */
  replicas = 1;
  #releases = 0;

  tell(happening: Happening): Decision {
    const decision = decide(this.state, { ...happening, at: this.at } as ServiceEvent);
    this.state = decision.state;
    this.said = decision.said;
    return decision;
  }

  get live(): ReleaseState {
    if (!this.state.live) throw new Error(`no live release: ${this.said}`);
    return this.state.live;
  }

  /** Where the service stands, in a few words. */
  get now(): string {
    const { live, ended } = this.state;
    const last = ended[0]?.phase;
    if (!live) return last?.kind === 'ended' ? last.outcome : 'nothing';
    const { phase } = live;
    if (phase.kind === 'stepping') return `${phase.part.kind} ${phase.step}`;
    if (phase.kind === 'held') return `held ${phase.reason} ${phase.step}`;
    if (phase.kind === 'rolling-back')
      return `rolling-back ${phase.part}${phase.part === 'database' && phase.failing ? ' failing' : ''}`;
    return phase.kind === 'preparing' ? `preparing ${phase.part}` : phase.kind;
  }

  request(version: string, more: Partial<ReleasePolicy> = {}, restore = false): this {
    const release = `r${(this.#releases += 1)}`;
    this.tell({ kind: 'requested', release, version, spec: this.#spec(more), by: 'anna', why: '', restore });
    return this;
  }

  #spec(more: Partial<ReleasePolicy>): ServiceSpec {
    const spec = simulatedService(more);
    return this.replicas === 1 ? spec : { ...spec, target: { ...spec.target, config: { replicas: this.replicas } } };
  }

  /** The target does what is wanted: so many instances of each wanted version are ready, and what has to end has ended. */
  settle(): this {
    for (const { version, replicas = this.replicas } of wantedVersions(this.state))
      this.instances(version, ...Array.from({ length: replicas }, () => 'ready' as const));
    return this;
  }

  validated(...problems: readonly string[]): this {
    this.tell({ kind: 'validated', release: this.live.id, problems });
    return this;
  }

  instances(version: string, ...states: readonly Instance['state'][]): this {
    this.tell({ kind: 'instances', version, instances: states.map((state, index) => instance(version, index, state)) });
    return this;
  }

  /** The router takes the route that is wanted, and says so when it is read. */
  confirm(): this {
    const { route } = this.state;
    if (route.want === null) return this;
    if (route.status === 'wanted') this.tell({ kind: 'route-accepted', seq: route.seq });
    const fence = { token: 1, seq: route.seq };
    this.tell({ kind: 'route-read', reading: { route: route.want, fence, appliedAtMs: this.at, lapsed: false } });
    return this;
  }

  /** The router says that it has gone back to stable by itself. */
  lapse(): this {
    const { route } = this.state;
    if (route.want === null) return this;
    const went = { ...route.want, candidate: null, weight: 0, match: [] };
    this.tell({
      kind: 'route-read',
      reading: { route: went, fence: { token: 1, seq: route.seq }, appliedAtMs: this.at, lapsed: true },
    });
    return this;
  }

  wait(ms: number): this {
    this.at += ms;
    this.tell({ kind: 'woke' });
    return this;
  }

  /** Seconds pass, each with its sample: 60 requests split by the weight that is wanted, of which a share fails at the candidate. */
  seconds(count: number, failing = 0, requests = 60): this {
    for (let i = 0; i < count; i += 1) {
      this.at += 1_000;
      this.tell({ kind: 'sampled', samples: [this.sample(failing, requests)] });
    }
    return this;
  }

  sample(failing = 0, requests = 60): Sample {
    const { want } = this.state.route;
    const share = want?.candidate ? want.weight : 0;
    const n = Math.round((requests * share) / 100);
    return {
      second: Math.floor(this.at / 1_000) - 1,
      edgesMs: [500],
      weight: share,
      stable: counts(requests - n, 0),
      candidate: counts(n, Math.round(n * failing)),
    };
  }

  verb(verb: Verb, id = this.state.live?.id ?? this.state.ended[0]?.id ?? '', why = ''): this {
    this.tell({ kind: 'verb', release: id, verb, by: 'anna', why });
    return this;
  }

  /** The hook or the undoing that is wanted now ends. */
  hook(ok = true, applied?: boolean): this {
    const effect = this.hookWanted;
    if (!effect) throw new Error(`no hook is wanted in ${this.now}`);
    this.tell({
      kind: 'hook-ended',
      key: effect.key,
      ok,
      detail: ok ? 'exit code 0' : 'exit code 1',
      ...(applied === undefined ? {} : { applied }),
    });
    return this;
  }

  /** What is to be run now, of hooks and of the database. */
  get hookWanted() {
    return effectsOf(this.state).find((effect) => effect.kind === 'run-hook');
  }

  smoked(ok = true): this {
    const effect = effectsOf(this.state).find(({ kind }) => kind === 'smoke');
    if (!effect) throw new Error(`no checks are wanted in ${this.now}`);
    this.tell({ kind: 'smoked', key: effect.key, ok, detail: ok ? '200' : '500' });
    return this;
  }

  /** Everything that is to be ended has ended. */
  retire(): this {
    for (const effect of effectsOf(this.state))
      if (effect.kind === 'retire') this.tell({ kind: 'retired', version: effect.version });
    return this;
  }

  /** How many instances of each version are wanted: `1.0.0 2, 2.0.0 1`. */
  get sizes(): string {
    return wantedVersions(this.state)
      .map(({ version, replicas = this.replicas }) => `${version} ${replicas}`)
      .join(', ');
  }

  get wanted(): readonly string[] {
    return wantedVersions(this.state).map(({ version }) => version);
  }

  get effects(): readonly string[] {
    return effectsOf(this.state).map(({ key }) => key);
  }

  /** What the wanted route gives the candidate: `2.0.0 10`; `none`. */
  get traffic(): string {
    const { want } = this.state.route;
    return want?.candidate ? `${want.candidate.version} ${want.weight}` : 'none';
  }

  /** A version becomes stable as the first of its service. */
  install(version = '1.0.0'): this {
    this.request(version).validated().settle().confirm();
    return this.seconds(11).confirm().retire();
  }

  /** The same with everything that it does with the database done. */
  migrated(...policies: readonly Partial<ReleasePolicy>[]): this {
    this.install()
      .request('2.0.0', Object.assign({}, ...policies))
      .validated();
    while (isBeforeCandidate(this.live)) this.hook(true, effectsOf(this.state)[0]?.key.endsWith(':0') ? false : undefined);
    return this.seconds(1).instances('2.0.0', 'ready');
  }

  /** A release of 2.0.0 over 1.0.0 at its first step. */
  release(more: Partial<ReleasePolicy> = {}): this {
    return this.install().request('2.0.0', more).validated().seconds(1).instances('2.0.0', 'ready');
  }
}

export function instance(version: string, index: number, state: Instance['state'], restarts = 0): Instance {
  const endpoint = { host: '127.0.0.1', port: 1_000 * Number(version.split('.')[0]) + index };
  return { id: `shop/${version}/${index}`, version, endpoint, state, restarts };
}

export function counts(n: number, errors: number): Counts {
  return {
    n,
    errors,
    classes: errors > 0 ? { status: errors } : {},
    histogram: n > 0 ? [20, n] : [],
    slower: [0],
  };
}
