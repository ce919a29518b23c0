import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import type { StatusFiles } from '../../views/status/files.ts';
import { statusAnswer } from './answer.ts';

/** Longest path that is looked at. */
const pathMax = 500;

/** A thread that serves the last files that it was given, however busy whoever gives them is. */
const { host, port } = workerData as { readonly host: string; readonly port: number };
let files: StatusFiles | null = null;

const server = createServer(
  { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 2_000 },
  (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      reply.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' }).end('GET only.\n');
      return;
    }
    const [path = '/', query = ''] = (request.url ?? '/').slice(0, pathMax).split('?', 2);
    const { code, headers, body } = statusAnswer(files, {
      path,
      lang: new URLSearchParams(query).get('lang'),
      acceptLanguage: request.headers['accept-language'],
      ifNoneMatch: request.headers['if-none-match'],
    });
    reply.writeHead(code, { ...headers, 'content-length': Buffer.byteLength(body) });
    reply.end(request.method === 'HEAD' ? undefined : body);
  },
);
server.maxConnections = 5_000;
server.on('error', (error: NodeJS.ErrnoException) =>
  parentPort?.postMessage({ kind: 'failed', code: error.code ?? error.message }),
);
server.listen(port, host, () => {
  const address = server.address();
  parentPort?.postMessage({ kind: 'listening', port: typeof address === 'object' && address ? address.port : port });
});
parentPort?.on('message', (message: StatusFiles | null) => {
  files = message;
});
