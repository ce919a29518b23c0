// A newsletter: people subscribe, and get a mail that says so. PostgreSQL keeps them, Redis caches how many there are, SMTP sends.
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { addressOf, originIsFine, RateLimit } from './rules.js';

const security = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
};
const html = 'text/html; charset=utf-8';

/** Serves on HTTPS_PORT of loopback, and sends those on that ask HTTP_PORT. `log` gets an object for each thing worth telling. */
export async function newsletter(variables, log) {
  const { DATABASE_URL, REDIS_URL, SMTP_HOST, SMTP_PORT, HTTPS_PORT, HTTP_PORT, ALLOWED_ORIGIN, CERTIFICATES } = variables;
  const pem = (name) => readFileSync(`${CERTIFICATES}/${name}`);
  const origin = `https://127.0.0.1:${HTTPS_PORT}`;
  const database = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
  const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: 1 });
  const mail = createTransport({
    host: SMTP_HOST,
    port: Number(SMTP_PORT),
    requireTLS: true,
    tls: { ca: pem('ca.pem'), servername: 'localhost' },
  });
  const limit = new RateLimit(60, 60_000);
  const counts = new Map();
  let seconds = 0;
  const tell = (level, message, more = {}) => log({ time: new Date().toISOString(), level, message, ...more });
  database.on('error', (error) => tell('error', error.message));
  redis.on('error', (error) => tell('error', error.message));

  /** What answers a request: [status, type, body, headers]. */
  const routes = {
    'GET /': () => [200, html, page('A newsletter')],
    'GET /privacy': () => [200, html, page('We keep your address until you ask us to forget it.')],
    'GET /docs': () => [200, html, page('The API: <a href="/openapi.json">openapi.json</a>')],
    'GET /openapi.json': () => [200, 'application/json', readFileSync(new URL('openapi.json', import.meta.url))],
    'GET /static/style.css': () => [
      200,
      'text/css',
      'body{font:1rem sans-serif}',
      { 'cache-control': 'public, max-age=604800, immutable' },
    ],
    'GET /metrics': () => [200, 'text/plain; version=0.0.4', metrics()],
    'GET /health': async () => {
      await database.query('SELECT 1');
      await redis.ping();
      return json(200, { status: 'ok', database: 'ok', redis: 'ok' });
    },
    'GET /subscribers/count': async (request) => {
      const waitMs = limit.waitMs(request.headers['x-client'] ?? request.socket.remoteAddress, Date.now());
      if (waitMs > 0) return json(429, { error: 'too many requests' }, { 'retry-after': String(Math.ceil(waitMs / 1_000)) });
      return json(200, { subscribers: await subscribers() });
    },
    'POST /subscribe': async (request) => {
      if (!originIsFine(request.headers.origin, origin)) return json(403, { error: 'another site asks' });
      const address = addressOf(await bodyOf(request));
      if (address === null) return json(400, { error: 'expected { "address": "name@example.com" }' });
      await database.query('INSERT INTO subscribers (address) VALUES ($1) ON CONFLICT DO NOTHING', [address]);
      await redis.del('count');
      await mail.sendMail({ from: 'news@newsletter.example', to: address, subject: 'Welcome', text: 'You have subscribed.' });
      return json(201, { subscribed: true });
    },
  };

  /** Pages of one other site may read what everybody may: no cookies, no methods but GET. */
  function shared({ headers }) {
    return { vary: 'origin', ...(headers.origin === ALLOWED_ORIGIN ? { 'access-control-allow-origin': ALLOWED_ORIGIN } : {}) };
  }

  async function subscribers() {
    const cached = await redis.get('count');
    if (cached !== null) return Number(cached);
    const { rows } = await database.query('SELECT count(*) FROM subscribers');
    await redis.set('count', rows[0].count, 'EX', 60);
    return Number(rows[0].count);
  }

  function metrics() {
    const lines = ['# HELP newsletter_requests_total Answers by status.', '# TYPE newsletter_requests_total counter'];
    for (const [status, number] of counts) lines.push(`newsletter_requests_total{status="${status}"} ${number}`);
    lines.push(
      '# HELP newsletter_request_seconds_total Time spent on answers.',
      '# TYPE newsletter_request_seconds_total counter',
    );
    return `${lines.join('\n')}\nnewsletter_request_seconds_total ${seconds}\n`;
  }

  const secure = createServer({ cert: pem('server.pem'), key: pem('server.key') }, async (request, response) => {
    const startMs = performance.now();
    const route = `${request.method} ${new URL(request.url, origin).pathname}`;
    let answer;
    try {
      if (request.method === 'OPTIONS') answer = [204, html, ''];
      else answer = Object.hasOwn(routes, route) ? await routes[route](request) : json(404, { error: 'there is nothing here' });
    } catch (error) {
      tell('error', error.message, { route });
      answer = json(500, { error: 'something is broken' });
    }
    const [status, type, body, headers] = answer;
    response.writeHead(status, { ...security, ...shared(request), 'content-type': type, ...headers }).end(body);
    counts.set(status, (counts.get(status) ?? 0) + 1);
    seconds += (performance.now() - startMs) / 1_000;
  });
  const plain = createPlainServer((request, response) => {
    response.writeHead(308, { location: `${origin}${request.url}` }).end();
  });
  await Promise.all([listening(plain, HTTP_PORT), listening(secure, HTTPS_PORT)]);
  tell('info', 'listening', { port: Number(HTTPS_PORT) });

  return {
    origin,
    async close() {
      await Promise.all([closed(plain), closed(secure)]);
      mail.close();
      redis.disconnect();
      await database.end();
      tell('info', 'ended');
    },
  };
}

function json(status, body, headers) {
  return [status, 'application/json', JSON.stringify(body), headers];
}

function page(text) {
  return `<!doctype html><html lang="en"><title>Newsletter</title><link rel="stylesheet" href="/static/style.css"><p>${text}</p></html>`;
}

async function bodyOf(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > 10_000) return '';
  }
  return text;
}

function listening(server, port) {
  return new Promise((ready, fail) => server.once('error', fail).listen(Number(port), '127.0.0.1', ready));
}

function closed(server) {
  return new Promise((ended) => {
    server.close(ended);
    server.closeAllConnections();
  });
}
