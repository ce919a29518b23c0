import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands in front of a server on loopback, and can be cut off or fall silent, as a network does. */
export class Relay {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null;
  #isSilent = false;

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on('connection', (socket) => this.#take(socket));
  }

  static async to(target: number): Promise<Relay> {
    const server = createServer();
    await listening(server, 0);
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    return new Relay(server, address.port, target);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections are refused from here on, and those that exist are ended. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Connections are taken and nothing is ever said. */
  silence(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** All is well again. */
  async mend(): Promise<void> {
    this.#isSilent = false;
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server) return;
    const server = createServer((socket) => this.#take(socket));
    await listening(server, this.port);
    this.#server = server;
  }

  #take(socket: Socket): void {
    this.#keep(socket);
    if (this.#isSilent) return;
    const other = connect(this.#target, '127.0.0.1');
    this.#keep(other);
    socket.pipe(other).pipe(socket);
    socket.once('close', () => other.destroy());
    other.once('close', () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
