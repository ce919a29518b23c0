import http from 'node:http';

/*
 * A receiver of webhooks as a program of its own: it takes each `webhook-id` once, counts, and behaves as it is told at /behave. It ends
 * with whoever has started it.
 */
type Body = { readonly event: string; readonly thread: string; readonly key: string };
type Known = { readonly body: Body; sent: number; taken: number };

const known = new Map<string, Known>();
/** Taken messages in their order: thread, event, key. */
const order: (readonly [thread: string, event: string, key: string])[] = [];
let behaviour = 'yes';
let delayMs = 0;

const server = http.createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://receiver');
  const json = (value: unknown): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (url.pathname === '/behave') {
    behaviour = url.searchParams.get('how') ?? 'yes';
    delayMs = Number(url.searchParams.get('delayMs') ?? 0);
    return json({});
  }
  if (url.pathname === '/count') return json(known.get(url.searchParams.get('key') ?? '') ?? { sent: 0, taken: 0 });
  if (url.pathname === '/all') return json({ known: [...known.values()], order });
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('error', () => {});
  request.on('end', () => {
    const id = String(request.headers['webhook-id']);
    const body = JSON.parse(Buffer.concat(parts).toString()) as Body;
    const one = known.get(id) ?? { body, sent: 0, taken: 0 };
    known.set(id, one);
    one.sent += 1;
    if (behaviour === 'busy') return response.writeHead(429, { 'retry-after': '1' }).end('slow down');
    if (behaviour === 'broken') return response.writeHead(500).end('oh no');
    if (behaviour === 'no') return response.writeHead(400).end('bad request');
    if (behaviour === 'hangs-up') return request.socket.destroy();
    // A controller may die between what was taken here and its hearing of it.
    if (one.taken === 0) {
      one.taken = 1;
      order.push([body.thread, body.event, body.key]);
    }
    if (behaviour === 'silent') return;
    if (behaviour === 'half-open') return response.writeHead(200, { 'content-length': '100' }).write('{"ok":');
    setTimeout(() => response.writeHead(200).end('ok'), delayMs);
    return;
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
process.once('disconnect', () => process.exit(0));
