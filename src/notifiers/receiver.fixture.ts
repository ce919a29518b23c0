import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A request that came in. */
export type Taken = {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/**
 * How a receiver behaves. `busy`: not now, in 7 seconds. `broken`: a mistake of its own. `echo`: a no that repeats all it was sent. `silent`: it takes the request and
 * never answers. `half-open`: it begins an answer and never ends it. `elsewhere`: it sends to another address. `endless`: a no without an end.
 */
export type Behaviour = 'yes' | 'busy' | 'broken' | 'no' | 'echo' | 'silent' | 'half-open' | 'hangs-up' | 'elsewhere' | 'endless';

/** An HTTP server on loopback that looks at every request as the real one would. */
export class Receiver {
  readonly taken: Taken[] = [];
  behaviour: Behaviour = 'yes';
  /** Where somebody would end up who followed `elsewhere`. */
  readonly strayed: Taken[] = [];
  readonly #problems: unknown[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: http.Server;
  readonly #accept: (request: Taken) => Answer;
  readonly #answers: Partial<Record<Behaviour, Answer>>;

  private constructor(accept: (request: Taken) => Answer, answers: Partial<Record<Behaviour, Answer>>) {
    this.#accept = accept;
    this.#answers = answers;
    this.#server = http.createServer((request, response) => void this.#serve(request, response));
  }

  /**
   * @param accept - Checks a request against the description of the real one, and answers as that does. Throws when it is not right.
   * @param answers - What the real one says where it does not say yes.
   */
  static async start(
    t: TestContext,
    accept: (request: Taken) => Answer,
    answers: Partial<Record<Behaviour, Answer>> = {},
  ): Promise<Receiver> {
    const receiver = new Receiver(accept, answers);
    const server = receiver.#server;
    server.on('connection', (socket: Socket) => {
      receiver.#sockets.add(socket);
      socket.on('error', () => {}).once('close', () => receiver.#sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.close();
      for (const socket of receiver.#sockets) socket.destroy();
      assert.deepEqual(receiver.#problems, [], 'what came in was not right');
    });
    return receiver;
  }

  get base(): string {
    const address = this.#server.address();
    assert(typeof address === 'object' && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  /** Whoever has sent something has let go of all connections. */
  async isLeft(): Promise<void> {
    const signal = AbortSignal.timeout(30_000);
    while (this.#sockets.size > 0)
      for (const socket of this.#sockets) await once(socket, 'close', { signal }).catch(() => signal.throwIfAborted());
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { method = '', url = '', headers } = request;
    const taken = { method, url, headers, body: Buffer.concat(parts).toString() };
    if (url.startsWith('/elsewhere')) this.strayed.push(taken);
    this.taken.push(taken);
    let right: Answer;
    try {
      right = this.#accept(taken);
    } catch (error) {
      this.#problems.push(error);
      right = { status: 418 };
    }
    if (this.behaviour === 'silent') return;
    if (this.behaviour === 'hangs-up') return void request.socket.destroy();
    if (this.behaviour === 'half-open') return void response.writeHead(200, { 'content-length': '100' }).write('{"ok":');
    if (this.behaviour === 'endless') return endless(response);
    const { status, headers: said = {}, body = '' } = this.#answerTo(taken, right);
    response.writeHead(status, said).end(body);
  }

  #answerTo(taken: Taken, right: Answer): Answer {
    const given = this.#answers[this.behaviour];
    if (given) return given;
    if (this.behaviour === 'busy') return { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' };
    if (this.behaviour === 'broken') return { status: 500, body: 'oh no' };
    if (this.behaviour === 'no') return { status: 400, body: 'bad request' };
    if (this.behaviour === 'echo') return { status: 400, body: `no: ${JSON.stringify(taken)}` };
    if (this.behaviour === 'elsewhere') return { status: 307, headers: { location: `${this.base}/elsewhere` } };
    return right;
  }
}

function endless(response: http.ServerResponse): void {
  response.writeHead(400);
  const part = 'x'.repeat(65_536);
  const more = (): void => {
    while (!response.destroyed && response.write(part));
  };
  response.on('drain', more);
  more();
}
