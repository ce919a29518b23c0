import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { newsletter } from '../newsletter.js';

// On the programs of `node start.js`, with a database of its own that is gone afterwards.
const { CHECK_DATABASE_URL, CHECK_REDIS_URL, CERTIFICATES } = process.env;
const skip = CHECK_DATABASE_URL === undefined && 'no CHECK_DATABASE_URL: export run/.env';
const name = `newsletter_test_${process.pid}`;
const lines = [];
let admin;
let service;

before(async () => {
  if (skip) return;
  admin = new pg.Client({ connectionString: CHECK_DATABASE_URL });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(CHECK_DATABASE_URL);
  url.pathname = name;
  const own = new pg.Client({ connectionString: url.href });
  await own.connect();
  const folder = new URL('../migrations/', import.meta.url);
  for (const file of readdirSync(folder)
    .filter((each) => each.endsWith('.up.sql'))
    .sort())
    await own.query(readFileSync(new URL(file, folder), 'utf8'));
  await own.end();
  const [https, http] = await Promise.all([freePort(), freePort()]);
  const variables = {
    ...process.env,
    DATABASE_URL: url.href,
    REDIS_URL: `${CHECK_REDIS_URL}/1`,
    HTTPS_PORT: https,
    HTTP_PORT: http,
  };
  service = await newsletter(variables, (line) => lines.push(line));
});

after(async () => {
  if (skip) return;
  await service?.close();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.end();
});

test('who subscribes is counted once, and gets a mail', { skip }, async () => {
  const body = JSON.stringify({ address: 'anna@example.com' });
  const own = { origin: service.origin };
  assert.equal((await ask('POST', '/subscribe', own, body)).status, 201);
  assert.equal((await ask('POST', '/subscribe', own, body)).status, 201);
  for (const _ of ['asked of the database', 'of the cache'])
    assert.deepEqual((await ask('GET', '/subscribers/count')).json, { subscribers: 1 });
});

test('another site may not subscribe anybody, and what is no address is refused', { skip }, async () => {
  assert.equal((await ask('POST', '/subscribe', {}, '{}')).status, 403);
  assert.equal((await ask('POST', '/subscribe', { origin: service.origin }, '{"address":"nobody"}')).status, 400);
  assert.equal((await ask('POST', '/subscribe', { origin: service.origin }, 'x'.repeat(20_000))).status, 400);
});

test('its pages, health and metrics are there, and nothing else', { skip }, async () => {
  for (const path of ['/', '/privacy', '/docs', '/openapi.json', '/static/style.css'])
    assert.equal((await ask('GET', path)).status, 200, path);
  assert.deepEqual((await ask('GET', '/health')).json, { status: 'ok', database: 'ok', redis: 'ok' });
  assert.equal((await ask('GET', '/toString')).status, 404);
  assert.match((await ask('GET', '/metrics')).text, /newsletter_requests_total\{status="404"\} 1\n/);
});

test('pages of one other site may read', { skip }, async () => {
  for (const [origin, allowed] of [
    ['https://newsletter.example', 'https://newsletter.example'],
    ['https://foreign.example', undefined],
  ])
    for (const method of ['GET', 'OPTIONS'])
      assert.equal((await ask(method, '/health', { origin })).headers['access-control-allow-origin'], allowed, origin);
});

test('the 61st question of a minute has to wait', { skip }, async () => {
  const headers = { 'x-client': 'hasty' };
  for (let asked = 0; asked < 60; asked += 1) assert.equal((await ask('GET', '/subscribers/count', headers)).status, 200);
  const { status, headers: given } = await ask('GET', '/subscribers/count', headers);
  assert.equal(status, 429);
  assert.ok(Number(given['retry-after']) > 0);
});

function ask(method, path, headers = {}, body = undefined) {
  return new Promise((answered, fail) => {
    const ca = readFileSync(`${CERTIFICATES}/ca.pem`);
    const asking = request(new URL(path, service.origin), { method, headers, ca, agent: false }, async (answer) => {
      let text = '';
      for await (const part of answer) text += part;
      const isJson = answer.headers['content-type'] === 'application/json';
      answered({ status: answer.statusCode, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined });
    });
    asking.once('error', fail).end(body);
  });
}

function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}
