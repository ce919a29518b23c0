import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Permission } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import type { ResolvedItem } from '../../readiness/resolved.ts';
import type { Evidence } from '../../readiness/types.ts';
import { claimsKey } from '../../runtime/readiness/readiness-records.ts';
import { nearest } from '../../spec/nearest.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { actorOf, allow, originOf } from '../principal.ts';
import { ConfirmationBody, ExemptionBody, ItemParams, SignOffBody, WithdrawalQuery } from '../schemas/readiness.ts';
import { IdempotencyHeaders, ServiceParams } from '../schemas/requests.ts';
import { checklistOf, documentOf } from './asked.ts';

const tags = ['readiness'];
const done = z.null().describe('It is on record.');

/** Largest request with a file that proves something, as base64. */
const evidenceBodyMax = 15_000_000;
/** Longest that an item need not be there. */
const exemptionMaxMs = 366 * 86_400_000;

/** What people say about readiness: claims, exemptions, signatures. */
export function readinessClaimRoutes(api: Api, options: ServerOptions): void {
  const { readiness, evidence } = options;
  const { records } = readiness;

  api.post(
    '/services/:name/readiness/confirmations',
    {
      bodyLimit: evidenceBodyMax,
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Confirm an item of a checklist',
        headers: IdempotencyHeaders,
        params: ServiceParams,
        body: ConfirmationBody,
        response: { 204: done },
      },
    },
    async (request, reply) => {
      const { item: id, comment, link, file, by } = request.body;
      const { service, checklist, item } = await known(request, 'steer', 'confirm its checklist', id, request.body.checklist);
      if (!item.confirm)
        throw new UserError('E_REFUSED', `${id} is proven by its check, and not by a claim`, {
          where: 'item',
          fix: `run it: rampart check ${service} --item ${id}`,
        });
      const proof: Evidence | null = file
        ? await evidence.keep(file.name, Buffer.from(file.base64, 'base64'))
        : link === undefined
          ? null
          : { kind: 'link', url: link };
      if (item.confirm.evidence === 'required' && proof === null)
        throw new UserError('E_REFUSED', `${id} needs a link or a file that proves it`, {
          where: 'evidence',
          fix: 'give --evidence with an address or a file',
        });
      const { validForMs } = item.confirm;
      const actor = actorOf(request, by);
      await records.change((_, atMs) => [
        {
          kind: 'item-confirmed',
          actor,
          data: {
            service,
            checklist,
            item: id,
            comment: comment ?? null,
            evidence: proof,
            atMs,
            untilMs: atMs + validForMs,
            from: originOf(request),
          },
        },
      ]);
      return reply.status(204).send(null);
    },
  );

  api.delete(
    '/services/:name/readiness/confirmations/:item',
    { schema: { tags, summary: 'Withdraw a claim', params: ItemParams, querystring: WithdrawalQuery, response: { 204: done } } },
    async (request, reply) => {
      const { item: id } = request.params;
      const { service, checklist } = await known(request, 'steer', 'confirm its checklist', id, request.query.checklist);
      const actor = actorOf(request, request.query.by);
      const data = { service, checklist, item: id, why: request.query.why, from: originOf(request) };
      await records.change((state) => {
        if (!state.confirmations.get(claimsKey(service, checklist))?.has(id))
          throw new UserError('E_REFUSED', `nobody has confirmed ${id}`, { where: 'item', fix: 'there is nothing to withdraw' });
        return [{ kind: 'confirmation-withdrawn', actor, data }];
      });
      return reply.status(204).send(null);
    },
  );

  api.post(
    '/services/:name/readiness/exemptions',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Let an item be absent for a while',
        headers: IdempotencyHeaders,
        params: ServiceParams,
        body: ExemptionBody,
        response: { 204: done },
      },
    },
    async (request, reply) => {
      const { item: id, reason, untilMs, by } = request.body;
      const { service, checklist } = await known(request, 'approve', 'exempt from its checklist', id, request.body.checklist);
      const actor = actorOf(request, by);
      await records.change((_, atMs) => {
        if (untilMs <= atMs || untilMs > atMs + exemptionMaxMs)
          throw new UserError('E_INPUT', 'an exemption ends in the future, within a year', {
            where: 'until',
            fix: 'name a day such as the end of this quarter',
          });
        const data = { service, checklist, item: id, reason, atMs, untilMs, from: originOf(request) };
        return [{ kind: 'item-exempted', actor, data }];
      });
      return reply.status(204).send(null);
    },
  );

  api.delete(
    '/services/:name/readiness/exemptions/:item',
    { schema: { tags, summary: 'End an exemption', params: ItemParams, querystring: WithdrawalQuery, response: { 204: done } } },
    async (request, reply) => {
      const { item: id } = request.params;
      const { service, checklist } = await known(request, 'approve', 'exempt from its checklist', id, request.query.checklist);
      const actor = actorOf(request, request.query.by);
      const data = { service, checklist, item: id, why: request.query.why, from: originOf(request) };
      await records.change((state) => {
        if (!state.exemptions.get(claimsKey(service, checklist))?.has(id))
          throw new UserError('E_REFUSED', `${id} is not exempt by anybody here`, {
            where: 'item',
            fix: 'an exemption of the document ends there',
          });
        return [{ kind: 'exemption-ended', actor, data }];
      });
      return reply.status(204).send(null);
    },
  );

  api.post(
    '/services/:name/readiness/signoffs',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Sign the report that was read',
        headers: IdempotencyHeaders,
        params: ServiceParams,
        body: SignOffBody,
        response: { 204: done },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      allow(request, 'approve', name, 'sign its report');
      const { role, hash, comment, by } = request.body;
      const { spec, version } = documentOf(options, name, request.body.version);
      const asked = checklistOf(options, spec, request.body.checklist);
      const answer = await readiness.answer(spec, version, asked);
      const wanted = answer.checklist.signOffs.find((one) => one.role === role);
      if (!wanted)
        throw new UserError('E_INPUT', `checklist ${asked} asks for no signature of ${role}`, {
          where: 'role',
          fix: `use one of ${answer.checklist.signOffs.map((one) => one.role).join(', ') || 'none: it asks for no signature'}`,
        });
      const actor = actorOf(request, by);
      if (wanted.by !== null && !wanted.by.includes(actor))
        throw new UserError('E_FORBIDDEN', `${actor} may not sign for ${role}`, {
          where: 'role',
          fix: `ask one of ${wanted.by.join(', ')}`,
        });
      if (answer.hash !== hash)
        throw new UserError('E_REFUSED', 'the report has changed since it was read, so nothing was signed', {
          where: 'hash',
          fix: `read it again and sign that: rampart report ${name}`,
        });
      await records.change((_, atMs) => [
        {
          kind: 'report-signed',
          actor,
          data: { service: name, checklist: asked, role, comment: comment ?? null, atMs, hash, from: originOf(request) },
        },
      ]);
      return reply.status(204).send(null);
    },
  );

  /** An item of the checklist that counts, and whether the one who asks may do that. */
  async function known(
    request: FastifyRequest,
    permission: Permission,
    deed: string,
    id: string,
    asked: string | undefined,
  ): Promise<{ readonly service: string; readonly checklist: string; readonly item: ResolvedItem }> {
    const { name: service } = request.params as { name: string };
    allow(request, permission, service, deed);
    const { spec } = documentOf(options, service);
    const checklist = checklistOf(options, spec, asked);
    const resolved = await readiness.resolved(spec, checklist);
    const items = resolved.phases.flatMap((phase) => phase.items);
    const item = items.find((one) => one.id === id);
    if (item) return { service, checklist, item };
    const near = nearest(
      id,
      items.map((one) => one.id),
    );
    throw new UserError('E_INPUT', `checklist ${checklist} has no ${id}`, {
      where: 'item',
      fix: near ? `did you mean ${near}?` : `see rampart report ${service}`,
    });
  }
}
