import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export type Answered = { readonly status?: number; readonly type?: string; readonly body: unknown };

/**
 * A server for programs that cannot be had where the tests run: it answers as their public documentation says, and whoever asks for
 * anything else gets 404. Answers its address.
 *
 * @param answer - What a request is answered with; undefined: there is no such path.
 */
export async function answering(
  t: TestContext,
  answer: (path: string, query: URLSearchParams, request: IncomingMessage, body: string) => Answered | undefined,
): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const {
      status = 200,
      type = 'application/json',
      body: answered,
    } = answer(url.pathname, url.searchParams, request, body) ?? {
      status: 404,
      type: 'text/plain',
      body: '404 page not found',
    };
    response.writeHead(status, { 'content-type': type });
    response.end(typeof answered === 'string' ? answered : JSON.stringify(answered));
  }).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
