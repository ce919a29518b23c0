// A newsletter: people subscribe, and get a mail that says so. PostgreSQL keeps them, Redis counts and caches, SMTP sends.
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { addressOf, originIsFine, RateLimit } from './rules.js';

const { DATABASE_URL, REDIS_URL, SMTP_HOST, SMTP_PORT, HTTPS_PORT, HTTP_PORT, TLS_CERT, TLS_KEY, TLS_CA } = process.env;
const origin = `https://127.0.0.1:${HTTPS_PORT}`;
const database = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: 1 });
const mail = createTransport({
  host: SMTP_HOST,
  port: Number(SMTP_PORT),
  requireTLS: true,
  tls: { ca: readFileSync(TLS_CA), servername: 'localhost' },
});
const limit = new RateLimit(60, 60_000);
const counts = { requests: new Map(), seconds: 0 };

const security = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
};

const log = (level, message, more = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message, ...more }));

const server = createServer({ cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) }, async (request, response) => {
  const startMs = performance.now();
  const { pathname } = new URL(request.url, origin);
  const answer = (status, type, body, headers = {}) => {
    response.writeHead(status, { ...security, 'content-type': type, ...headers }).end(body);
    counts.requests.set(status, (counts.requests.get(status) ?? 0) + 1);
    counts.seconds += (performance.now() - startMs) / 1_000;
  };
  const json = (status, body, headers) => answer(status, 'application/json', JSON.stringify(body), headers);
  try {
    if (request.method === 'GET' && pathname === '/health') return json(200, await health());
    if (request.method === 'GET' && pathname === '/metrics') return answer(200, 'text/plain; version=0.0.4', metrics());
    if (request.method === 'GET' && pathname === '/') return answer(200, 'text/html; charset=utf-8', page('A newsletter'));
    if (request.method === 'GET' && pathname === '/privacy') return answer(200, 'text/html; charset=utf-8', page('Privacy'));
    if (request.method === 'GET' && pathname === '/docs')
      return answer(200, 'text/html; charset=utf-8', page('The API: <a href="/openapi.json">openapi.json</a>'));
    if (request.method === 'GET' && pathname === '/openapi.json')
      return answer(200, 'application/json', readFileSync(new URL('openapi.json', import.meta.url)));
    if (request.method === 'GET' && pathname === '/static/style.css')
      return answer(200, 'text/css', 'body{font:1rem sans-serif}', { 'cache-control': 'public, max-age=604800, immutable' });
    if (request.method === 'GET' && pathname === '/subscribers/count') {
      const wait = limit.waitMs(request.headers['x-client'] ?? request.socket.remoteAddress, Date.now());
      if (wait > 0) return json(429, { error: 'too many requests' }, { 'retry-after': String(Math.ceil(wait / 1_000)) });
      return json(200, { subscribers: await count() }, { vary: 'origin' });
    }
    if (request.method === 'POST' && pathname === '/subscribe') {
      if (!originIsFine(request.headers.origin, origin)) return json(403, { error: 'another site asks' });
      const address = addressOf(await bodyOf(request));
      if (address === null) return json(400, { error: 'expected { "address": "name@example.com" }' });
      await database.query('INSERT INTO subscribers (address) VALUES ($1) ON CONFLICT DO NOTHING', [address]);
      await redis.del('count');
      await mail.sendMail({ from: 'news@newsletter.example', to: address, subject: 'Welcome', text: 'You have subscribed.' });
      return json(201, { subscribed: true });
    }
    return json(404, { error: 'there is nothing here' });
  } catch (error) {
    log('error', error.message);
    return json(500, { error: 'something is broken' });
  }
});

async function count() {
  const cached = await redis.get('count');
  if (cached !== null) return Number(cached);
  const { rows } = await database.query('SELECT count(*) FROM subscribers');
  await redis.set('count', rows[0].count, 'EX', 60);
  return Number(rows[0].count);
}

async function health() {
  await database.query('SELECT 1');
  return { status: 'ok', database: 'ok', redis: (await redis.ping()) === 'PONG' ? 'ok' : 'broken' };
}

function metrics() {
  const lines = ['# HELP newsletter_requests_total Answers by status.', '# TYPE newsletter_requests_total counter'];
  for (const [status, number] of counts.requests) lines.push(`newsletter_requests_total{status="${status}"} ${number}`);
  lines.push('# HELP newsletter_request_seconds_total Time spent on answers.', '# TYPE newsletter_request_seconds_total counter');
  lines.push(`newsletter_request_seconds_total ${counts.seconds}`);
  return `${lines.join('\n')}\n`;
}

function page(text) {
  return `<!doctype html><html lang="en"><title>Newsletter</title><link rel="stylesheet" href="/static/style.css"><p>${text}</p></html>`;
}

async function bodyOf(request) {
  let text = '';
  for await (const part of request) if ((text += part).length > 10_000) return '';
  return text;
}

server.listen(Number(HTTPS_PORT), '127.0.0.1', () => log('info', 'listening', { port: Number(HTTPS_PORT) }));
createPlainServer((request, response) => {
  response.writeHead(308, { location: `${origin}${request.url}` }).end();
}).listen(Number(HTTP_PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  log('info', 'ending');
  process.exit(0);
});
