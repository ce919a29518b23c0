import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { ClientConnection } from './client-connection.ts';
import { Forwarding, type Target } from './forwarding.ts';
import type { RequestHead } from './request-head.ts';
import { headerPairs, type ResponseHead } from './response-head.ts';
import type { UpstreamConnection } from './upstream.ts';

/** What every exchange of one engine shares. */
export type ExchangeRules = {
  readonly maxBody: number;
  readonly timeouts: { readonly response: number; readonly idle: number };
  /** Counts a request that the router refused by itself. */
  refused(status: number): void;
  /** True when the engine is ending, so that clients are told to go elsewhere. */
  isDraining(): boolean;
};

/** RFC 9110 §10.1.1: a version that ignores `Expect: 100-continue` must not keep the client waiting for ever. */
const continueWaitMs = 1_000;

/** `node:http` keeps the rendered head here and sends it in one write with the first of the body. */
type WithHead = { _header: string | null };
// If a later Node renames the field, answers take the documented way and only cost more.
const hasHeadField = Object.hasOwn(new ServerResponse(new IncomingMessage(new Socket())), '_header');

/** One request of a client and its answer. */
export class Exchange extends Forwarding {
  readonly toHead: boolean;
  readonly wantsUpgrade = false;
  private readonly rules: ExchangeRules;
  private readonly client: ClientConnection;
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly bodyBytes: number;
  private readonly setCookie: string;
  private expectsContinue: boolean;
  private bodyStarted = false;
  private bodySeen = 0;
  private begun: ResponseHead | null = null;

  /**
   * @param setCookie - Whole header line for the answer, or empty.
   * @param expectsContinue - The client waits for 100 Continue before it sends its body.
   */
  constructor(
    rules: ExchangeRules,
    client: ClientConnection,
    request: IncomingMessage,
    response: ServerResponse,
    head: RequestHead,
    target: Target,
    fallback: Target | null,
    setCookie: string,
    expectsContinue: boolean,
    startedMs: number,
  ) {
    const safe = request.method === 'GET' || request.method === 'HEAD';
    super(head.text, safe && head.bodyBytes === 0, target, fallback, startedMs);
    this.rules = rules;
    this.client = client;
    this.request = request;
    this.response = response;
    this.bodyBytes = head.bodyBytes;
    this.setCookie = setCookie;
    this.expectsContinue = expectsContinue && head.bodyBytes !== 0;
    this.toHead = request.method === 'HEAD';
    client.add(this);
  }

