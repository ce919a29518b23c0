import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { can } from '../../access/can.ts';
import type { Origin, Permission } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { type Meant, meant } from '../../notifications/inbound.ts';
import { roomNote } from '../../notifications/room-news.ts';
import type { Came, InboundVerb } from '../../notifiers/notifier.ts';
import { verbDoneRu } from '../../release/verb-text.ts';
import { verbRefusal } from '../../release/verbs.ts';
import { releaseBack } from '../../runtime/incidents/evidence.ts';
import { type Text, textIn } from '../../spec/text.ts';
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
      if (!spec || !inbound) throw notTaken();
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
      if (answer.kind === 'refused') throw notTaken();
      const came: Came[] = [];
      for (const verb of answer.verbs) came.push(...(await act(notifier, verb, request.ip)));
      for (const one of came) if (!one.isDone) void tellRefused(notifier, one, answer.tell);
      const { type, body } = answer.reply(came);
      return await reply.type(type).send(body);
    },
  );

  /** Whoever asked is told where they asked, and whoever runs the controller in its log. */
  async function tellRefused(
    notifier: string,
    refused: Came,
    tell: ((refused: Came) => Promise<Text | null>) | undefined,
  ): Promise<void> {
    warn(`${notifier}: ${textIn(refused.said, 'en')}`);
    const problem = (await tell?.(refused)) ?? null;
    if (problem !== null) warn(`${notifier}: ${refused.asked.person} could not be told of that: ${textIn(problem, 'en')}`);
  }

  /** Empty: it was never meant for us. */
  async function act(notifier: string, asked: InboundVerb, address: string): Promise<readonly Came[]> {
    const found = meant(asked, notifier, setup.setup.people, incidents.all.toReversed());
    if (found.kind === 'nothing') return found.why === null ? [] : [{ asked, isDone: false, said: found.why, language: null }];
    const { language } = found.person;
    try {
      return [{ asked, language, ...(await outcomeOf(notifier, asked, found, address)) }];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [{ asked, language, isDone: false, said: error.message }];
    }
  }

  /** Does what was meant, where whoever asked may. */
  async function outcomeOf(
    notifier: string,
    asked: InboundVerb,
    found: Exclude<Meant, { kind: 'nothing' }>,
    address: string,
  ): Promise<Outcome> {
    const { person } = found;
    const user = person.user === null ? null : (access.keeper.state.users.get(person.user) ?? null);
    const by = person.user ?? person.name;
    const from = { address, via: 'token', credential: `notifier ${notifier}` } as const;
    if (found.kind === 'release') {
      const may = (permission: Permission, service: string): boolean =>
        user !== null && !user.disabled && can(user.grants, permission, service);
      return await askRelease(controller, found.release, found.verb, may, by, from);
    }
    const { incident } = found;
    // What was written in a room is done once, however often it is brought: it is noted there under its own id.
    if (asked.room !== undefined && incident.notes.some(({ id }) => id === roomNote(asked.id))) return did;
    const isNote = found.kind === 'verb' && found.verb.kind === 'note';
    const { service } = incident;
    const may = (permission: Permission): boolean => user !== null && !user.disabled && can(user.grants, permission, service);
    // Who has a name here may no more there than here; who has none is known by the documents of the admins alone.
    if (found.kind === 'verb' && (person.user === null || may(isNote ? 'report' : 'steer'))) {
      const { done: isDone, said } = await incidents.ask(incident.id, found.verb, { by, why: '', from });
      await noteWritten();
      return { isDone, said };
    }
    const state = service === null ? undefined : controller.service(service);
    const release = state && releaseBack(state, incident);
    // The button stands there until the incident is over: pressed after a way back, it would take back what is good.
    if (found.kind === 'rollback' && release?.isBack)
      return refusal(`${release.version} is taken back already`, `${release.version} уже откатили`);
    if (found.kind === 'rollback' && service !== null && release && may('release')) {
      const { said } = await controller.rollback(service, null, by, `incident ${incident.id}`, from);
      await noteWritten();
      const note = `rollback-${release.id}`;
      await incidents.ask(
        incident.id,
        { kind: 'note', note, text: `${release.version} is taken back: ${said}` },
        { by, why: '', from },
      );
      return { isDone: true, said };
    }
    return found.kind === 'rollback' && !release
      ? refusal('no release of it is in reach', 'выпуска, который можно было бы вернуть, у него нет')
      : refusal(`${by} may not do that with ${incident.id}`, `${by} не имеет на это права: ${incident.id}`);

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
 */
async function askRelease(
  controller: ServerOptions['controller'],
  id: string,
  verb: Extract<Meant, { kind: 'release' }>['verb'],
  may: (permission: Permission, service: string) => boolean,
  by: string,
  from: Origin,
): Promise<Outcome> {
  const known = controller.release(id);
  if (!known) return refusal(`there is no release ${id} any more`, `выпуска ${id} больше нет`);
  const { release, service } = known;
  const needed = verb === 'rollback' ? (['release'] as const) : neededFor(release, verb);
  if (!needed.every((permission) => may(permission, service.name)))
    return refusal(`${by} may not ${verb} release ${id}`, `${by} не имеет права на ${verb} выпуска ${id}`);
  if (verb !== 'rollback') {
    // Asked in the same turn of the event loop as the verb is given, so both are about one state.
    const why = verbRefusal(service, id, verb, by, 'ru');
    const { done, said } = await controller.verb(id, verb, by, '', from);
    return { isDone: done, said: { en: said, ru: why ?? verbDoneRu(release, verb, by, '') } };
  }
  // The button stands under a message of then: what was released since is not what it means.
  if (service.stable?.release !== id || service.live || service.queued)
    return refusal(
      `${by} asks to take ${id} back, but something else was released since`,
      `${by} просит вернуть ${id}, но с тех пор выпущено другое`,
    );
  const { said } = await controller.rollback(service.name, null, by, `release ${id} is taken back`, from);
  return { isDone: true, said };
}

type Outcome = Omit<Came, 'asked' | 'language'>;

const did: Outcome = { isDone: true, said: { en: 'done', ru: 'сделано' } };

function refusal(en: string, ru: string): Outcome {
  return { isDone: false, said: { en, ru } };
}

function headersOf(headers: NodeJS.Dict<string | string[]>): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
}

function notTaken(): UserError {
  return new UserError('E_UNAUTHORIZED', 'nothing is taken from there', {
    where: 'signature',
    fix: 'see docs/guides/notifiers.md for how a receiver is to be set up',
  });
}
