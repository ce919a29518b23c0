import { errorClasses, type VersionCounters } from '../counters.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointCounters } from './endpoint-counters.ts';
import type { ResponseHead } from './response-head.ts';
import type { UpstreamConnection } from './upstream.ts';

/** Who hears from a connection to a version. Buffers are the receiver's own. */
export type Receiver = {
  /** Whether the request was HEAD. */
  readonly toHead: boolean;
  readonly wantsUpgrade: boolean;
  /** Whether the whole request has been sent. */
  readonly requestDone: boolean;
  connected(connection: UpstreamConnection): void;
  interim(head: ResponseHead): void;
  /** A complete answer, its body as latin1. */
  whole(head: ResponseHead, body: string): void;
  begin(head: ResponseHead): void;
  /** Nothing of the body is there yet: send the head on its own. */
  flush(): void;
  piece(bytes: Buffer): void;
  complete(): void;
  upgraded(head: ResponseHead, rest: Buffer): void;
  /** `untouched`: not one byte of an answer came. The connection is gone. */
  failed(kind: 'connect' | 'timeout' | 'broken', connection: UpstreamConnection, untouched: boolean): void;
  requestDrained(): void;
};

/** A version in the route: its instances and its counters. */
export class Target {
  readonly version: string;
  readonly endpoints: readonly Endpoint[];
  readonly counters: VersionCounters;
  /** Of all versions: what users ask for. */
  readonly asked: EndpointCounters;
  private next = 0;

  constructor(version: string, endpoints: readonly Endpoint[], counters: VersionCounters, asked: EndpointCounters) {
    this.version = version;
    this.endpoints = endpoints;
    this.counters = counters;
    this.asked = asked;
  }

  /** The next instance in turn that was not tried; also one that is down when `evenDown`. Null when there is none. */
  choose(nowMs: number, tried: readonly Endpoint[], evenDown: boolean): Endpoint | null {
    const count = this.endpoints.length;
    for (let i = 0; i < count; i++) {
      const index = (this.next + i) % count;
      const endpoint = this.endpoints[index] as Endpoint;
      if (tried.includes(endpoint) || !(evenDown || endpoint.isUp(nowMs))) continue;
      this.next = index + 1;
      return endpoint;
    }
    return null;
  }
}

const untried: readonly Endpoint[] = [];

/**
 * Brings one request to one instance: tries the version's instances in turn, goes to stable when none of the candidate's takes
 * a connection, repeats what is safe to repeat, and counts the outcome exactly once per version that was asked.
 */
export abstract class Forwarding implements Receiver {
  abstract readonly toHead: boolean;
  abstract readonly wantsUpgrade: boolean;
  requestDone = false;
  protected readonly startedMs: number;
  protected connection: UpstreamConnection | null = null;
  /** Nothing more may happen: it was answered, failed or given up. */
  protected done = false;
  /** When the answer counts as given, if that is before its end: an event stream is as fast as its head. */
  protected answeredMs: number | null = null;
  private readonly head: string;
  /** Whether sending it twice does no harm: GET or HEAD without a body. */
  private readonly repeatable: boolean;
  private target: Target;
  private fallback: Target | null;
  private tried: readonly Endpoint[] = untried;
  private repeated = false;

  constructor(head: string, repeatable: boolean, target: Target, fallback: Target | null, startedMs: number) {
    this.head = head;
    this.repeatable = repeatable;
    this.target = target;
    this.fallback = fallback;
    this.startedMs = startedMs;
    target.counters.inFlight++;
  }

  /** The request's head is on its way to the version. */
  protected abstract sent(connection: UpstreamConnection): void;
  /** Tells the client that no version answered. It has been counted. */
  protected abstract answerFailure(status: 502 | 504, why: string): void;

  abstract interim(head: ResponseHead): void;
  abstract whole(head: ResponseHead, body: string): void;
  abstract begin(head: ResponseHead): void;
  abstract flush(): void;
  abstract piece(bytes: Buffer): void;
  abstract complete(): void;
  abstract upgraded(head: ResponseHead, rest: Buffer): void;
  abstract requestDrained(): void;

  forward(nowMs: number): void {
    const target = this.target;
    // An instance that does not answer is left alone for a moment, unless there is nothing else to try.
    const endpoint =
      target.choose(nowMs, this.tried, false) ?? (this.fallback === null ? target.choose(nowMs, this.tried, true) : null);
    if (endpoint === null) {
      this.unconnected();
      return;
    }
    const idle = this.wantsUpgrade ? null : endpoint.takeIdle(nowMs, this.repeatable);
    if (idle === null) this.connection = endpoint.connect(this);
    else this.start(idle);
  }

  connected(connection: UpstreamConnection): void {
    if (this.done) connection.destroy();
    else this.start(connection);
  }

  failed(kind: 'connect' | 'timeout' | 'broken', connection: UpstreamConnection, untouched: boolean): void {
    this.connection = null;
    if (this.done) return;
    if (kind === 'connect') {
      const nowMs = performance.now();
      connection.endpoint.connectFailed(nowMs);
      this.tried = [...this.tried, connection.endpoint];
      this.forward(nowMs);
      return;
    }
    if (kind === 'broken' && untouched && connection.served && this.repeatable && !this.repeated) {
      // The version closed an idle connection just when it was used again. A fresh one tells whether it is there.
      this.repeated = true;
      this.connection = connection.endpoint.connect(this);
      return;
    }
    const status = kind === 'timeout' ? 504 : 502;
    this.settle(kind, status);
    this.answerFailure(status, kind === 'timeout' ? 'the version did not answer in time' : 'the version broke off its answer');
  }

  /** The client has gone. */
  abort(): void {
    if (this.done) return;
    this.done = true;
    this.connection?.destroy();
    this.connection = null;
    this.target.counters.inFlight--;
    this.target.counters.recordAborted(Date.now());
  }

  /** Counts the end of the request. */
  protected settle(failure: 'status' | 'timeout' | 'broken' | null, status: number): void {
    const endedMs = this.answeredMs ?? performance.now();
    this.done = true;
    this.connection = null;
    const latencyMs = endedMs - this.startedMs;
    this.target.counters.inFlight--;
    this.target.counters.record(Date.now(), latencyMs, failure === null ? -1 : errorClasses.indexOf(failure), status);
    this.target.asked.record(this.head, failure !== null, status, latencyMs);
  }

  private start(connection: UpstreamConnection): void {
    this.connection = connection;
    connection.send(this, this.head);
    this.sent(connection);
  }

  /** No instance takes a connection. Nothing was sent, so the request can still go to stable; the version's failure counts. */
  private unconnected(): void {
    const latencyMs = performance.now() - this.startedMs;
    this.target.counters.record(Date.now(), latencyMs, errorClasses.indexOf('connect'), 502);
    this.target.counters.inFlight--;
    if (this.fallback === null) {
      this.done = true;
      this.target.asked.record(this.head, true, 502, latencyMs);
      this.answerFailure(502, 'no instance of the version takes connections');
      return;
    }
    this.target = this.fallback;
    this.fallback = null;
    this.tried = untried;
    this.target.counters.inFlight++;
    this.forward(performance.now());
  }
}
