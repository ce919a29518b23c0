import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { closedPort, serving, silent } from '../servers.fixture.ts';
import { csrf } from './index.ts';

const environment = { SMOKE_SESSION: 'session-of-a-user' };

/** A profile that changes for whoever is signed in, as far as `isRight` lets them. */
function profile(t: TestContext, isRight: (request: IncomingMessage, body: string) => boolean): Promise<string> {
  return serving(t, async (request, response) => {
    if (request.url === '/page')
      return void response.writeHead(200, { 'set-cookie': 'csrftoken=t-1' }).end('<meta name="csrf" content="t-1">');
    const body = await text(request);
    if (!request.headers.cookie?.includes('session=session-of-a-user')) return void response.writeHead(401).end();
    response.writeHead(isRight(request, body) ? 204 : 403).end();
  });
}

const user = { cookies: { session: { env: 'SMOKE_SESSION' } } };
const token = (base: string, as: object) => ({ url: `${base}/page`, from: { field: 'csrf' }, as });

checkConformance(
  'csrf',
  csrf,
  [
    {
      name: 'another origin is refused',
      given: async (t) => ({
        ...user,
        url: `${await profile(t, ({ headers }) => headers.origin === `http://${headers.host}`)}/name`,
        body: { name: 'smoke' },
      }),
      status: 'pass',
      found: /foreign\.example is answered with 403; a right request is answered with 204/,
      context: { environment },
      secret: 'session-of-a-user',
    },
    {
      name: 'a request without the token is refused, in a header',
      given: async (t) => {
        const base = await profile(
          t,
          ({ headers }) => headers['x-csrf-token'] === 't-1' && headers.cookie?.includes('csrftoken=t-1') === true,
        );
        return { ...user, url: `${base}/name`, method: 'PUT', token: token(base, { header: 'X-CSRF-Token' }) };
      },
      status: 'pass',
      found: /without the token is answered with 403/,
      context: { environment },
    },
    {
      name: 'a request without the token is refused, in a form',
      given: async (t) => {
        const base = await profile(
          t,
          (_, body) => new URLSearchParams(body).get('csrf') === 't-1' && body.includes('name=smoke'),
        );
        return { ...user, url: `${base}/name`, form: { name: 'smoke' }, token: token(base, { field: 'csrf' }) };
      },
      status: 'pass',
      context: { environment },
    },
    {
      name: 'everything is accepted',
      given: async (t) => ({ ...user, url: `${await profile(t, () => true)}/name` }),
      status: 'fail',
      found: /a request of a page of https:\/\/foreign\.example is answered with 204/,
      fix: /Origin/,
      context: { environment },
    },
    {
      name: 'only the origin is looked at, though a token is promised',
      given: async (t) => {
        const base = await profile(t, ({ headers }) => headers.origin === `http://${headers.host}`);
        return { ...user, url: `${base}/name`, token: token(base, { header: 'X-CSRF-Token' }) };
      },
      status: 'fail',
      found: /a request without the token is answered with 204/,
      context: { environment },
    },
    {
      name: 'a session that has ended proves nothing',
      given: async (t) => ({ ...user, url: `${await profile(t, () => false)}/name` }),
      status: 'unproven',
      found: /a right request is answered with 401, so the refusals prove nothing/,
      context: { environment: { SMOKE_SESSION: 'another-session' } },
      secret: 'another-session',
    },
    {
      name: 'a page without a token',
      given: async (t) => {
        const base = await profile(t, () => true);
        return {
          ...user,
          url: `${base}/name`,
          token: { url: `${base}/page`, from: { header: 'X-Token' }, as: { header: 'X-Token' } },
        };
      },
      status: 'fail',
      found: /has no token: header X-Token/,
      context: { environment },
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
