import { UserError } from '../../errors.ts';
import { assertText, dataText, eventHash, genesis, type StoredEvent, walkChain } from '../chain.ts';
import { assertLimit, type Epoch, staleToken } from '../contract.ts';
import type { Append, AppendResult, EventLog, LoggedEvent } from '../log.ts';
import { defineStore } from '../store.ts';
import { MemoryConfig } from './schema.ts';

const where = 'the log in memory';

/** For simulation and tests: nothing survives the process. Events are frozen, because readers share them. */
export function openMemoryLog({ hashing }: MemoryConfig = { hashing: true }): EventLog {
  const all: LoggedEvent[] = [];
  const texts: string[] = [];
  const byStream = new Map<string, LoggedEvent[]>();
  const byRelease = new Map<string, LoggedEvent[]>();
  const snapshots = new Map<string, { version: number; text: string }>();
  let epoch: Epoch = { token: 0, owner: 'nobody', at: 0 };
  let isClosed = false;

  function assertOpen(): void {
    if (isClosed) throw new UserError('E_LOG_UNAVAILABLE', `${where} was closed`, { where, fix: 'Open a new one.' });
  }

  function assertToken(token: number): void {
    if (token !== epoch.token) throw staleToken(token, epoch, where);
  }

  function appendOne(append: Append, data: readonly string[]): AppendResult {
    const { stream } = append;
    const current = byStream.get(stream)?.length ?? 0;
    if (current !== append.expectedVersion) return { kind: 'conflict', version: current };
    const events = append.events.map(({ at, kind, release, actor }, index) => {
      const text = data[index] ?? '';
      const stored = { seq: all.length + 1, stream, version: current + 1 + index, at, kind, release, actor, data: text };
      const hash = hashing ? eventHash(all.at(-1)?.hash ?? genesis.hash, stored) : '';
      const event: LoggedEvent = Object.freeze({ ...stored, data: freeze(JSON.parse(text)), hash });
      all.push(event);
      texts.push(text);
      listOf(byStream, stream).push(event);
      if (release !== null) listOf(byRelease, release).push(event);
      return event;
    });
    return { kind: 'appended', version: current + events.length, events };
  }

  return {
    async claim(owner) {
      assertOpen();
      assertText(owner);
      epoch = { token: epoch.token + 1, owner, at: 0 };
      return epoch.token;
    },
    async append(token, appends) {
      assertOpen();
      // All texts first: an event that cannot be stored must leave nothing of its batch behind.
      const data = appends.map(({ stream, events }) => {
        assertText(stream);
        return events.map(dataText);
      });
      assertToken(token);
      return appends.map((append, index) => appendOne(append, data[index] ?? []));
    },
    async read(stream, afterVersion, limit) {
      assertOpen();
      assertLimit(limit);
      const from = Math.max(0, afterVersion);
      return (byStream.get(stream) ?? []).slice(from, from + limit);
    },
    async readRelease(release, afterSeq, limit) {
      assertOpen();
      assertLimit(limit);
      const events = byRelease.get(release) ?? [];
      const from = firstAfter(events, afterSeq);
      return events.slice(from, from + limit);
    },
    async readAll(afterSeq, limit) {
      assertOpen();
      assertLimit(limit);
      const from = Math.max(0, afterSeq);
      return all.slice(from, from + limit);
    },
    async streams() {
      assertOpen();
      return [...byStream].flatMap(([stream, events]) => (events.length > 0 ? [stream] : [])).sort();
    },
    async readSnapshot(stream) {
      assertOpen();
      const snapshot = snapshots.get(stream);
      return snapshot === undefined ? null : { version: snapshot.version, state: JSON.parse(snapshot.text) };
    },
    async writeSnapshot(token, stream, version, state) {
      assertOpen();
      const text: string | undefined = JSON.stringify(state);
      if (text === undefined) throw new TypeError(`the state of ${stream} has no JSON text`);
      assertToken(token);
      const isOnRecord = version >= 1 && version <= (byStream.get(stream)?.length ?? 0);
      if (isOnRecord && version >= (snapshots.get(stream)?.version ?? 0)) snapshots.set(stream, { version, text });
    },
    async verify(tail) {
      assertOpen();
      if (tail !== undefined) assertLimit(tail);
      const from = tail === undefined ? 0 : Math.max(0, all.length - tail);
      const head = all.at(-1)?.hash ?? genesis.hash;
      if (!hashing) return { kind: 'intact', events: all.length - from, head };
      const after = all[from - 1] ?? genesis;
      const run = all
        .slice(from)
        .map((event, index): StoredEvent & { hash: string } => ({ ...event, data: texts[from + index] ?? '' }));
      const walk = walkChain(after, run);
      return walk.kind === 'broken' ? walk : { kind: 'intact', events: run.length, head };
    },
    async close() {
      isClosed = true;
    },
  };
}

/** Registered, so that the simulation names it like every other store; no controller should keep its record in it. */
export const memory = defineStore({
  purpose: 'For simulation and tests only: nothing survives the process.',
  config: MemoryConfig,
  capabilities: { durable: false, shared: false },
  open: async (config) => openMemoryLog(config),
});

function listOf(lists: Map<string, LoggedEvent[]>, key: string): LoggedEvent[] {
  const found = lists.get(key);
  if (found !== undefined) return found;
  const made: LoggedEvent[] = [];
  lists.set(key, made);
  return made;
}

/** Index of the first event after `seq`, by halving: a release may have many thousands. */
function firstAfter(events: readonly LoggedEvent[], seq: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