  protected override sent(connection: UpstreamConnection): void {
    if (this.bodyBytes === 0) {
      this.requestDone = true;
      return;
    }
    // While the client sends its body the version has nothing to answer yet: the time to answer starts with the last byte.
    connection.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.expectsContinue) setTimeout(() => this.startBody(), continueWaitMs).unref();
    else this.startBody();
  }

  override interim(head: ResponseHead): void {
    if (this.done) return;
    if (head.status === 100) {
      if (this.expectsContinue) this.startBody();
      return;
    }
    if (this.request.httpVersionMinor === 0) return;
    if (head.status === 102) this.response.writeProcessing();
    else if (head.status === 103) {
      const hints: Record<string, string | string[]> = {};
      const pairs = headerPairs(head.lines);
      for (let i = 0; i < pairs.length; i += 2) {
        const name = (pairs[i] as string).toLowerCase();
        const before = hints[name];
        hints[name] = before === undefined ? (pairs[i + 1] as string) : [before, pairs[i + 1] as string].flat();
      }
      try {
        this.response.writeEarlyHints(hints);
      } catch {
        // A hint that node:http will not write is only a hint: the answer itself follows.
      }
    }
  }

  override whole(head: ResponseHead, body: string): void {
    if (this.done) return;
    this.ended(head);
    const { response } = this;
    if (this.isPlain()) {
      // The hot path: head and body leave as they came, in one write, without being taken apart again.
      this.setHead(head, body);
      response.end();
      return;
    }
    this.writeHead(head);
    response.end(body, 'latin1');
    this.lingerIfUnread();
  }

  override begin(head: ResponseHead): void {
    if (this.done) return;
    this.begun = head;
    if (head.eventStream) this.answeredMs = performance.now();
    if (head.framing === 'length' && this.isPlain()) this.setHead(head, '');
    else this.writeHead(head);
  }

  override flush(): void {
    if (!this.done) this.response.flushHeaders();
  }

  override piece(bytes: Buffer): void {
    if (this.done || this.response.write(bytes)) return;
    const connection = this.connection;
    if (connection === null) return;
    // The client is slower than the version. How long that may last is a matter of the client's connection (see silent).
    connection.socket.pause();
    connection.deadlineMs = Number.POSITIVE_INFINITY;
    this.response.once('drain', () => {
      if (this.connection !== connection) return;
      connection.touch(this.rules.timeouts.idle);
      connection.socket.resume();
    });
  }

  override complete(): void {
    if (this.done || this.begun === null) return;
    this.ended(this.begun);
    this.response.end();
    this.lingerIfUnread();
  }

  override upgraded(): void {
    // Not asked for: the connection refuses 101 unless `wantsUpgrade`.
  }

  override requestDrained(): void {
    if (this.done || !this.bodyStarted) return;
    if (!this.requestDone && this.connection) this.connection.deadlineMs = Number.POSITIVE_INFINITY;
    this.request.resume();
  }

  override abort(): void {
    if (this.done) return;
    super.abort();
    this.client.remove(this);
  }

  /** The client's connection was silent for the idle time: cut it if it is the client that everything waits for. */
  silent(): void {
    if (this.done) return;
    if (this.bodyStarted && !this.requestDone && this.begun === null) this.refuse(408, 'the request body did not arrive in time');
    else if (this.response.writableNeedDrain) this.request.socket.destroy();
  }

  /** The client sent something that is not HTTP in the middle of this request. True when it may still be told so. */
  spoilt(): boolean {
    const clean = this.begun === null && !this.requestDone;
    this.abort();
    return clean;
  }

  protected override answerFailure(status: 502 | 504, why: string): void {
    this.client.remove(this);
    if (this.begun !== null) {
      // Only a connection that breaks tells the client that the answer is not whole. HTTP/1.0 without a length knows no other
      // sign than a reset.
      if (this.request.httpVersionMinor === 0) this.request.socket.resetAndDestroy();
      else this.request.socket.destroy();
      return;
    }
    this.answer(status, why);
  }

  private ended(head: ResponseHead): void {
    this.client.remove(this);
    this.settle(head.status >= 500 ? 'status' : null, head.status);
  }

  private refuse(status: number, why: string): void {
    this.abort();
    this.rules.refused(status);
    this.answer(status, why);
  }

  private answer(status: number, why: string): void {
    answerByRouter(this.response, status, why, status !== 408);
    this.lingerIfUnread();
  }

  /** Whether the connection stays as it is, so that nothing has to be added to the answer's head but our cookie. */
  private isPlain(): boolean {
    return hasHeadField && this.requestDone && this.response.shouldKeepAlive && !this.expectsContinue && !this.rules.isDraining();
  }

  private setHead(head: ResponseHead, body: string): void {
    const response = this.response as ServerResponse & WithHead;
    response._header = `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.lines}${this.setCookie}\r\n${body}`;
  }

  private writeHead(head: ResponseHead): void {
    const pairs = headerPairs(head.lines + this.setCookie);
    if (this.rules.isDraining()) pairs.push('Connection', 'close');
    this.response.sendDate = false;
    this.response.writeHead(head.status, head.reason, pairs);
  }

  private startBody(): void {
    if (this.done || this.bodyStarted || this.connection === null) return;
    this.bodyStarted = true;
    if (this.expectsContinue) {
      this.expectsContinue = false;
      this.response.writeContinue();
    }
    this.request.on('data', (bytes: Buffer) => this.bodyPiece(bytes));
    this.request.on('end', () => this.bodyEnd());
  }

  private bodyPiece(bytes: Buffer): void {
    const connection = this.connection;
    if (this.done || connection === null) return; // Answered already: the rest is read and dropped.
    this.bodySeen += bytes.length;
    if (this.bodySeen > this.rules.maxBody) {
      if (this.begun === null) this.refuse(413, `body above ${this.rules.maxBody} bytes`);
      else this.request.socket.destroy();
      return;
    }
    const socket = connection.socket;
    let room: boolean;
    if (this.bodyBytes < 0) {
      socket.cork();
      socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
      socket.write(bytes);
      room = socket.write('\r\n', 'latin1');
      socket.uncork();
    } else room = socket.write(bytes);
    if (!room) {
      // Now it is the version that has to move.
      this.request.pause();
      connection.touch(this.rules.timeouts.response);
    }
  }

  private bodyEnd(): void {
    const connection = this.connection;
    this.requestDone = true;
    if (this.done || connection === null) return;
    if (this.bodyBytes < 0) connection.socket.write('0\r\n\r\n', 'latin1');
    connection.touch(this.begun === null ? this.rules.timeouts.response : this.rules.timeouts.idle);
  }

  /** A client that was answered before it had sent everything may finish, for a while, so that it reads the answer. */
  private lingerIfUnread(): void {
    if (!this.requestDone && this.bodyBytes !== 0) this.client.linger(this.request);
  }
}

/** Answers in the router's own name, as plain text. */
export function answerByRouter(response: ServerResponse, status: number, why: string, keepAlive = true): void {
  if (response.headersSent || response.destroyed) return;
  const body = `rampart: ${why}\n`;
  const pairs = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(Buffer.byteLength(body))];
  if (!keepAlive) pairs.push('Connection', 'close');
  response.writeHead(status, pairs);
  response.end(body);
}
