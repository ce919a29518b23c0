import net from 'node:net';
import { ChunkedBody } from './chunked.ts';
import type { Endpoint } from './endpoint.ts';
import type { Receiver } from './forwarding.ts';
import { type ResponseHead, readResponseHead, responseHeadBytesMax } from './response-head.ts';

/** What all connections to versions share. */
export type UpstreamRules = {
  readonly timeouts: { readonly connect: number; readonly response: number; readonly idle: number };
  readonly clock: Clock;
  /** Every open connection, for the sweep that enforces deadlines. */
  readonly connections: Set<UpstreamConnection>;
};

/** `performance.now()` as of the last request or sweep: exact enough for deadlines, and costs nothing to read. */
export type Clock = { nowMs: number };

/** Idle connections are closed after this when the version does not say how long it keeps them; common servers keep 5 s. */
const idleKeepMs = 4_000;

/** An answer that fits one read is handed on in one piece, as text, which spares a copy and a second write. */
const wholeBytesMax = 32_768;

// All connections of this thread read into the same memory: a read is handled before the next one can start. What has to
// outlive the read is copied.
const arrived = Buffer.allocUnsafeSlow(65_536);

type Phase = 'connecting' | 'idle' | 'waiting' | 'body' | 'tunnel' | 'closed';

/**
 * One HTTP/1.1 connection to an instance. It frames answers strictly: after an answer that is not exactly what its head says
 * the connection is never used again.
 */
export class UpstreamConnection {
  readonly endpoint: Endpoint;
  readonly socket: net.Socket;
  /** On the clock of `performance.now()`: past it the connection has failed or, when idle, is closed. */
  deadlineMs: number;
  idleSinceMs = 0;
  /** Whether it has carried a complete answer before. */
  served = false;
  private readonly rules: UpstreamRules;
  private receiver: Receiver | null;
  private phase: Phase = 'connecting';
  private partialHead: Buffer | null = null;
  private left = 0;
  private chunks: ChunkedBody | null = null;
  private reusable = false;
  private keepIdleMs = idleKeepMs;
  private sawInterim = false;

