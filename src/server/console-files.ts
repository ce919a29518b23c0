import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Where the console lies, as its build has left it: beside the sources in a checkout, inside of the package otherwise. */
const built = fileURLToPath(new URL('../../web/dist/', import.meta.url));

/** Paths that are never pages of the console: what is not there is an error of the API. */
const notPages = /^\/(api|auth|docs|health|ready|metrics|assets)(\/|$|\?)/;

/**
 * Serves the console from its build. Its files carry a hash of their content in their names and may be kept for ever; the page that
 * names them is asked for anew each time. Whatever else a browser asks for as a page is the console too: it has its own addresses.
 *
 * @returns Answers a request for a page, or null when it is none.
 */
export function consoleFiles(app: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null {
  const isBuilt = existsSync(`${built}index.html`);
  if (isBuilt)
    app.register(fastifyStatic, {
      root: built,
      wildcard: false,
      index: 'index.html',
      setHeaders: (reply, path) => {
        const isNamedByContent = path.startsWith(`${built}assets/`);
        void reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
      preCompressed: true,
    });
  return (request, reply) => {
    const asksForPage = request.url === '/' || (request.headers.accept ?? '').includes('text/html');
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && asksForPage && !notPages.test(request.url);
    if (!isPage) return null;
    if (isBuilt) return reply.sendFile('index.html');
    return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
  };
}

const notBuilt = `<!doctype html><html lang="en"><title>Rampart</title>
<p>The console is not built. In a checkout: <code>npm run build:console</code>, then start the controller again.</p></html>
`;
