import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { demoOn } from '../cli/demo/on-controller.ts';
import { controllerDefaults } from '../spec/controller.ts';
import { type Host, startHost } from './host.ts';

/** The description as it lies in the repository: for clients that are generated, and for whoever reads a change of the API. */
const file = new URL('../../docs/openapi.json', import.meta.url);

const data = mkdtempSync(join(tmpdir(), 'rampart-openapi-'));
let host: Host;
before(async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  host = await startHost({
    data,
    listen: { host: '127.0.0.1', port: 0 },
    user: 'tests',
    environment: {},
    doorFile: 'api.json',
    demo: demoOn,
    settings: controllerDefaults,
    version,
    warn: () => {},
  });
});
after(async () => {
  await host.close();
  rmSync(data, { recursive: true, force: true });
});

test('the API describes itself as docs/openapi.json says, without a credential (UPDATE=1 writes it anew)', async () => {
  const response = await fetch(`${host.url}/api/v1/openapi.json`);
  assert.equal(response.status, 200);
  const text = `${JSON.stringify(await response.json(), null, 2)}\n`;
  if (process.env.UPDATE) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'), 'the API has changed: run with UPDATE=1, and read the difference');
});

test('every path is described with a summary, a tag, an answer and its errors', async () => {
  const { openapi, paths } = (await (await fetch(`${host.url}/api/v1/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  assert.match(openapi, /^3\.1\./);
  assert(Object.keys(paths).length > 10, Object.keys(paths).join());
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method} ${path}`;
      assert.equal(typeof operation.summary, 'string', name);
      assert(Array.isArray(operation.tags) && operation.tags.length === 1, name);
      const answers = Object.keys(operation.responses as object);
      assert(
        answers.some((status) => /^[23]/.test(status)),
        `${name}: ${answers.join()}`,
      );
      if (path.startsWith('/api/')) assert(answers.includes('default'), `${name}: no error is described`);
    }
});

test('the page for people is there, and asks no other host for anything', async () => {
  const page = await fetch(`${host.url}/docs/`);
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /https?:\/\//);
});
