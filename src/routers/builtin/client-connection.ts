import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What runs on a client's connection and has to know when it breaks. */
export type ClientWork = { abort(): void; silent(): void; spoilt(): boolean };

const key = Symbol('rampart client');

/** How long a client that was answered early may still send its body before the connection is cut. */
const lingerMs = 5_000;

/** A client's connection: its address, and the exchanges under way on it (more than one when the client pipelines). */
export class ClientConnection {
  readonly address: string;
  private readonly active: ClientWork[] = [];
  private unread: IncomingMessage | null = null;

  private constructor(socket: Socket) {
    // An IPv4 client of an IPv6 listener is known by its IPv4 address everywhere else.
    this.address = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
  }

  /** Starts to follow a connection. */
  static attach(socket: Socket): ClientConnection {
    const client = new ClientConnection(socket);
    (socket as Socket & { [key]?: ClientConnection })[key] = client;
    socket.on('close', () => {
      for (const work of [...client.active]) work.abort();
    });
    return client;
  }

  static of(socket: Socket): ClientConnection {
    return (socket as Socket & { [key]?: ClientConnection })[key] ?? ClientConnection.attach(socket);
  }

  get isIdle(): boolean {
    return this.active.length === 0;
  }

  get activeCount(): number {
    return this.active.length;
  }

  add(work: ClientWork): void {
    this.active.push(work);
  }

  remove(work: ClientWork): void {
    if (this.active.length === 1 && this.active[0] === work) {
      this.active.pop();
      return;
    }
    const index = this.active.indexOf(work);
    if (index >= 0) this.active.splice(index, 1);
  }

  silent(): void {
    for (const work of [...this.active]) work.silent();
  }

  /** Reads and drops what a client still sends after its answer, for a while: a cut connection could cost it the answer. */
  linger(request: IncomingMessage): void {
    this.unread = request;
    request.resume();
    setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, lingerMs).unref();
  }

  /** The bytes on this connection stopped being HTTP. True when an error answer would be taken for what it is. */
  spoilt(): boolean {
    let clean = this.unread === null || this.unread.complete;
    for (const work of [...this.active]) clean = work.spoilt() && clean;
    return clean;
  }
}
