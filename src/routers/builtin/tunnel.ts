import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientConnection } from './client-connection.ts';
import { Forwarding, type Target } from './forwarding.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { UpstreamConnection } from './upstream.ts';

/**
 * A WebSocket: the handshake is one request with its counters and its choice of version, then bytes pass both ways until one
 * side ends. A version that declines is answered as it is, and the connection ends.
 */
export class Tunnel extends Forwarding {
  readonly toHead = false;
  readonly wantsUpgrade = true;
  private readonly client: ClientConnection;
  private readonly socket: Socket;
  private readonly early: Buffer;
  private readonly setCookie: string;
  private readonly idleMs: number;
  private upstream: UpstreamConnection | null = null;
  private begun: ResponseHead | null = null;

  /** @param early - What the client has sent behind its request. */
  constructor(
    client: ClientConnection,
    request: IncomingMessage,
    early: Buffer,
    head: RequestHead,
    target: Target,
    fallback: Target | null,
    setCookie: string,
    idleMs: number,
    startedMs: number,
  ) {
    super(head.text, false, target, fallback, startedMs);
    this.client = client;
    this.socket = request.socket;
    this.early = early;
    this.setCookie = setCookie;
    this.idleMs = idleMs;
    this.requestDone = true;
    client.add(this);
    this.socket.setTimeout(0); // From here on the deadline of the connection to the version counts for both.
    this.socket.on('error', () => {}); // 'close' follows, and ClientConnection aborts.
  }

  protected override sent(): void {}

  override interim(): void {}

  override upgraded(head: ResponseHead, rest: Buffer): void {
    const upstream = this.connection;
    if (this.done || upstream === null) return;
    this.settle(null, 101);
    this.upstream = upstream;
    this.socket.write(`HTTP/1.1 101 ${head.reason}\r\n${head.lines}Connection: Upgrade\r\n${this.setCookie}\r\n`, 'latin1');
    if (rest.length > 0) this.socket.write(rest);
    if (this.early.length > 0) upstream.socket.write(this.early);
    this.socket.on('data', (bytes: Buffer) => {
      upstream.touch(this.idleMs);
      if (!upstream.socket.write(bytes)) this.socket.pause();
    });
    this.socket.on('drain', () => upstream.socket.resume());
    this.socket.on('end', () => upstream.socket.end());
    this.socket.resume();
  }

  override whole(head: ResponseHead, body: string): void {
    if (this.done) return;
    this.begin(head);
    this.socket.write(body, 'latin1');
    this.complete();
  }

  override begin(head: ResponseHead): void {
    if (this.done) return;
    this.begun = head;
    // The framing of the answer is the end of the connection, whatever it was between the version and us.
    const text = `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.lines}${this.setCookie}Connection: close\r\n\r\n`;
    this.socket.write(text, 'latin1');
  }

  override flush(): void {}

  override piece(bytes: Buffer): void {
    const connection = this.upstream ?? this.connection;
    if (this.socket.destroyed || this.socket.write(bytes) || connection === null) return;
    connection.socket.pause();
    if (this.upstream === null) this.socket.once('drain', () => connection.socket.resume());
  }

  override complete(): void {
    if (this.begun !== null && !this.done) this.settle(this.begun.status >= 500 ? 'status' : null, this.begun.status);
    this.endClient();
  }

  override requestDrained(): void {
    this.socket.resume();
  }

  override failed(kind: 'connect' | 'timeout' | 'broken', connection: UpstreamConnection, untouched: boolean): void {
    if (this.upstream !== null) this.endClient();
    else super.failed(kind, connection, untouched);
  }

  override abort(): void {
    this.client.remove(this);
    this.upstream?.destroy();
    super.abort();
  }

  silent(): void {}

  spoilt(): boolean {
    this.abort();
    return false;
  }

  /** Ends both sides: the router is ending. */
  cut(): void {
    this.socket.destroy();
  }

  protected override answerFailure(status: 502 | 504, why: string): void {
    if (this.begun === null) writeRefusal(this.socket, status, why);
    else this.socket.destroy();
  }

  private endClient(): void {
    this.client.remove(this);
    endSoon(this.socket);
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Answers on a connection that has no `ServerResponse` (an upgrade, or bytes that are not HTTP), and ends it. */
export function writeRefusal(socket: Socket, status: number, why: string): void {
  const body = `rampart: ${why}\n`;
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${reasons[status] ?? 'Error'}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  endSoon(socket);
}

/** Sends what is waiting, then closes, at the latest after a second: the other side may never end its own. */
function endSoon(socket: Socket): void {
  socket.end();
  socket.resume();
  setTimeout(() => socket.destroy(), 1_000).unref();
}
