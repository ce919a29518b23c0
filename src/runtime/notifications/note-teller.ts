import { languageOf, receiversOf } from '../../incidents/escalation.ts';
import { messageId } from '../../notifications/keys.ts';
import { plannedMessage } from '../../notifications/release-message.ts';
import { plannedReaders, type Reader, type ReleaseFormOf } from '../../notifications/release-telling.ts';
import type { EndedMessage, OutboxState } from '../../notifications/types.ts';
import type { NotifyTarget } from '../../spec/escalation-policy.ts';
import type { IncidentSetup } from '../../spec/incident-setup.ts';
import { type Text, textIn } from '../../spec/text.ts';
import type { PlannedRelease } from '../../timeline/types.ts';
import type { Clock } from '../clock.ts';
import type { TellNote } from '../timeline/deeds.ts';
import type { OutboxKeeper } from './outbox-keeper.ts';
import type { MessagesRecorded } from './outbox-records.ts';

export type NoteTellerOptions = {
  readonly notifications: Pick<OutboxKeeper, 'tell'>;
  readonly messages: MessagesRecorded;
  /** With the people who are on call. */
  readonly setup: { readonly setup: IncidentSetup };
  readonly formOf: ReleaseFormOf;
  readonly consoleUrl: string | null;
  readonly clock: Clock;
};

/** Notes of timelines as messages: through the outbox, each once, and done when every receiver has answered. */
export function noteTeller(options: NoteTellerOptions): TellNote {
  const { notifications, messages, consoleUrl } = options;
  return async (planned, entry, to, signal) => {
    const readers = readersOf(options, planned, to);
    if (readers.length === 0) return to === null ? { ok: true, detail: noted } : { ok: false, detail: unreachable };
    const sinceMs = entry.state.kind === 'running' ? entry.state.sinceMs : planned.startMs;
    const asked = readers.map(({ receiver, person, language }, index) => {
      // Begun again by a person it is another message; begun again by the next controller it is the same.
      const key = `timeline/${planned.id}/${entry.id.replace('+', '_')}/${sinceMs.toString(36)}/${index}`;
      const note = { key, title: entry.title, time: entry.id, role: entry.role };
      const message = plannedMessage(planned, note, { language, consoleUrl, atMs: sinceMs });
      return { id: messageId(key, receiver, null), wish: { message, ...receiver, incident: null }, receiver, person };
    });
    for (const { wish } of asked) await notifications.tell(wish);
    const ended = await endsOf(
      messages,
      asked.map(({ id }) => id),
      signal,
    );
    signal.throwIfAborted();
    const said = asked.map(({ id, receiver, person }) => answerOf(receiver.notifier, person, ended.get(id)));
    const ok = asked.every(({ id }) => ended.get(id)?.state === 'delivered');
    return { ok, detail: { en: said.map(({ en }) => en).join('; '), ru: said.map(({ ru }) => ru).join('; ') } };
  };
}

function readersOf(
  { setup, formOf, consoleUrl, clock }: NoteTellerOptions,
  { service, spec }: PlannedRelease,
  to: readonly NotifyTarget[] | null,
): readonly Reader[] {
  const { people, schedules, releaseNotices } = setup.setup;
  const nowMs = clock.now();
  if (to === null) {
    const telling = { people, schedules, notices: releaseNotices?.tell ?? [], formOf, consoleUrl };
    return plannedReaders(service, spec.release.notify ?? [], telling, nowMs);
  }
  return receiversOf(to, { people, schedules }, nowMs).map(({ person, notifier, to: address }) => ({
    receiver: { notifier, to: address },
    person,
    language: languageOf(person, { people }),
  }));
}

/** Resolves when all of them are over, or the signal has come. */
async function endsOf(
  messages: MessagesRecorded,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, EndedMessage>> {
  const found = new Map<string, EndedMessage>();
  const look = ({ ended }: OutboxState): boolean => {
    for (const id of ids) {
      const one = found.has(id) ? undefined : ended.find((message) => message.id === id);
      if (one) found.set(id, one);
    }
    return found.size === ids.length;
  };
  await new Promise<void>((resolve) => {
    if (look(messages.state) || signal.aborted) return resolve();
    const deaf = messages.listen((_events, state) => {
      if (look(state)) done();
    });
    const done = (): void => {
      deaf();
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
  });
  return found;
}

function answerOf(notifier: string, person: string | null, ended: EndedMessage | undefined): { en: string; ru: string } {
  const said: Text = ended?.said ?? '';
  const isThere = ended?.state === 'delivered';
  const head = (word: string): string => `${person === null ? '' : `${person}, `}${notifier}: ${isThere ? '' : word}`;
  return { en: `${head('not delivered, ')}${textIn(said, 'en')}`, ru: `${head('не доставлено, ')}${textIn(said, 'ru')}` };
}

const noted = {
  en: 'noted here: nobody is told of what is planned for this service',
  ru: 'отмечено здесь: о планах для этого сервиса никому не сообщают',
};
const unreachable = {
  en: 'it reaches nobody: nobody is on call, or has no contact',
  ru: 'сообщать некому: никто не дежурит или нет контакта',
};
