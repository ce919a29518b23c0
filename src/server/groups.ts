import type { FastifyRequest } from 'fastify';
import { canSomewhere } from '../access/can.ts';
import type { Permission } from '../access/types.ts';
import type { GroupState } from '../groups/types.ts';
import { waitProblems } from '../groups/waits.ts';
import { wayBackProblems } from '../groups/way-back.ts';
import { unrecordedText } from '../release/verb-text.ts';
import { type GroupDocuments, type GroupText, groupIn } from '../runtime/group-documents.ts';
import { unknownGroup } from '../runtime/group-keeper.ts';
import type { GroupRecorded } from '../runtime/group-records.ts';
import { type GroupView, groupView } from '../views/group-view.ts';
import type { Api } from './api.ts';
import type { ServerOptions } from './options.ts';
import { planOf } from './plan-of.ts';
import { actorOf, allow, may, originOf } from './principal.ts';
import {
  GroupAnswer,
  GroupParams,
  GroupPlanAnswer,
  GroupPlanBody,
  GroupReleaseBody,
  GroupStartedAnswer,
  GroupsAnswer,
  GroupVerbBody,
} from './schemas/groups.ts';
import { TimelineAnswer } from './schemas/release.ts';
import { EventsQuery, IdempotencyHeaders } from './schemas/requests.ts';
import { VerbAnswer } from './schemas/verb.ts';

const tags = ['groups'];

/** Groups: services that are released together. Whoever does something with one needs to be allowed that with every member. */
export function groupRoutes(api: Api, { controller, groups, setup }: ServerOptions): void {
  api.get('/groups', { schema: { tags, summary: 'Every group as it is now', response: { 200: GroupsAnswer } } }, (request) => ({
    groups: groups.groups.flatMap((state) => (isVisible(request, servicesOf(state)) ? [viewOf(request, state)] : [])),
  }));

  api.get(
    '/groups/:name',
    { schema: { tags, summary: 'One group as it is now', params: GroupParams, response: { 200: GroupAnswer } } },
    (request) => viewOf(request, known(request, request.params.name, 'read')),
  );

  api.post(
    '/groups/plan',
    {
      schema: {
        tags,
        summary: 'What a release of a group would do, member by member',
        body: GroupPlanBody,
        response: { 200: GroupPlanAnswer },
      },
    },
    async (request) => {
      const { version, versions } = request.body;
      const { group, specs } = documentsOf(request, request.body, 'read');
      const tag = { name: group.name, id: group.name, barrierMs: group.barrierMs };
      const members = specs.map(async (spec, index) => {
        const stable = controller.service(spec.name)?.stable;
        const wanted = versions[spec.name] ?? version;
        return {
          service: spec.name,
          after: [...(group.members[index]?.after ?? [])],
          skipped: stable?.version === wanted,
          plan: await planOf({ controller, setup }, { spec, version: wanted, group: tag }),
        };
      });
      const asked = groups.membersOf({ group, specs, version, versions });
      const warnings = [...waitProblems(asked, group.barrierMs), ...wayBackProblems(asked)];
      return { group: group.name, barrierMs: group.barrierMs, warnings, members: await Promise.all(members) };
    },
  );

  api.post(
    '/groups',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Starts a release of a group: all of its services, or none',
        headers: IdempotencyHeaders,
        body: GroupReleaseBody,
        response: { 201: GroupStartedAnswer },
      },
    },
    async (request, reply) => {
      const { version, versions, by, why } = request.body;
      const documents = documentsOf(request, request.body, 'release');
      const asked = { version, versions, by: actorOf(request, by), why, from: originOf(request) };
      const release = await groups.request({ ...documents, ...asked });
      const { name } = documents.group;
      const state = groups.group(name);
      const begun = [state?.live, ...(state?.ended ?? [])].find((one) => one?.id === release);
      const members = (begun?.members ?? []).map((member) => ({
        service: member.service,
        version: member.version,
        skipped: member.skipped,
      }));
      return reply.status(201).send({ release, group: name, members });
    },
  );

  api.post(
    '/groups/:name/verbs',
    {
      config: { idempotent: true },
      schema: {
        tags,
        summary: 'Aborts the release of a group: all of its services go back, last ones first',
        params: GroupParams,
        headers: IdempotencyHeaders,
        body: GroupVerbBody,
        response: { 200: VerbAnswer },
      },
    },
    async (request) => {
      const { name } = request.params;
      known(request, name, 'abort');
      const { by, why } = request.body;
      const { done, said, unrecorded } = await groups.abort(name, actorOf(request, by), why, originOf(request));
      return { done, said: unrecorded === undefined ? said : said + unrecordedText(unrecorded, 'en') };
    },
  );

  api.get(
    '/groups/:name/events',
    {
      schema: {
        tags,
        summary: 'The timeline of the last release of a group, oldest first',
        params: GroupParams,
        querystring: EventsQuery,
        response: { 200: TimelineAnswer },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { after, limit } = request.query;
      const { live, ended } = known(request, name, 'read');
      const id = live?.id ?? ended[0]?.id;
      const events = id === undefined ? [] : await groups.timeline(name, id, after, limit);
      return {
        events: events.map(({ seq, at, kind, actor, hash, data }) => {
          const { said, phase } = data as GroupRecorded;
          return { seq, at, kind, actor, hash, said, state: phase };
        }),
      };
    },
  );

  /** The documents of a group, of whoever may do that with each of its services. */
  function documentsOf(request: FastifyRequest, text: GroupText, permission: Permission): GroupDocuments {
    // Whoever may do it with no service is refused before anything is read for them.
    if (!canSomewhere(request.principal.grants, permission)) allow(request, permission, null);
    const documents = groupIn(text);
    for (const { name } of documents.specs) allow(request, permission, name);
    return documents;
  }

  /** Somebody who may not see all of its services is told what they would be told if there were no such group. */
  function known(request: FastifyRequest, name: string, permission: Permission): GroupState {
    const state = groups.group(name);
    const services = state ? servicesOf(state) : [];
    if (!state || !isVisible(request, services)) throw unknownGroup(name);
    for (const service of services) allow(request, permission, service);
    return state;
  }
}

function isVisible(request: FastifyRequest, services: readonly string[]): boolean {
  return services.every((service) => may(request, 'read', service));
}

/** A group as whoever asks may see it: earlier releases of it may have had other members. */
function viewOf(request: FastifyRequest, state: GroupState): GroupView {
  const ended = state.ended.filter(({ members }) =>
    isVisible(
      request,
      members.map(({ service }) => service),
    ),
  );
  return groupView({ ...state, ended });
}

/** The services of a group as it is released now, or was released last. */
function servicesOf({ live, ended }: GroupState): readonly string[] {
  return (live ?? ended[0])?.members.map(({ service }) => service) ?? [];
}
