import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import type { StatusFiles } from '../../views/status/files.ts';
import { type StatusAnswer, statusAnswer } from './answer.ts';
import type { FromThread, ToThread } from './status-server.ts';
import { formMaxBytes, isSubscription } from './subscription-path.ts';

/** Longest path that is looked at. */
const pathMax = 1_000;
/** Requests that wait for the controller at once. */
const askedMax = 100;

/** A thread that serves the last files that it was given, however busy whoever gives them is. Only subscriptions are asked for there. */
const { host, port, answerWithinMs } = workerData as {
  readonly host: string;
  readonly port: number;
  readonly answerWithinMs: number;
};
let files: StatusFiles | null = null;
let takesSubscriptions = false;
let number = 0;
const asked = new Map<number, (answer: StatusAnswer) => void>();
const tell = (message: FromThread): void => parentPort?.postMessage(message);

const server = createServer(
  { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 2_000 },
  (request, reply) => {
    const [path = '/', query = ''] = (request.url ?? '/').slice(0, pathMax).split('?', 2);
    if (takesSubscriptions && isSubscription(path) && (request.method === 'GET' || request.method === 'POST')) {
      askController(request, reply, request.method, path, query).catch(() => reply.destroy());
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' }).end('GET only.\n');
      return;
    }
    send(
      request,
      reply,
      statusAnswer(files, {
        path,
        lang: new URLSearchParams(query).get('lang'),
        acceptLanguage: request.headers['accept-language'],
        ifNoneMatch: request.headers['if-none-match'],
      }),
    );
  },
);
server.maxConnections = 5_000;
server.on('error', (error: NodeJS.ErrnoException) => tell({ kind: 'failed', code: error.code ?? error.message }));
server.listen(port, host, () => {
  const address = server.address();
  tell({ kind: 'listening', port: typeof address === 'object' && address ? address.port : port });
});
parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'files') {
    files = message.files;
    takesSubscriptions = message.takesSubscriptions;
  } else asked.get(message.number)?.(message.answer);
});

function send(request: IncomingMessage, reply: ServerResponse, { code, headers, body }: StatusAnswer): void {
  // Without a length: that of an answer without a body is not that of the page (RFC 9110, 8.6).
  reply.writeHead(code, code === 304 ? headers : { ...headers, 'content-length': Buffer.byteLength(body) });
  reply.end(request.method === 'HEAD' ? undefined : body);
}

/** Only the controller knows who has subscribed; while it is busy that is said in place of an answer. */
async function askController(
  request: IncomingMessage,
  reply: ServerResponse,
  method: 'GET' | 'POST',
  path: string,
  query: string,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === null) {
    reply.writeHead(413, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end('Too large.\n');
    return;
  }
  if (asked.size >= askedMax) return send(request, reply, busy);
  number += 1;
  const own = number;
  const { promise, resolve } = Promise.withResolvers<StatusAnswer>();
  const late = setTimeout(() => resolve(busy), answerWithinMs);
  asked.set(own, resolve);
  const forwarded = request.headers['x-forwarded-for'];
  tell({
    kind: 'asked',
    number: own,
    untilMs: Date.now() + answerWithinMs,
    remote: request.socket.remoteAddress ?? '',
    forwarded: Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    request: { method, path, query, body, acceptLanguage: request.headers['accept-language'] },
  });
  const answer = await promise;
  clearTimeout(late);
  asked.delete(own);
  send(request, reply, answer);
}

/** Null: it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > formMaxBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** In both languages, because which of them is wanted is not known without a page. */
const busy: StatusAnswer = {
  code: 503,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'retry-after': '60' },
  body: `We are busy at the moment, and your request may not have been taken. If no mail comes, try again in a minute.
Сейчас мы заняты, и запрос, возможно, не принят. Если письма не будет, попробуйте через минуту.
`,
};
