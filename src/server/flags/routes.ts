import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseDocuments } from '../../spec/document.ts';
import { flagSetDocument } from '../../spec/flag-set.ts';
import { flagRow, flagView } from '../../views/flag-view.ts';
import type { Api } from '../api.ts';
import { actorOf, allow, originOf } from '../principal.ts';
import {
  FlagAnswer,
  FlagAskedBody,
  FlagAskedQuery,
  FlagParams,
  FlagSetParams,
  FlagSetsAnswer,
  FlagSetsBody,
  FlagShareBody,
  FlagsAnswer,
} from '../schemas/flags.ts';
import { IdempotencyHeaders } from '../schemas/requests.ts';
import { exposureText } from './exposure-text.ts';
import type { By, Flags } from './flags.ts';

const tags = ['flags'];

/** Feature flags: their sets, how they are, and their switches. */
export function flagRoutes(api: Api, flags: Flags): void {
  const view = (key: string) => {
    const flag = flags.flag(key);
    return flagView(flag, flags.exposures(flag));
  };

  api.get('/flags', { schema: { tags, summary: 'Every feature flag', response: { 200: FlagsAnswer } } }, (request) => {
    allow(request, 'read', null, 'see flags');
    return { flags: [...flags.state.flags.values()].map((flag) => flagRow(flag, flags.exposures(flag))) };
  });

  api.get(
    '/flags/:key',
    { schema: { tags, summary: 'One feature flag', params: FlagParams, response: { 200: FlagAnswer } } },
    (request) => {
      allow(request, 'read', null, 'see flags');
      return view(request.params.key);
    },
  );

  api.get(
    '/flag-metrics',
    {
      schema: {
        tags,
        summary: 'How often each variant was given out, in the text format of Prometheus',
        produces: ['text/plain'],
        response: { 200: z.string().describe('Metrics that begin with `rampart_flag_`.') },
      },
    },
    async (request, reply) => {
      allow(request, 'read', null, 'see flags');
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(exposureText(flags));
    },
  );

  api.post(
    '/flag-sets',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Puts the flags of a FlagSet document into force',
        description: 'A flag that was switched stays switched, whatever its document says.',
        headers: IdempotencyHeaders,
        body: FlagSetsBody,
        response: { 200: FlagSetsAnswer },
      },
    },
    async (request) => {
      const { document, file, dryRun, by, why } = request.body;
      allow(request, dryRun ? 'read' : 'release', null, dryRun ? 'see flags' : 'change flags');
      const sets = parseDocuments(document, file, { FlagSet: flagSetDocument }).map(({ value }) => value);
      return { dryRun, sets: [...(await flags.apply(byOf(request, by, why), sets, dryRun))] };
    },
  );

  api.delete(
    '/flag-sets/:name',
    {
      schema: {
        tags,
        summary: 'Takes a set of flags out of force',
        params: FlagSetParams,
        querystring: FlagAskedQuery,
        response: { 204: z.null().describe('Done.') },
      },
    },
    async (request, reply) => {
      allow(request, 'release', null, 'change flags');
      await flags.remove(byOf(request, request.query.by, request.query.why), request.params.name);
      return reply.status(204).send(null);
    },
  );

  api.post(
    '/flags/:key/off',
    {
      schema: {
        tags,
        summary: 'Gives everybody the off variant, at once: the kill switch',
        description: 'Whoever may abort releases may do it, and no limit of requests refuses it.',
        params: FlagParams,
        body: FlagAskedBody,
        response: { 200: FlagAnswer },
      },
    },
    async (request) => {
      const { key } = request.params;
      allow(request, 'abort', null, 'switch flags off');
      await flags.off(byOf(request, request.body?.by, request.body?.why), key);
      return view(key);
    },
  );

  api.post(
    '/flags/:key/share',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Gives a share of the users a variant, and the others the off variant',
        description: 'By targeting key: whoever has the variant keeps it while the share grows.',
        params: FlagParams,
        headers: IdempotencyHeaders,
        body: FlagShareBody,
        response: { 200: FlagAnswer },
      },
    },
    async (request) => {
      const { key } = request.params;
      const { sharePpm, variant, by, why } = request.body;
      allow(request, 'release', null, 'change flags');
      await flags.share(byOf(request, by, why), key, sharePpm, variant);
      return view(key);
    },
  );

  api.post(
    '/flags/:key/reset',
    {
      schema: {
        tags,
        summary: 'Lets the document say again what a flag is',
        params: FlagParams,
        body: FlagAskedBody,
        response: { 200: FlagAnswer },
      },
    },
    async (request) => {
      const { key } = request.params;
      allow(request, 'release', null, 'change flags');
      await flags.reset(byOf(request, request.body?.by, request.body?.why), key);
      return view(key);
    },
  );
}

function byOf(request: FastifyRequest, by: string | undefined, why = ''): By {
  return { actor: actorOf(request, by), from: originOf(request), why };
}
