import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { checkConformance, contextFor } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { serving, silentAddress } from '../servers.fixture.ts';
import { openapi } from './index.ts';

const files = new TestFolder(after);
const { context } = files;
const shop = (operation: string, more = '') =>
  `openapi: 3.1.0\ninfo: { title: Shop, version: 1.0.0 }\npaths:\n  /orders:\n    post:\n${operation.replace(/^/gm, '      ')}\n${more}`;
const response = (content: string) => `responses: { "200": { description: fine, content: { application/json: ${content} } } }`;
const good = shop(
  `operationId: order\nsummary: Orders\n${response('{ schema: { $ref: "#/components/schemas/Order" } }')}`,
  'components: { schemas: { Order: { type: object, properties: { id: { type: integer, examples: [7] } } } } }\n',
);
const given =
  (text: string, more: object = {}) =>
  () => ({ document: files.write('openapi.yaml', text), ...more });
const asked = { examples: true, descriptions: true };

const server = createServer((request, response) => {
  if (request.url === '/openapi.json') response.end(readFileSync('docs/openapi.json'));
  else if (request.url === '/docs') response.setHeader('content-type', 'text/html').end('<h1>Shop</h1>');
  else if (request.url === '/secret') response.writeHead(401).end();
  else response.writeHead(404).end('no such page');
}).listen(0, '127.0.0.1');
after(() => server.close());
await once(server, 'listening');
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test('openapi: the server of the page is not told how one signs in at that of the document', async (t) => {
  let told: string | undefined = 'nothing was asked';
  const docs = await serving(t, (request, response) => {
    told = request.headers.authorization;
    response.end('<h1>Shop</h1>');
  });
  const run = async (document: string) => {
    const config = openapi.schema.parse({ document, docs, headers: { Authorization: { env: 'API_TOKEN' } } });
    const environment = { API_TOKEN: 'of-the-api' };
    return await openapi.run(config, await contextFor(t, { ...context, environment }));
  };
  assert.equal((await run(`${address}/openapi.json`)).status, 'pass');
  assert.equal(told, undefined);
  // Of a file it can be meant for nobody else.
  assert.equal((await run(files.write('own.yaml', good))).status, 'pass');
  assert.equal(told, 'of-the-api');
});

checkConformance(
  'openapi',
  openapi,
  [
    {
      name: 'a document with all that is asked',
      given: given(good, asked),
      status: 'pass',
      found: /^OpenAPI 3\.1\.0 with 1 operations/,
      context,
    },
    {
      name: 'our own document, by its address',
      given: () => ({ document: `${address}/openapi.json`, docs: `${address}/docs` }),
      status: 'pass',
      found: /OpenAPI 3\.1/,
      context,
    },
    {
      name: 'not valid',
      given: given(good.replace('title: Shop, ', '')),
      status: 'fail',
      found: /not valid: \/info/,
      fix: /correct/,
      context,
    },
    {
      name: 'a reference that leads nowhere',
      given: given(good.replace('schemas/Order"', 'schemas/Ordre"')),
      status: 'fail',
      found: /schemas\/Ordre/,
      context,
    },
    {
      name: 'no example',
      given: given(good.replace(', examples: [7]', ''), asked),
      status: 'fail',
      found: /1 operations without an example: POST \/orders/,
      fix: /example/,
      context,
    },
    {
      name: 'no description',
      given: given(good.replace('summary: Orders', ''), asked),
      status: 'fail',
      found: /without a description/,
      context,
    },
    {
      name: 'Swagger 2',
      given: given('swagger: "2.0"\ninfo: { title: Shop, version: "1" }\npaths: {}\n'),
      status: 'fail',
      found: /Swagger 2\.0/,
      context,
    },
    {
      name: 'no operations',
      given: given('openapi: 3.0.3\ninfo: { title: Shop, version: "1" }\npaths: {}\n'),
      status: 'fail',
      found: /no operations/,
      context,
    },
    { name: 'no YAML', given: given('openapi: [3.1\n'), status: 'fail', found: /cannot be read: \d+:\d+/, context },
    {
      name: 'no document of any kind',
      given: given('# Shop\n\nIt sells\n'),
      status: 'fail',
      found: /no OpenAPI document/,
      context,
    },
    { name: 'no file', given: () => ({ document: 'gone.yaml' }), status: 'unproven', found: /cannot be read/, context },
    {
      name: 'an address without a document',
      given: () => ({ document: `${address}/gone` }),
      status: 'fail',
      found: /404/,
      context,
    },
    {
      name: 'an address that lets nobody in',
      given: () => ({ document: `${address}/secret` }),
      status: 'unproven',
      found: /401/,
      context,
    },
    {
      name: 'nothing listens',
      given: () => ({ document: 'http://127.0.0.1:1/openapi.json' }),
      status: 'fail',
      found: /refused|nothing listens/,
      context,
    },
    { name: 'no page for people', given: given(good, { docs: `${address}/gone` }), status: 'fail', found: /404/, context },
  ],
  async (t) => ({ document: await silentAddress(t) }),
);
