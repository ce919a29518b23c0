import type { Sample } from '../../src/analysis/sample.ts';
import { simulate, uniform } from '../../src/analysis/simulated-traffic.fixture.ts';
import { decide, newService } from '../../src/release/decide.ts';
import { effectsOf } from '../../src/release/levels.ts';
import type { ServiceEvent, ServiceState } from '../../src/release/types.ts';
import { streamOf, toRecord, toSnapshot } from '../../src/runtime/record.ts';
import type { EventLog, NewEvent } from '../../src/stores/log.ts';
import { openSqliteLog } from '../../src/stores/sqlite/index.ts';
import type { Instance } from '../../src/targets/target.ts';
import { simulatedService } from '../../test/simulation/spec.ts';

/** What was released in the past, and how often. */
export type Past = {
  readonly services: number;
  readonly releasesEach: number;
  /** Events of all services (count, at least). */
  readonly events: number;
};

export type PastLog = {
  readonly events: number;
  readonly releases: number;
  readonly rolledBack: number;
  readonly bytesPerEvent: number;
};

/** What a record says in place of a service's own name; it occurs in no other text of it. */
const stamp = 'the-service-itself';
const secondsPerRecord = 10;
const drawnSeconds = 64;
const people = ['anna', 'boris', 'clara', 'dmitri', 'ci'];
/** Events of one service in a transaction: services take turns, as they would have. */
const eventsAtOnce = 25;
const hourMs = 3_600_000;

/**
 * Writes a log of releases that have ended, through the real store with the real decisions of the core: every seventh release goes back.
 * All services do the same at the same time under names of their own, so that it takes a minute and not an hour. Its last release
 * ended an hour before `nowMs`, and a snapshot of each service is as old as a controller's may be.
 *
 * @param nowMs - Unix milliseconds.
 */
export async function writePast(file: string, past: Past, nowMs: number, say: (text: string) => void): Promise<PastLog> {
  const log = await openSqliteLog(file);
  try {
    const token = await log.claim('bench');
    const names = Array.from({ length: past.services }, (_, index) => serviceName(index));
    const records = Math.ceil(past.events / past.services / past.releasesEach);
    const betweenMs = Math.max(2 * hourMs, (secondsPerRecord + 5) * records * 1_000);
    const story = new Story(nowMs - hourMs - past.releasesEach * betweenMs);
    let events = 0;
    let bytes = 0;
    for (let index = 0; index < past.releasesEach; index += 1) {
      const { state, records: told } = story.next(index, records);
      const last = index + 1 === past.releasesEach;
      const version = events / past.services;
      await append(log, token, names, told, version);
      // The last release has to be folded again: what a controller finds that was killed just before it would have written one.
      if (index + 2 === past.releasesEach)
        for (const name of names)
          await log.writeSnapshot(token, streamOf(name), version + told.length, stamped(toSnapshot(state), name));
      events += told.length * past.services;
      if (last) bytes = told.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0) / told.length;
      story.at = nowMs - hourMs - (past.releasesEach - index - 1) * betweenMs;
      if ((index + 1) % 50 === 0 || last) say(`${events} events of ${(index + 1) * past.services} releases written`);
    }
    const releases = past.services * past.releasesEach;
    return { events, releases, rolledBack: story.rolledBack * past.services, bytesPerEvent: Math.round(bytes) };
  } finally {
    await log.close();
  }
}

/** Name of the service with this index. */
export function serviceName(index: number): string {
  return `service-${String(index).padStart(3, '0')}`;
}

/** Id of the release with this index of a service. */
export function releaseName(service: string, index: number): string {
  return `${service}-${String(index).padStart(5, '0')}`;
}

async function append(
  log: EventLog,
  token: number,
  names: readonly string[],
  told: readonly NewEvent[],
  version: number,
): Promise<void> {
  for (let from = 0; from < told.length; from += eventsAtOnce) {
    const part = told.slice(from, from + eventsAtOnce);
    const appends = names.map((name) => ({
      stream: streamOf(name),
      expectedVersion: version + from,
      events: part.map((event) => stamped(event, name)),
    }));
    for (const result of await log.append(token, appends))
      if (result.kind !== 'appended') throw new Error(`the log has another version: ${JSON.stringify(result)}`);
  }
}

/** The same under a service's own name. What does not name it is not copied: most of a log are counts. */
function stamped<T>(value: T, name: string): T {
  let text = texts.get(value as object);
  if (text === undefined) {
    text = JSON.stringify(value);
    texts.set(value as object, text);
  }
  return JSON.parse(text.replaceAll(stamp, name)) as T;
}

const texts = new WeakMap<object, string>();

