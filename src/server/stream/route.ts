import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { unknownIncident } from '../../incidents/asked.ts';
import type { Api } from '../api.ts';
import { languageOf } from '../language.ts';
import type { ServerOptions } from '../options.ts';
import { allow, may } from '../principal.ts';
import { pastIncident } from '../read-model/incident-list.ts';
import { StreamHeaders, StreamQuery } from '../schemas/stream.ts';
import type { StreamHub } from './hub.ts';
import { maySee, type NamedTopic, type Topic, topicIn } from './topic.ts';

/** When somebody who found no place tries again, in seconds. */
const fullRetryS = 5;

/** What is so now and what happens, as it happens. */
export function streamRoute(api: Api, { controller, log, incidents, views }: ServerOptions, hub: StreamHub): void {
  api.get(
    '/stream',
    {
      // Nobody can ask for the head of something that has no end.
      exposeHeadRoute: false,
      schema: {
        tags: ['live'],
        summary: 'What is so now and what happens, as server-sent events',
        description:
          'Messages: `hello` first, `beat` every 10 s; `overview`, `service`, `release`, `incidents`, `incident` with the whole view ' +
          'when it has changed; `entry` for each line of a timeline, with its `seq` as id; `series` with new points of the guard; ' +
          '`changed` where only that is told. docs/guides/live.md has them all.',
        querystring: StreamQuery,
        headers: StreamHeaders,
        produces: ['text/event-stream'],
        response: { 200: z.string().describe('An event stream that does not end by itself.') },
      },
    },
    async (request, reply) => {
      const { topic, after } = request.query;
      const topics = await Promise.all([...new Set(topic)].map((text) => found(request, topicIn(text))));
      const language = languageOf(request, reply);
      if (hub.isFull(request.principal)) {
        void reply.header('retry-after', fullRetryS);
        throw new UserError('E_STREAMS_FULL', 'as many streams are open as there may be', {
          where: 'stream',
          fix: `try again in ${fullRetryS} s; one stream takes several topics`,
        });
      }
      const afterSeq = seqIn(request.headers['last-event-id']) ?? after ?? null;
      begin(reply);
      hub.open({ response: reply.raw, principal: request.principal, topics, language, afterSeq });
      return reply;
    },
  );

  /** @throws UserError `E_FORBIDDEN`, `E_UNKNOWN_SERVICE`, `E_UNKNOWN_RELEASE`. */
  async function found(request: FastifyRequest, named: NamedTopic): Promise<Topic> {
    switch (named.kind) {
      case 'overview':
      case 'incidents':
        return named;
      case 'changed':
        if (!maySee(named.what, request.principal.grants)) allow(request, 'read', null);
        return named;
      case 'incident': {
        const incident = incidents.find(named.name) ?? (await pastIncident(views, log, named.name));
        // Somebody who may not see a service is told what they would be told if there were no such incident.
        if (!incident || !may(request, 'read', incident.service)) throw unknownIncident(named.name);
        return { kind: 'incident', service: incident.service, incident: incident.id };
      }
      case 'service':
        allow(request, 'read', named.name);
        if (controller.service(named.name)) return { kind: 'service', service: named.name };
        throw new UserError('E_UNKNOWN_SERVICE', `there is no service ${named.name}`, {
          where: 'topic',
          fix: 'see `rampart status` for the services there are',
        });
      case 'release': {
        const service = await serviceOf(named.name);
        if (service === null)
          throw new UserError('E_UNKNOWN_RELEASE', `there is no release ${named.name}`, {
            where: 'topic',
            fix: 'see `rampart status` for the releases there are',
          });
        allow(request, 'read', service);
        return { kind: 'release', service, release: named.name };
      }
    }
  }

  /** A release that is long over is in the log alone. */
  async function serviceOf(id: string): Promise<string | null> {
    const known = controller.release(id);
    if (known) return known.service.name;
    const [first] = await log.readRelease(id, 0, 1);
    return first ? first.stream.slice(first.stream.indexOf('/') + 1) : null;
  }
}

/** Writes the head of the answer. From here on the stream is nobody's but the hub's. */
function begin(reply: FastifyReply): void {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
  // A proxy that gathers bytes before it hands them on would make a live view a dead one.
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  reply.raw.socket?.setNoDelay(true);
}

function seqIn(header: string | undefined): number | null {
  const seq = Number(header?.trim() || Number.NaN);
  return Number.isSafeInteger(seq) && seq >= 0 ? seq : null;
}
