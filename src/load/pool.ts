import { Connection, type ConnectionEvents, type Origin, type Sending } from './connection.ts';
import type { Tally } from './tally.ts';

/** Requests that may wait for a connection at once: more than a server that has stopped answering leaves in any sensible time. */
const waitingMax = 200_000;

/** A connection goes to another place only for a request that has waited so much longer: each change takes a new connection. */
const unfairMs = 100;

/** All connections of one run, by where they go. */
export class Pool {
  readonly #tally: Tally;
  readonly #now: () => number;
  readonly #max: number;
  readonly #timeoutMs: number;
  readonly #lanes: readonly Lane[];
  #open = 0;

  constructor(
    origins: readonly Origin[],
    more: { readonly tally: Tally; readonly now: () => number; readonly connectionsMax: number; readonly timeoutMs: number },
  ) {
    this.#tally = more.tally;
    this.#now = more.now;
    this.#max = more.connectionsMax;
    this.#timeoutMs = more.timeoutMs;
    this.#lanes = origins.map((origin) => ({ origin, idle: [], busy: new Set(), waiting: [], first: 0 }));
  }

  /** Sends a request on an idle connection, on a new one, or when one is free. */
  send(lane: number, sending: Sending): void {
    const to = this.#lanes[lane];
    if (!to) throw new Error(`there is no origin ${lane}`);
    const idle = to.idle.pop();
    if (idle) this.#use(to, idle, sending);
    else if (this.#open < this.#max || this.#closeIdle()) this.#connect(to, sending);
    else if (to.waiting.length - to.first < waitingMax) to.waiting.push(sending);
    else this.#fail(sending, 'unsent', 'too many requests wait for a connection');
  }

  /** Gives up requests that are too late. To be called every few milliseconds. */
  expire(): void {
    const beforeMs = this.#now() - this.#timeoutMs;
    const words = `no answer within ${this.#timeoutMs} ms`;
    for (const lane of this.#lanes) {
      for (const connection of lane.busy)
        if (connection.sending && connection.sending.dueMs <= beforeMs) connection.fail('timeout', words);
      for (let next = lane.waiting[lane.first]; next && next.dueMs <= beforeMs; next = lane.waiting[lane.first]) {
        lane.first += 1;
        this.#fail(next, 'timeout', words);
      }
    }
  }

  close(): void {
    for (const { idle, busy } of this.#lanes) for (const connection of [...idle, ...busy]) connection.end();
  }

  #use(lane: Lane, connection: Connection, sending: Sending): void {
    lane.busy.add(connection);
    connection.send(sending);
  }

  #connect(lane: Lane, sending: Sending): void {
    this.#open += 1;
    this.#tally.connections += 1;
    this.#tally.connectionsOpen = Math.max(this.#tally.connectionsOpen, this.#open);
    const events: ConnectionEvents = {
      now: this.#now,
      came: (bytes) => {
        this.#tally.bytes += bytes;
      },
      answered: (connection, answered, status) => {
        this.#tally.answered(answered.dueMs, answered.sentMs, this.#now(), status);
        lane.busy.delete(connection);
        if (connection.isKept) {
          // Its end makes room for a connection of whoever waits elsewhere.
          const next = this.#isOthersTurn(lane) ? undefined : waitingIn(lane);
          if (next) this.#use(lane, connection, next);
          else if (this.#isOthersTurn(lane)) connection.end();
          else lane.idle.push(connection);
        }
        answered.ended?.(true);
      },
      closed: (connection, left, error, words, isFresh) => {
        this.#open -= 1;
        lane.busy.delete(connection);
        const index = lane.idle.indexOf(connection);
        if (index >= 0) lane.idle.splice(index, 1);
        if (left && isFresh && left.isIdempotent && !left.isAgain) {
          // The server closed an idle connection just as it was used again (RFC 9112, 9.3.1): clients send such a request once more.
          this.#tally.again += 1;
          left.isAgain = true;
          this.#connect(lane, left);
          return;
        }
        if (left) this.#fail(left, error, words);
        const longest = this.#open < this.#max ? this.#longestWaiting() : undefined;
        const next = longest && waitingIn(longest);
        if (next) this.#connect(longest, next);
      },
    };
    this.#use(lane, new Connection(lane.origin, events), sending);
  }

  /** Whether a request to elsewhere has waited so much longer than those for this place that it is served first. */
  #isOthersTurn(lane: Lane): boolean {
    const longest = this.#longestWaiting();
    if (!longest || longest === lane) return false;
    return firstIn(longest) + unfairMs < firstIn(lane);
  }

  #longestWaiting(): Lane | undefined {
    let longest: Lane | undefined;
    for (const lane of this.#lanes) if (firstIn(lane) < (longest ? firstIn(longest) : Number.POSITIVE_INFINITY)) longest = lane;
    return longest;
  }

  #fail(sending: Sending, error: Parameters<Tally['failed']>[2], words: string): void {
    this.#tally.failed(sending.dueMs, this.#now(), error, words);
    sending.ended?.(false);
  }

  /** Makes room for a connection to elsewhere. */
  #closeIdle(): boolean {
    for (const { idle } of this.#lanes) {
      const oldest = idle.shift();
      if (!oldest) continue;
      oldest.end();
      return true;
    }
    return false;
  }
}

type Lane = {
  readonly origin: Origin;
  readonly idle: Connection[];
  readonly busy: Set<Connection>;
  /** From `first` on: taking the first of a long list would move all others. */
  waiting: Sending[];
  first: number;
};

/** When the first request that waits should have begun; infinite: none waits. */
function firstIn(lane: Lane): number {
  return lane.waiting[lane.first]?.dueMs ?? Number.POSITIVE_INFINITY;
}

function waitingIn(lane: Lane): Sending | undefined {
  const next = lane.waiting[lane.first];
  if (next === undefined) return undefined;
  lane.first += 1;
  if (lane.first > 1_000 && lane.first * 2 > lane.waiting.length) {
    lane.waiting = lane.waiting.slice(lane.first);
    lane.first = 0;
  }
  return next;
}
