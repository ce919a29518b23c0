import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { describeProblems } from '../openapi.ts';
import { type Authenticator, requirePrincipal } from '../principal.ts';
import { OptionsAnswer, SessionAnswer, SignInBody, WelcomeBody } from '../schemas/access.ts';
import { sessionCookie } from './cookie.ts';
import type { Access } from './open.ts';
import { assertSameSite } from './same-site.ts';
import { newSessionView, type SessionView } from './session-view.ts';
import type { NewSession } from './sign-in.ts';

const tags = ['access'];
const open = { config: { open: true }, security: [] };

/** Sign-in by another provider, as the sign-in page shows it: the name on its button, and where that leads. */
export type OtherProvider = { readonly name: string; readonly url: string };

/**
 * Everything under `/auth`: how people come in and go. No credential but for signing out.
 *
 * @param authenticator - Who signs out.
 * @param oidc - Another provider; null: none is configured.
 */
export function authRoutes(scope: Api, access: Access, authenticator: Authenticator, oidc: OtherProvider | null): void {
  describeProblems(scope);
  requirePrincipal(scope, authenticator);
  scope.addHook('onSend', async (_request, reply) => {
    // What is in here is for whoever asked, and only now.
    void reply.header('cache-control', 'no-store');
  });

  scope.get(
    '/options',
    {
      config: open.config,
      schema: { tags, summary: 'How one can sign in', security: open.security, response: { 200: OptionsAnswer } },
    },
    () => ({ setup: access.keeper.state.users.size === 0, oidc }),
  );

  scope.post(
    '/sign-in',
    {
      config: open.config,
      schema: {
        tags,
        summary: 'Signs in by name and password; the answer sets the cookie',
        description: 'At most 10 tries a minute for a name and 30 for an address.',
        security: open.security,
        body: SignInBody,
        response: { 200: SessionAnswer },
      },
    },
    async (request, reply) => {
      assertSameSite(request, access.origins);
      const { name, password } = request.body;
      return welcomed(access, reply, await access.signIn.byPassword(name, password, request.ip));
    },
  );

  scope.post(
    '/welcome',
    {
      config: open.config,
      schema: {
        tags,
        summary: 'Uses a one-time link: sets a password and signs in; the answer sets the cookie',
        security: open.security,
        body: WelcomeBody,
        response: { 200: SessionAnswer },
      },
    },
    async (request, reply) => {
      assertSameSite(request, access.origins);
      const { code, name, password } = request.body;
      return welcomed(access, reply, await access.signIn.welcome(code, name, password, request.ip));
    },
  );

  scope.post(
    '/sign-out',
    {
      schema: { tags, summary: 'Ends the session', response: { 204: z.null().describe('It has ended.') } },
    },
    async (request, reply) => {
      const found = access.authenticator.sessionOf(request);
      if (found) await access.signIn.out(found.session, request.ip);
      return reply
        .header('set-cookie', sessionCookie(null, 0, access.isSecure))
        .status(204)
        .send(null);
    },
  );
}

/** Answers with a session that has just been made, and gives its secret to the browser. */
export function welcomed(access: Access, reply: FastifyReply, made: NewSession): SessionView {
  void reply.header('set-cookie', sessionCookie(made.secret, access.sessions.maxMs, access.isSecure));
  return newSessionView(access, made);
}
