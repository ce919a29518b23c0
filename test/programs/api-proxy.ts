import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** What is answered in place of the API server. */
export type Refusal = { readonly status: number; readonly reason: string; readonly retryAfterS?: number };

/** Stands before a real API server, counts what goes through, and can answer in its place or cut every connection, as a balancer does, or be gone. */
export class ApiProxy {
  readonly port: number;
  /** Requests so far, refused ones included. */
  seen = 0;
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  #refuse: (method: string) => Refusal | null = () => null;
  #before: (method: string) => Promise<void> = async () => {};

  private constructor(server: http.Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async to(apiPort: number): Promise<ApiProxy> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new ApiProxy(server, (server.address() as AddressInfo).port);
    server.on('request', (request, response) => proxy.#take(request, response, apiPort));
    return proxy;
  }

  /** From here on whatever `refuse` says something about is answered so, by the method of the request. */
  refuse(refuse: (method: string) => Refusal | null): void {
    this.#refuse = refuse;
  }

  /** From here on `act` is done before a request is let through, by its method: what happens between a read and a write. */
  before(act: (method: string) => Promise<void>): void {
    this.#before = act;
  }

  /** Ends every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nobody listens any more, as where the server has died. */
  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  /** Listens again, on the same port. */
  async up(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
  }

  #take(request: http.IncomingMessage, response: http.ServerResponse, apiPort: number): void {
    this.seen += 1;
    const refusal = this.#refuse(request.method ?? 'GET');
    if (refusal) {
      const { status, reason, retryAfterS } = refusal;
      request.resume();
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
      });
      return void response.end(
        JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: reason, code: status }),
      );
    }
    const { method = 'GET' } = request;
    this.#before(method).then(
      () => forward(request, response, apiPort),
      () => response.destroy(),
    );
  }
}

function forward(request: http.IncomingMessage, response: http.ServerResponse, apiPort: number): void {
  const { method = 'GET', url = '/', headers } = request;
  const onward = https.request(
    { host: '127.0.0.1', port: apiPort, method, path: url, headers, rejectUnauthorized: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}