/** One service whose every release is decided by the core, in its own time. */
class Story {
  at: number;
  rolledBack = 0;
  #state: ServiceState = newService(stamp);
  #records: NewEvent[] = [];
  readonly #drawn = new Map<string, readonly Sample[]>();

  constructor(atMs: number) {
    this.at = atMs;
  }

  /** The next release from its request to its end, with about as many records as that. */
  next(index: number, records: number): { readonly state: ServiceState; readonly records: readonly NewEvent[] } {
    this.#records = [];
    const isBad = index % 7 === 6;
    const release = releaseName(stamp, index);
    const version = `1.${index}.0`;
    const by = people[index % people.length] ?? 'anna';
    const quietMs = (records - 12) * secondsPerRecord * 1_000;
    const spec = simulatedService(
      {
        strategy: {
          kind: 'canary',
          steps: [0.2, 0.8].map((share, step) => ({
            kind: 'weight',
            weightPpm: step === 0 ? 100_000 : 500_000,
            minMs: Math.max(10_000, share * quietMs),
            maxMs: Math.max(10_000, share * quietMs) + 600_000,
            minRequests: 0,
          })),
        },
      },
      stamp,
    );
    const committedAtMs = this.at - (1 + (index % 30)) * hourMs;
    const from = { address: '192.0.2.7', via: 'session', credential: `session-${index % 9}` } as const;
    this.#tell({ kind: 'requested', release, version, spec, by, why: `change ${index}`, restore: false, from, committedAtMs });
    this.#tell({ kind: 'validated', release, problems: [] });
    this.#tell({ kind: 'instances', version, instances: [instance(version)] });
    // Twice what a release takes: it must end by itself.
    for (let turn = 0; this.#state.live !== null; turn += 1) {
      if (turn > records * 2 + 200) throw new Error(`release ${index} does not end: ${JSON.stringify(this.#state.live.phase)}`);
      this.#confirm();
      this.#retire();
      if (this.#state.live === null) break;
      // A bad one shows itself where most of the release is over, so that it has about as many records as the others.
      this.#seconds(isBad && turn > records * 0.8);
    }
    this.#retire();
    if (this.#state.ended[0]?.phase.kind === 'ended' && this.#state.ended[0].phase.outcome === 'rolled-back')
      this.rolledBack += 1;
    // What is missing are the counts of a service that nobody releases, which is looked at as well.
    while (this.#records.length < records) this.#seconds(false);
    return { state: this.#state, records: this.#records };
  }

  #tell(happened: Happening): void {
    const event = { ...happened, at: this.at } as ServiceEvent;
    const before = this.#state;
    const decision = decide(before, event);
    this.#state = decision.state;
    this.#records.push(toRecord(event, before, decision));
  }

  #confirm(): void {
    const { route } = this.#state;
    if (route.want === null || route.status === 'confirmed') return;
    if (route.status === 'wanted') this.#tell({ kind: 'route-accepted', seq: route.seq });
    const fence = { token: 1, seq: route.seq };
    this.#tell({ kind: 'route-read', reading: { route: route.want, fence, appliedAtMs: this.at, lapsed: false } });
  }

  #retire(): void {
    for (const effect of effectsOf(this.#state))
      if (effect.kind === 'retire') this.#tell({ kind: 'retired', version: effect.version });
  }

  #seconds(isBad: boolean): void {
    const { want } = this.#state.route;
    const weight = want?.candidate ? want.weight : 0;
    const fromSecond = Math.floor(this.at / 1_000);
    const samples = Array.from({ length: secondsPerRecord }, (_, index) => ({
      ...this.#sample(weight, isBad, fromSecond + index),
      second: fromSecond + index,
    }));
    this.at += secondsPerRecord * 1_000;
    this.#tell({ kind: 'sampled', samples });
  }

  #sample(weight: number, isBad: boolean, second: number): Sample {
    const key = `${weight} ${isBad}`;
    let drawn = this.#drawn.get(key);
    if (drawn === undefined) {
      const traffic = {
        requestsPerSecond: 100,
        weight,
        errorsS: () => 0.001,
        errorsC: () => (isBad ? 0.3 : 0.001),
        edgesMs: [500],
      };
      drawn = [...simulate(traffic, 0, drawnSeconds, uniform(weight + 1))].map(({ sample }) => sample);
      this.#drawn.set(key, drawn);
    }
    const sample = drawn[second % drawnSeconds];
    if (!sample) throw new Error('nothing was drawn');
    return sample;
  }
}

type Happening = ServiceEvent extends infer Event ? (Event extends ServiceEvent ? Omit<Event, 'at'> : never) : never;

function instance(version: string): Instance {
  return {
    id: `${stamp}/${version}/0`,
    version,
    endpoint: { host: '127.0.0.1', port: 1_001 },
    state: 'ready',
    restarts: 0,
  };
}
