import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { Api } from '../api.ts';
import { actorOf, allow, originOf } from '../principal.ts';
import {
  AskedQuery,
  LinkAnswer,
  LinkBody,
  PasswordBody,
  SessionAnswer,
  TokenAddedAnswer,
  TokenBody,
  TokenParams,
  TokensAnswer,
  UserAddedAnswer,
  UserAnswer,
  UserBody,
  UserChangeBody,
  UserParams,
  UsersAnswer,
} from '../schemas/access.ts';
import type { By } from './administration.ts';
import { type Access, linkOf } from './open.ts';
import { sessionView } from './session-view.ts';

const tags = ['access'];
const done = { 204: z.null().describe('Done.') };

/** Who asks, users, and service tokens: everything about access under `/api/v1`. */
export function accessRoutes(api: Api, access: Access): void {
  const { administration } = access;

  api.get(
    '/session',
    { schema: { tags, summary: 'Who asks, and what they may', response: { 200: SessionAnswer } } },
    (request, reply) => {
      void reply.header('cache-control', 'no-store');
      return sessionView(access, request);
    },
  );

  api.put(
    '/session/password',
    {
      schema: {
        tags,
        summary: 'Changes the password of whoever is signed in, and ends their other sessions',
        body: PasswordBody,
        response: done,
      },
    },
    async (request, reply) => {
      const { kind, name } = request.principal;
      if (kind !== 'user')
        throw new UserError('E_FORBIDDEN', `${kind} ${name} has no password`, {
          where: kind,
          fix: 'sign in, or make a link for a new password with `rampart users link NAME`',
        });
      const { current, next } = request.body;
      await access.signIn.changePassword(name, current, next, originOf(request));
      return reply.status(204).send(null);
    },
  );

  api.get('/users', { schema: { tags, summary: 'Every user', response: { 200: UsersAnswer } } }, (request) => {
    allow(request, 'administer', null);
    return { users: [...administration.users] };
  });

  api.post(
    '/users',
    {
      schema: {
        tags,
        summary: 'Adds a user; the link is for them to choose a password',
        body: UserBody,
        response: { 201: UserAddedAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'administer', null);
      const { name, grants } = request.body;
      const facts = { grants, disabled: false, oidc: null };
      const { user, code } = await administration.addUser(asker(request, request.body), name, facts);
      return reply
        .header('cache-control', 'no-store')
        .status(201)
        .send({ user, link: linkOf(access, code) });
    },
  );

  api.patch(
    '/users/:name',
    {
      schema: {
        tags,
        summary: 'Changes what a user may, or whether they may sign in; it counts at once',
        params: UserParams,
        body: UserChangeBody,
        response: { 200: UserAnswer },
      },
    },
    async (request) => {
      allow(request, 'administer', null);
      const { grants, disabled } = request.body;
      const change = { ...(grants === undefined ? {} : { grants }), ...(disabled === undefined ? {} : { disabled }) };
      return await administration.changeUser(asker(request, request.body), request.params.name, change);
    },
  );

  api.delete(
    '/users/:name',
    { schema: { tags, summary: 'Removes a user', params: UserParams, querystring: AskedQuery, response: done } },
    async (request, reply) => {
      allow(request, 'administer', null);
      await administration.removeUser(asker(request, request.query), request.params.name);
      return reply.status(204).send(null);
    },
  );

  api.post(
    '/users/:name/link',
    {
      schema: {
        tags,
        summary: 'Makes a new one-time link for a password; those before it are void',
        params: UserParams,
        body: LinkBody,
        response: { 200: LinkAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'administer', null);
      const code = await administration.makeLink(asker(request, request.body ?? {}), request.params.name);
      void reply.header('cache-control', 'no-store');
      return { link: linkOf(access, code) };
    },
  );

  api.get(
    '/tokens',
    { schema: { tags, summary: 'Every service token, newest first', response: { 200: TokensAnswer } } },
    (request) => {
      allow(request, 'administer', null);
      return { tokens: [...administration.tokens] };
    },
  );

  api.post(
    '/tokens',
    {
      schema: {
        tags,
        summary: 'Makes a service token; its secret is shown this once',
        body: TokenBody,
        response: { 201: TokenAddedAnswer },
      },
    },
    async (request, reply) => {
      allow(request, 'administer', null);
      const { name, grants, expiresAtMs } = request.body;
      const made = await administration.addToken(asker(request, request.body), { name, grants, expiresAtMs });
      return reply.header('cache-control', 'no-store').status(201).send(made);
    },
  );

  api.delete(
    '/tokens/:id',
    {
      schema: { tags, summary: 'Revokes a service token at once', params: TokenParams, querystring: AskedQuery, response: done },
    },
    async (request, reply) => {
      allow(request, 'administer', null);
      await administration.revokeToken(asker(request, request.query), request.params.id);
      return reply.status(204).send(null);
    },
  );
}

function asker(request: FastifyRequest, { by, why }: { readonly by?: string | undefined; readonly why?: string }): By {
  return { actor: actorOf(request, by), grants: request.principal.grants, from: originOf(request), why: why ?? '' };
}
