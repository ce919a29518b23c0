import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { after, type TestContext, test } from 'node:test';
import { Authority, opensslProgram } from '../../../test/programs/certificates.ts';
import { checkConformance } from '../conformance.ts';
import { closedPort, serving, silent } from '../servers.fixture.ts';
import { httpsRedirect } from './index.ts';
import { redirectPoint } from './judge.ts';

const openssl = await opensslProgram();
if ('missing' in openssl) throw new Error(openssl.missing);
const authority = await Authority.found(openssl.path);
await authority.sign('shop', 'shop.example');
after(() => authority.close());

/** Leads to an address with https:// that is answered so. */
async function secured(t: TestContext, answer: RequestListener): Promise<{ readonly url: string; readonly tls: object }> {
  const secure = await serving(t, answer, { cert: authority.text('shop.pem'), key: authority.text('shop.key') });
  const url = await serving(t, (request, response) => response.writeHead(308, { location: `${secure}${request.url}` }).end());
  return { url, tls: { ca: 'ca.pem', serverName: 'shop.example' } };
}

checkConformance(
  'https-redirect',
  httpsRedirect,
  [
    {
      name: 'leads to the same place with https, which is not asked',
      given: async (t) => ({
        url: `${await serving(t, (request, response) => response.writeHead(308, { location: `https://127.0.0.1${request.url}` }).end())}/a?b=c`,
        answers: false,
      }),
      status: 'pass',
      found: /^308 to https:\/\/127\.0\.0\.1\/a$/,
    },
    {
      name: 'the https address answers',
      given: (t) => secured(t, (_, response) => response.end('hello')),
      status: 'pass',
      found: /is answered with 200/,
      context: { folder: authority.folder },
    },
    {
      name: 'the https address leads back',
      given: (t) => secured(t, (_, response) => response.writeHead(302, { location: 'http://127.0.0.1/' }).end()),
      status: 'fail',
      found: /leads back to http:/,
      context: { folder: authority.folder },
    },
    {
      name: 'the https address leads to itself',
      given: (t) => secured(t, (_, response) => response.writeHead(302, { location: '/' }).end()),
      status: 'fail',
      found: /no end after 5 redirects/,
      context: { folder: authority.folder },
    },
    {
      name: 'the certificate of the https address does not hold',
      given: async (t) => ({ url: (await secured(t, (_, response) => response.end())).url }),
      status: 'fail',
      found: /not signed by an authority that is trusted/,
    },
    {
      name: 'stays on http',
      given: async (t) => ({ url: await serving(t, (_, response) => response.end('hello')) }),
      status: 'fail',
      found: /answered with 200: no redirect/,
      fix: /308/,
    },
    {
      name: 'only for now',
      given: async (t) => ({
        url: await serving(t, (_, response) => response.writeHead(302, { location: 'https://127.0.0.1/' }).end()),
        answers: false,
      }),
      status: 'fail',
      found: /temporary \(302\)/,
    },
    {
      name: 'nothing answers where it leads to',
      given: async (t) => {
        const port = await closedPort();
        return {
          url: await serving(t, (_, response) => response.writeHead(301, { location: `https://127.0.0.1:${port}/` }).end()),
        };
      },
      status: 'fail',
      found: /refused/,
    },
    {
      name: 'nothing listens, which is as good where that is said',
      given: async () => ({ url: `http://127.0.0.1:${await closedPort()}/`, closed: true }),
      status: 'pass',
    },
    {
      name: 'nothing listens',
      given: async () => ({ url: `http://127.0.0.1:${await closedPort()}/` }),
      status: 'fail',
      found: /refused/,
    },
  ],
  async (t) => ({ url: `http://127.0.0.1:${await silent(t)}/`, within: '60s' }),
);

test('https-redirect: where it may lead to', () => {
  const at = (location: string | undefined, to?: string) =>
    redirectPoint({ url: 'http://shop.example/a?b=c', to, permanent: true }, 301, location).status;
  assert.equal(at('https://shop.example/a?b=c'), 'pass');
  assert.equal(at('https://shop.example:8443/a?b=c'), 'pass');
  assert.equal(at('https://other.example/a?b=c'), 'fail');
  assert.equal(at('https://shop.example/'), 'fail');
  assert.equal(at('/b'), 'fail');
  assert.equal(at(undefined), 'fail');
  assert.equal(at('https://www.shop.example/', 'https://www.shop.example/'), 'pass');
});
