import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { can } from '../../access/can.ts';
import type { Origin, Permission } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { type Meant, meant } from '../../notifications/inbound.ts';
import { roomNote } from '../../notifications/room-news.ts';
import type { InboundVerb } from '../../notifiers/notifier.ts';
import { releaseBack } from '../../runtime/incidents/evidence.ts';
import type { Api } from '../api.ts';
import type { ServerOptions } from '../options.ts';
import { neededFor } from '../verb-permissions.ts';

/** More than any receiver sends of a button, a reply, or a long message with its blocks. */
const bodyMax = 524_288;

const InboundParams = z.object({ notifier: z.string().max(100) });

/** The body as it came: signatures are over its bytes. */
export function takeRawBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyMax }, (_request, body, done) => done(null, body));
}

/**
 * Where receivers bring pressed buttons and replies. No credential of ours: the plugin checks that the receiver has sent it, and the document
 * of a person whose account it is.
 */
export function inboundRoute(scope: Api, options: ServerOptions): void {
  const { notifications, setup, incidents, access, controller, notifierTools, warn } = options;
  scope.post(
    '/:notifier',
    {
      bodyLimit: bodyMax,
      config: { open: true },
      schema: {
        tags: ['incidents'],
        summary: 'Takes pressed buttons and replies from a receiver, by its own signature',
        params: InboundParams,
        hide: true,
      },
    },
    async (request, reply) => {
      const { notifier } = request.params;
      const spec = setup.setup.notifiers.find(({ name }) => name === notifier);
      const inbound = spec && notifications.receivers.plugin(spec)?.inbound;
      // Nobody learns without a signature what there is and what there is not.
      if (!spec || !inbound) throw refused();
      const answer = await inbound(
        spec.receiver.config,
        {
          method: request.method,
          url: request.url,
          headers: headersOf(request.headers),
          body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          nowMs: Date.now(),
        },
        notifierTools,
      );
      if (answer.kind === 'refused') throw refused();
      for (const verb of answer.verbs) await act(notifier, verb, request.ip);
      return await reply.type(answer.reply.type).send(answer.reply.body);
    },
  );

  async function act(notifier: string, asked: InboundVerb, address: string): Promise<void> {
    const found = meant(asked, notifier, setup.setup.people, incidents.all.toReversed());
    if (found.kind === 'nothing') {
      if (found.why !== '') warn(`${notifier}: ${found.why}`);
      return;
    }
    const { person } = found;
    const user = person.user === null ? null : (access.keeper.state.users.get(person.user) ?? null);
    const by = person.user ?? person.name;
    const from = { address, via: 'token', credential: `notifier ${notifier}` } as const;
    if (found.kind === 'release') {
      const may = (permission: Permission, service: string): boolean =>
        user !== null && !user.disabled && can(user.grants, permission, service);
      const said = await askRelease(controller, found.release, found.verb, may, by, from);
      if (said !== null) warn(`${notifier}: ${said}`);
      return;
    }
    const { incident } = found;
    // What was written in a room is done once, however often it is brought: it is noted there under its own id.
    if (asked.room !== undefined && incident.notes.some(({ id }) => id === roomNote(asked.id))) return;
    const isNote = found.kind === 'verb' && found.verb.kind === 'note';
    const { service } = incident;
    const may = (permission: Permission): boolean => user !== null && !user.disabled && can(user.grants, permission, service);
    // Who has a name here may no more there than here; who has none is known by the documents of the admins alone.
    if (found.kind === 'verb' && (person.user === null || may(isNote ? 'report' : 'steer'))) {
      await incidents.ask(incident.id, found.verb, { by, why: '', from });
      await noteWritten();
      return;
    }
    const state = service === null ? undefined : controller.service(service);
    const release = state && releaseBack(state, incident);
    if (found.kind === 'rollback' && service !== null && release && may('release')) {
      const { said } = await controller.rollback(service, null, by, `incident ${incident.id}`, from);
      await noteWritten();
      const note = `rollback-${release.id}`;
      await incidents.ask(
        incident.id,
        { kind: 'note', note, text: `${release.version} is taken back: ${said}` },
        { by, why: '', from },
      );
      return;
    }
    const why =
      found.kind === 'rollback' && !release
        ? 'no release of it is in reach any more'
        : `${by} may not do that with ${incident.id}`;
    warn(`${notifier}: ${why}`);

    /** A command that was written in a room, so that it is not done again. */
    async function noteWritten(): Promise<void> {
      if (asked.room === undefined || isNote) return;
      const text = asked.verb === 'severity' ? `!severity ${asked.text}` : asked.text;
      await incidents.ask(incident.id, { kind: 'note', note: roomNote(asked.id), text }, { by, why: '', from });
    }
  }
}

/**
 * What a button asks of a release. Only people who have a name here, and may do the same here, steer releases.
 *
 * @returns Why nothing came of it; null: it is done.
 */
async function askRelease(
  controller: ServerOptions['controller'],
  id: string,
  verb: Extract<Meant, { kind: 'release' }>['verb'],
  may: (permission: Permission, service: string) => boolean,
  by: string,
  from: Origin,
): Promise<string | null> {
  const known = controller.release(id);
  if (!known) return `there is no release ${id} any more`;
  const { release, service } = known;
  const needed = verb === 'rollback' ? (['release'] as const) : neededFor(release, verb);
  if (!needed.every((permission) => may(permission, service.name))) return `${by} may not ${verb} release ${id}`;
  if (verb !== 'rollback') {
    const { done, said } = await controller.verb(id, verb, by, '', from);
    return done ? null : `${verb} of ${id} by ${by}: ${said}`;
  }
  // The button stands under a message of then: what was released since is not what it means.
  if (service.stable?.release !== id || service.live || service.queued)
    return `${by} asks to take ${id} back, but something else was released since`;
  await controller.rollback(service.name, null, by, `release ${id} is taken back`, from);
  return null;
}

function headersOf(headers: NodeJS.Dict<string | string[]>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
}

function refused(): UserError {
  return new UserError('E_UNAUTHORIZED', 'nothing is taken from there', {
    where: 'signature',
    fix: 'see docs/guides/notifiers.md for how a receiver is to be set up',
  });
}
