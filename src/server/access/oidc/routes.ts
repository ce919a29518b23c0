import { z } from 'zod';
import { grantsOf, nameIn } from '../../../access/claims.ts';
import type { Grant, Origin } from '../../../access/types.ts';
import { messageOf, UserError } from '../../../errors.ts';
import type { Api } from '../../api.ts';
import { welcomed } from '../auth-routes.ts';
import type { Access } from '../open.ts';
import type { Identity, OidcProvider } from './provider.ts';

const tags = ['access'];

/** Characters of a reason that are put on record: some of it may be whatever stands in the address of the way back. */
const reasonMax = 200;

/** Ties the way back to the browser that was sent away, so that nobody can sign another one in. */
const stateCookie = 'rampart_oidc';

/**
 * `/auth/oidc` and `/auth/oidc/callback`: signing in through another provider. They answer browsers, with pages. For the scope of
 * `authRoutes`.
 */
export function oidcRoutes(scope: Api, access: Access, provider: OidcProvider): void {
  const page = {
    description: 'A page that goes on by itself, or says why it does not.',
    content: { 'text/html': { schema: z.string() } },
  };
  const cookie = (value: string, maxAgeS: number): string =>
    `${stateCookie}=${value}; Path=/auth/oidc; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${access.isSecure ? '; Secure' : ''}`;
  const redirectUri = (): string => `${access.baseUrl()}/auth/oidc/callback`;

  scope.get(
    '/oidc',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Sends the browser to the provider to sign in',
        security: [],
        response: { 302: z.null().describe('To the provider.'), 502: page },
      },
    },
    async (request, reply) => {
      // Each takes a place among those who are at the provider, and may ask it.
      await access.signIn.assertFewTries(null, request.ip);
      try {
        const { url, state } = await provider.begin(redirectUri());
        return await reply.header('set-cookie', cookie(state, 600)).redirect(url, 302);
      } catch (error) {
        return await reply.code(502).type('text/html; charset=utf-8').send(problemPage(error));
      }
    },
  );

  scope.get(
    '/oidc/callback',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Where the provider sends the browser back to',
        security: [],
        querystring: z.looseObject({}),
        response: { 200: page, 403: page },
      },
    },
    async (request, reply) => {
      await access.signIn.assertFewTries(null, request.ip);
      void reply.header('cache-control', 'no-store').type('text/html; charset=utf-8');
      const [, query = ''] = /(\?.*)?$/.exec(request.url) ?? [];
      try {
        const identity = await provider.end(query, stateIn(request.headers.cookie));
        const name = await userOf(access, provider, identity, request.ip);
        const made = await access.signIn.as(name, 'oidc', request.ip);
        // The one to begin with, and this one.
        access.signIn.giveBackTries(request.ip, 2);
        welcomed(access, reply, made);
        // Kept beside the session's cookie that was just set.
        const cookies = [reply.getHeader('set-cookie'), cookie('', 0)].flat().map(String);
        void reply.removeHeader('set-cookie').header('set-cookie', cookies);
        // A page and no redirect: on the way from another site the browser would not show the session's cookie.
        return await reply.send(goOn);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await access.signIn.refused.take({
          subject: 'unknown',
          address: request.ip,
          reason: messageOf(error).slice(0, reasonMax).toWellFormed(),
        });
        return await reply.code(403).header('set-cookie', cookie('', 0)).send(problemPage(error));
      }
    },
  );
}

/**
 * The user that an identity is here: made at their first sign-in, with what their claims give them, and changed when their claims have
 * changed. Somebody whom no rule gives a role is not let in.
 */
async function userOf(
  access: Access,
  { settings }: OidcProvider,
  { subject, claims }: Identity,
  address: string,
): Promise<string> {
  const grants = grantsOf(claims, settings.roles);
  const name = nameIn(claims, [settings.nameClaim, 'preferred_username', 'email', 'sub']);
  const known = [...access.keeper.state.users.values()].find(({ oidc }) => oidc === subject);
  if (grants.length === 0) {
    // What they had before is taken back: at the provider they are in no group any more.
    if (known) await change(access, known.name, [], address);
    throw refused(
      `${known?.name ?? name ?? 'this account'} has no role here`,
      `ask an admin of ${settings.name} for a group that gives one`,
    );
  }
  if (known) {
    await change(access, known.name, grants, address);
    return known.name;
  }
  if (name === null) throw refused('the provider gave no name', `set spec.oidc.nameClaim to a claim that names people`);
  if (access.keeper.state.users.has(name))
    throw refused(
      `there is a user ${name} here already who signs in otherwise`,
      'ask an admin to remove that user or to rename the account',
    );
  const by = { actor: name, grants: everything, from: fromAddress(address), why: `first sign-in through ${settings.name}` };
  await access.administration.addUser(by, name, { grants, disabled: false, oidc: subject });
  return name;
}

async function change(access: Access, name: string, grants: readonly Grant[], address: string): Promise<void> {
  const user = access.keeper.state.users.get(name);
  if (!user || JSON.stringify(user.grants) === JSON.stringify(grants)) return;
  const by = { actor: name, grants: everything, from: fromAddress(address), why: 'as the claims of the provider say now' };
  await access.administration.changeUser(by, name, { grants });
}

/** The document's rules have given the role, so nobody has to have it who hands it on. */
const everything: readonly Grant[] = [{ role: 'admin', services: '*' }];

function fromAddress(address: string): Origin {
  return { address, via: 'session', credential: null };
}

function refused(what: string, fix: string): UserError {
  return new UserError('E_SIGN_IN_REFUSED', what, { where: 'sign-in', fix });
}

function stateIn(header: string | undefined): string | undefined {
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${stateCookie}=`))
    ?.slice(stateCookie.length + 1);
}

const goOn = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><title>Rampart</title>
<p>Signed in. <a href="/">Go on</a></p></html>
`;

function problemPage(error: unknown): string {
  const fix = error instanceof UserError ? error.fix : 'look into the log of the controller';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Rampart</title>
<h1>Not signed in</h1><p>${escaped(messageOf(error))}</p><p>What to do: ${escaped(fix)}.</p><p><a href="/sign-in">Back to sign-in</a></p></html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
