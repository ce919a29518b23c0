import type { Counts, Sample } from '../../analysis/sample.ts';
import { newService } from '../../release/decide.ts';
import type { ReleaseState, ServiceState } from '../../release/types.ts';
import type { Objective, ServiceSpec } from '../../spec/types.ts';
import type { EventLog } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { alertRecording } from '../alerts/alert-records.ts';
import type { Clock } from '../clock.ts';
import { RecordedState } from '../recorded-state.ts';
import { CountStore } from './count-store.ts';
import type { ReaderOf } from './event-feeds.ts';
import { ObjectiveKeeper } from './objective-keeper.ts';
import { objectiveRecording } from './objective-records.ts';

/** What users got of one version in one second. */
export type Got = { readonly n: number; readonly bad?: number; readonly slow?: number };

/**
 * A keeper whose time passes when a test says so: each second of traffic is handed to it as a router would, and it is evaluated after
 * every slot.
 */
export class KeptStage {
  readonly log: EventLog = openMemoryLog({ hashing: false });
  readonly warnings: string[] = [];
  readonly file: string;
  nowMs = Date.parse('2026-11-02T00:00:00Z');
  service: ServiceState = newService('shop');
  keeper!: ObjectiveKeeper;
  alerts!: RecordedState<import('../../alerts/types.ts').AlertsState, import('../../alerts/types.ts').AlertEvent>;
  readerOf: ReaderOf = () => null;
  /** Of the log, for whoever else writes to it. */
  token = 0;

  constructor(file: string, objectives: readonly Objective[], version = '1.0.0') {
    this.file = file;
    this.put(version, objectives);
  }

  /** A version becomes stable with the objectives of its document. */
  put(version: string, objectives: readonly Objective[]): void {
    const spec = { name: 'shop', objectives } as unknown as ServiceSpec;
    this.service = { ...this.service, stable: { version, spec, release: `r-${version}`, sinceMs: this.nowMs } };
  }

  /** A candidate that has traffic. */
  release(version: string, stable: string): void {
    this.service = { ...this.service, live: releaseOf(version, stable, this.nowMs) };
  }

  /** The candidate has lost its traffic. */
  rolledBack(): void {
    const { live } = this.service;
    if (!live) return;
    const phase = { kind: 'ended' as const, outcome: 'rolled-back' as const, atMs: this.nowMs, sentence: 'back' };
    this.service = { ...this.service, live: null, ended: [{ ...live, phase, safeAtMs: this.nowMs }, ...this.service.ended] };
  }

  async up(): Promise<void> {
    const token = await this.log.claim('test');
    this.token = token;
    const now = () => this.nowMs;
    this.alerts = await RecordedState.caughtUp(alertRecording, this.log, token, now);
    const records = await RecordedState.caughtUp(objectiveRecording, this.log, token, now);
    // It is evaluated by the test, and sleeps otherwise.
    const clock: Clock = {
      now,
      after: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
    };
    this.keeper = await ObjectiveKeeper.open({
      store: new CountStore(this.file, (text) => this.warnings.push(text)),
      records,
      alerts: this.alerts,
      services: () => [this.service],
      service: (name) => (name === this.service.name ? this.service : undefined),
      readerOf: (group) => this.readerOf(group),
      clock,
      warn: (text) => this.warnings.push(text),
    });
  }

  /** The controller has died: what was not on the disk is lost. Its file is left as it is. */
  async restart(): Promise<void> {
    await this.up();
  }

  /**
   * So many seconds of the same traffic.
   *
   * @param isHeard - Whether counts come; otherwise time passes only.
   */
  async pass(seconds: number, stable: Got, candidate: Got | null = null, isHeard = true): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      const at = Math.floor(this.nowMs / 1_000);
      this.nowMs += 1_000;
      const { live } = this.service;
      if (isHeard)
        this.keeper.take('shop', [sampleOf(at, stable, candidate)], {
          stable: this.service.stable?.version ?? null,
          candidate: live?.version ?? null,
        });
      if (this.nowMs % 10_000 === 0) await this.keeper.tick();
    }
  }

  /** The state of an alert, or of the last one of its kind; null: there has been none. */
  state(key: string): string | null {
    const { open, ended } = this.alerts.state;
    return open.get(key)?.state ?? ended.find((alert) => alert.key === key)?.state ?? null;
  }
}

export function sampleOf(second: number, stable: Got | null, candidate: Got | null = null): Sample {
  return {
    second,
    edgesMs: [500],
    weight: candidate ? 10 : 0,
    stable: stable && countsOf(stable),
    candidate: candidate && countsOf(candidate),
  };
}

function countsOf({ n, bad = 0, slow = 0 }: Got): Counts {
  return { n, errors: bad, classes: bad > 0 ? { status: bad } : {}, histogram: [], slower: [slow] };
}

function releaseOf(version: string, stable: string, atMs: number): ReleaseState {
  return {
    id: `release-${version}`,
    version,
    plan: { stable, steps: [{ kind: 'weight', percent: 10 }] },
    phase: { kind: 'stepping', step: 0, part: { kind: 'applying', untilMs: atMs } },
    exposedAtMs: atMs,
    exposedBy: 0,
    requestedAtMs: atMs,
    safeAtMs: null,
  } as unknown as ReleaseState;
}
