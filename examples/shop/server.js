// A small web shop. Each of its versions is a real release with real behaviour; `versions.js` says what a version does wrong.
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { behaviour } from './versions.js';

const version = process.env.RAMPART_VERSION ?? '1.0.0';
const { errorShare, latencyMs } = behaviour(version);
const products = [
  { id: 1, name: 'Rope, 30 m', cents: 4_900 },
  { id: 2, name: 'Helmet', cents: 6_500 },
  { id: 3, name: 'Headlamp', cents: 3_200 },
];
const orders = [];
let served = 0;

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://shop').pathname;
  const answer = (status, body) => {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'x-shop-version': version,
    });
    response.end(text);
  };
  if (path === '/health') return answer(200, { ok: true, version });
  served += 1;
  await wait(latencyMs * (0.75 + Math.random() / 2));
  // Every n-th request, so that a share of 20 % is 20 % and not about 20 %.
  if (errorShare > 0 && served % Math.round(1 / errorShare) === 0)
    return answer(500, { error: 'the price service is gone', version });
  if (request.method === 'GET' && path === '/') return answer(200, { shop: 'Belay', version, products });
  if (request.method === 'POST' && path === '/orders') {
    let body = '';
    for await (const chunk of request) if ((body += chunk).length > 10_000) return answer(413, { error: 'too large' });
    orders.push(body);
    if (orders.length > 1_000) orders.shift();
    return answer(201, { order: orders.length, version });
  }
  return answer(404, { error: 'not found' });
});

server.listen(Number(process.env.PORT ?? 0), process.env.HOST ?? '127.0.0.1', () =>
  console.log(`shop ${version} listens on ${server.address().port}`),
);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