  constructor(endpoint: Endpoint, rules: UpstreamRules, receiver: Receiver) {
    this.endpoint = endpoint;
    this.rules = rules;
    this.receiver = receiver;
    this.deadlineMs = rules.clock.nowMs + rules.timeouts.connect;
    rules.connections.add(this);
    this.socket = net.connect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      onread: { buffer: arrived, callback: (bytes) => this.read(bytes) },
    });
    this.socket.on('connect', () => this.connected());
    this.socket.on('drain', () => this.receiver?.requestDrained());
    this.socket.on('end', () => this.ended());
    // 'close' follows and says all there is to say.
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.closed());
  }

  /** Starts a request: its head, and all of it when it has no body. */
  send(receiver: Receiver, head: string): void {
    this.receiver = receiver;
    this.phase = 'waiting';
    this.sawInterim = false;
    this.deadlineMs = this.rules.clock.nowMs + this.rules.timeouts.response;
    this.socket.write(head, 'latin1');
  }

  /** Ends it without telling the receiver. */
  destroy(): void {
    this.receiver = null;
    this.shut();
  }

  /** What was due until the deadline has not happened. */
  expire(): void {
    if (this.phase === 'connecting') this.fail('connect');
    else if (this.phase === 'idle') this.destroy();
    else this.fail('timeout');
  }

  /** Something moved: the next silence is measured from now. */
  touch(timeoutMs: number): void {
    this.deadlineMs = this.rules.clock.nowMs + timeoutMs;
  }

  private connected(): void {
    this.endpoint.connectSucceeded();
    if (this.phase === 'connecting') this.receiver?.connected(this);
  }

  private read(bytes: number): boolean {
    switch (this.phase) {
      case 'waiting':
        if (this.partialHead) {
          const joined = Buffer.concat([this.partialHead, arrived.subarray(0, bytes)]);
          this.partialHead = null;
          this.readHead(joined, joined.length);
        } else this.readHead(arrived, bytes);
        break;
      case 'body':
        this.readBody(arrived.subarray(0, bytes));
        break;
      case 'tunnel':
        this.touch(this.rules.timeouts.idle);
        this.receiver?.piece(Buffer.from(arrived.subarray(0, bytes)));
        break;
      case 'closed':
        break;
      default:
        // Bytes that nobody asked for would be taken for the answer to the next request.
        this.destroy();
    }
    return true;
  }

  private readHead(bytes: Buffer, length: number): void {
    for (let from = 0; from < length; ) {
      const receiver = this.receiver;
      if (receiver === null) return;
      const text = bytes.toString('latin1', from, Math.min(length, from + responseHeadBytesMax));
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) {
        if (text.length >= responseHeadBytesMax) this.fail('broken');
        else this.partialHead = Buffer.from(bytes.subarray(from, length));
        return;
      }
      const head = readResponseHead(text.slice(0, end + 2), receiver.toHead);
      if (head === undefined) {
        this.fail('broken');
        return;
      }
      if (head.status >= 200) {
        this.answered(receiver, head, text, end + 4, bytes, from, length);
        return;
      }
      if (head.status === 101) {
        if (!receiver.wantsUpgrade || !head.upgrade) {
          this.fail('broken');
          return;
        }
        this.phase = 'tunnel';
        this.touch(this.rules.timeouts.idle);
        receiver.upgraded(head, Buffer.from(bytes.subarray(from + end + 4, length)));
        return;
      }
      this.sawInterim = true;
      receiver.interim(head);
      from += end + 4;
    }
  }

  private answered(
    receiver: Receiver,
    head: ResponseHead,
    text: string,
    bodyAt: number,
    bytes: Buffer,
    from: number,
    length: number,
  ): void {
    const bodyLength = head.framing === 'none' ? 0 : head.framing === 'length' ? head.length : -1;
    const available = length - from - bodyAt;
    this.reusable = head.reusable;
    if (head.keepAliveS >= 0) this.keepIdleMs = Math.max(0, head.keepAliveS * 1_000 - 1_000);
    if (bodyLength >= 0 && available >= bodyLength && bodyLength <= wholeBytesMax && bodyAt + bodyLength <= text.length) {
      this.finish(available === bodyLength);
      receiver.whole(head, text.slice(bodyAt, bodyAt + bodyLength));
      return;
    }
    this.phase = 'body';
    this.left = head.framing === 'length' ? head.length : Number.POSITIVE_INFINITY;
    this.chunks = head.framing === 'chunked' ? new ChunkedBody() : null;
    receiver.begin(head);
    if (available > 0) this.readBody(bytes.subarray(from + bodyAt, length));
    else {
      this.touch(this.rules.timeouts.idle);
      receiver.flush();
    }
  }

  private readBody(bytes: Buffer): void {
    const receiver = this.receiver;
    if (receiver === null) return;
    this.touch(this.rules.timeouts.idle);
    if (this.chunks) {
      const state = this.chunks.feed(bytes, 0, (piece) => receiver.piece(Buffer.from(piece)));
      if (this.receiver === null) return;
      if (state === 'bad') {
        this.fail('broken');
        return;
      }
      if (state === 'done') this.completed(receiver, this.chunks.end === bytes.length);
      return;
    }
    const take = Math.min(this.left, bytes.length);
    if (take > 0) receiver.piece(Buffer.from(bytes.subarray(0, take)));
    this.left -= take;
    if (this.left === 0 && this.receiver !== null) this.completed(receiver, take === bytes.length);
  }

  private completed(receiver: Receiver, exact: boolean): void {
    this.finish(exact);
    receiver.complete();
  }

  /** The answer is whole. The connection goes back to its endpoint unless something about the exchange was out of the ordinary. */
  private finish(exact: boolean): void {
    const reuse = exact && this.reusable && this.receiver?.requestDone === true && this.keepIdleMs > 0;
    this.receiver = null;
    this.chunks = null;
    if (!reuse) {
      this.shut();
      return;
    }
    this.served = true;
    this.phase = 'idle';
    this.idleSinceMs = this.rules.clock.nowMs;
    this.deadlineMs = this.idleSinceMs + this.keepIdleMs;
    this.endpoint.release(this);
  }

  private ended(): void {
    const receiver = this.receiver;
    if (receiver === null) return;
    if (this.phase === 'body' && this.chunks === null && this.left === Number.POSITIVE_INFINITY) this.completed(receiver, false);
    else if (this.phase === 'tunnel') this.completed(receiver, false);
  }

  private closed(): void {
    if (this.phase === 'connecting') this.fail('connect');
    else this.fail('broken');
  }

  private fail(kind: 'connect' | 'timeout' | 'broken'): void {
    const receiver = this.receiver;
    const untouched = this.phase === 'waiting' && this.partialHead === null && !this.sawInterim;
    this.receiver = null;
    this.shut();
    receiver?.failed(kind, this, untouched);
  }

  private shut(): void {
    if (this.phase === 'closed') return;
    if (this.phase === 'idle') this.endpoint.forget(this);
    this.phase = 'closed';
    this.rules.connections.delete(this);
    this.socket.destroy();
  }
}
