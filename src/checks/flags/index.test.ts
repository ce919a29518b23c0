import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Served } from '../../server/access/server.fixture.ts';
import { controllerDefaults } from '../../spec/controller.ts';
import { checkConformance } from '../conformance.ts';
import type { OwnView } from '../own-view.ts';
import { silentAddress } from '../servers.fixture.ts';
import { flags } from './index.ts';

const document = `apiVersion: rampart/v1
kind: FlagSet
metadata: { name: shop }
spec:
  flags:
    new-checkout:
      variants: { on: true, off: false }
      defaultVariant: off
    page-size:
      variants: { small: 10, large: 50 }
      defaultVariant: small
`;

// Rampart's own server speaks the protocol; flagd's provider tests it elsewhere.
const server = new Served({ rateLimits: { ...controllerDefaults.rateLimits, flags: { perMinute: 60_000 } } });
const folder = mkdtempSync(join(tmpdir(), 'rampart-flags-'));
const token = join(folder, 'token');
before(async () => {
  await server.up();
  await server.own('POST', '/api/v1/flag-sets', { document });
  writeFileSync(token, server.ownerToken);
  writeFileSync(join(folder, 'config.json'), '{ "FEATURE_FLAGS": { "new_feature": false, "a/b": "x" } }');
  writeFileSync(join(folder, 'config.yaml'), 'flags:\n  beta: true\n  limit: 5\n');
  writeFileSync(join(folder, 'broken.yaml'), 'flags: [\n');
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const authorization = { Authorization: { file: token, prefix: 'Bearer ' } };
const ofrep = (expect: object, headers: object = authorization) => ({ ofrep: { url: server.host.url, headers, expect } });
const own = {
  flags: () => [
    { set: 'shop', key: 'new-checkout', isOn: false, variant: 'off' },
    { set: 'shop', key: 'banner', isOn: true, variant: 'festive' },
  ],
} as unknown as OwnView;

checkConformance(
  'flags',
  flags,
  [
    {
      name: 'a flag server gives the values that are expected',
      given: () => ofrep({ 'new-checkout': false, 'page-size': 10 }),
      status: 'pass',
      found: /^new-checkout is false; page-size is 10$/,
    },
    {
      name: 'a flag server gives another value, and does not know a flag',
      given: () => ofrep({ 'new-checkout': true, banner: false }),
      status: 'fail',
      found: /new-checkout is false and not true.*banner is not there/,
      fix: /set new-checkout to true/,
    },
    {
      name: 'a flag server that lets nobody in',
      given: () => ofrep({ 'new-checkout': false }, { Authorization: { env: 'WRONG' } }),
      context: { environment: { WRONG: 'Bearer not-the-token-of-anybody' } },
      secret: 'not-the-token-of-anybody',
      status: 'unproven',
      found: /does not let Rampart in \(401/,
    },
    {
      name: 'a secret that is not there',
      given: () => ofrep({ 'new-checkout': false }, { Authorization: { env: 'MISSING' } }),
      context: { environment: {} },
      status: 'unproven',
      found: /environment variable MISSING is not set/,
    },
    {
      name: 'no flag server',
      given: () => ({ ofrep: { url: 'http://127.0.0.1:1', expect: { 'new-checkout': false } } }),
      status: 'fail',
      found: /refused/,
    },
    {
      name: 'a JSON file',
      given: () => ({
        file: { path: 'config.json', expect: { '/FEATURE_FLAGS/new_feature': false, '/FEATURE_FLAGS/a~1b': 'x' } },
      }),
      context: { folder },
      status: 'pass',
    },
    {
      name: 'a YAML file with another value',
      given: () => ({ file: { path: 'config.yaml', expect: { '/flags/beta': false, '/flags/limit': 5, '/flags/none': 1 } } }),
      context: { folder },
      status: 'fail',
      found: /^\/flags\/beta is true and not false; \/flags\/none is not there$/,
    },
    {
      name: 'a file that is no YAML',
      given: () => ({ file: { path: 'broken.yaml', expect: { '/flags/beta': false } } }),
      context: { folder },
      status: 'unproven',
      found: /^broken\.yaml:\d+:\d+: /,
    },
    {
      name: 'a file that is not there',
      given: () => ({ file: { path: 'none.yaml', expect: { '/flags/beta': false } } }),
      context: { folder },
      status: 'unproven',
      found: /none\.yaml cannot be read/,
    },
    {
      name: 'flags of Rampart',
      given: () => ({ own: { expect: { 'new-checkout': false, banner: 'festive' } } }),
      context: { own },
      status: 'pass',
      found: /^new-checkout is off, and users get off; banner is on, and users get festive$/,
    },
    {
      name: 'flags of Rampart that are elsewhere',
      given: () => ({ own: { expect: { 'new-checkout': true, gone: false } } }),
      context: { own },
      status: 'fail',
      found: /^new-checkout is off, and users get off; gone is not there$/,
      fix: /rampart flag/,
    },
    { name: 'without a controller', given: () => ({ own: { expect: { a: true } } }), status: 'unproven' },
  ],
  async (t) => ({ ofrep: { url: await silentAddress(t), expect: { a: true } } }),
);
