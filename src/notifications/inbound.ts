import { acknowledgedForMsOf } from '../incidents/acknowledgement.ts';
import type { Verb } from '../incidents/asked.ts';
import { isOver, severities } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { InboundVerb } from '../notifiers/notifier.ts';
import type { Verb as ReleaseVerb } from '../release/types.ts';
import type { PersonSpec } from '../spec/person.ts';
import type { Text } from '../spec/text.ts';
import { roomNote } from './room-news.ts';
import { incidentOfThread, releaseOfThread } from './threads.ts';

/** What a release is asked for by buttons. */
const releaseVerbs = ['approve', 'resume', 'retry', 'abort'] as const satisfies readonly ReleaseVerb[];

/** What a pressed button or a reply asks for, or why nothing follows from it. */
export type Meant =
  | { readonly kind: 'verb'; readonly person: PersonSpec; readonly incident: Incident; readonly verb: Verb }
  | { readonly kind: 'rollback'; readonly person: PersonSpec; readonly incident: Incident }
  | { readonly kind: 'release'; readonly person: PersonSpec; readonly release: string; readonly verb: ReleaseVerb | 'rollback' }
  /** `why` null: it was never meant for us. */
  | { readonly kind: 'nothing'; readonly why: Text | null };

/**
 * What somebody has meant at a receiver. Who they are is said by the account, or the address, that their document has there; nobody else
 * asks for anything.
 *
 * @param notifier - Name of the Notifier document.
 * @param incidents - Newest last.
 */
export function meant(
  { id, person: account, thread, code, verb, text, room }: InboundVerb,
  notifier: string,
  people: readonly PersonSpec[],
  incidents: readonly Incident[],
): Meant {
  const inRoom =
    room === undefined ? null : incidents.findLast((one) => one.room?.channel === room && one.room.notifier === notifier);
  // The bot may be in other channels as well, and people may talk there.
  if (inRoom === undefined) return { kind: 'nothing', why: null };
  const person = people.find(
    ({ accounts, contacts }) =>
      accounts[notifier] === account || contacts.some((contact) => contact.notifier === notifier && contact.to === account),
  );
  if (!person) {
    const named = JSON.stringify(account.slice(0, 100));
    return nothing(`no person has an account ${named} at ${notifier}`, `в ${notifier} ни у кого нет учётной записи ${named}`);
  }
  const release = thread === null ? null : releaseOfThread(thread);
  if (release !== null) {
    const wanted = [...releaseVerbs, 'rollback' as const].find((one) => one === verb);
    return wanted
      ? { kind: 'release', person, release, verb: wanted }
      : nothing(`${verb} is nothing that a release can be asked for`, `${verb} — не то, о чём можно попросить выпуск`);
  }
  const incident =
    inRoom !== null
      ? inRoom
      : thread !== null
        ? incidents.find(({ id }) => id === incidentOfThread(thread))
        : code !== null
          ? incidents.findLast((one) => !isOver(one) && one.escalation?.code === code)
          : lastToldOf(person, notifier, incidents);
  if (!incident) {
    const named = thread ?? code;
    return named === null
      ? nothing(`${person.name} was told of nothing that is open`, `${person.name} не сообщали ни о чём, что ещё открыто`)
      : nothing(`there is no incident ${named}`, `нет инцидента ${named}`);
  }
  if (verb === 'acknowledge')
    return { kind: 'verb', person, incident, verb: { kind: 'acknowledge', forMs: acknowledgedForMsOf(incident) } };
  if (verb === 'resolve' || verb === 'mitigate' || verb === 'reopen')
    return { kind: 'verb', person, incident, verb: { kind: verb } };
  if (verb === 'note') return { kind: 'verb', person, incident, verb: { kind: 'note', note: roomNote(id), text } };
  if (verb === 'severity') {
    const severity = severities.find((one) => one === text);
    return severity
      ? { kind: 'verb', person, incident, verb: { kind: 'severity', severity } }
      : nothing(`${text} is no severity`, `${text} — не важность`);
  }
  if (verb === 'rollback')
    return isOver(incident)
      ? nothing(`${incident.id} is over`, `${incident.id} завершён`)
      : { kind: 'rollback', person, incident };
  return nothing(`${verb} is nothing that can be asked for there`, `${verb} — не то, о чём там можно попросить`);
}

function lastToldOf(person: PersonSpec, notifier: string, incidents: readonly Incident[]): Incident | undefined {
  const told = incidents
    .filter((incident) => !isOver(incident))
    .map((incident) => ({ incident, atMs: lastMs(incident, person.name, notifier) }))
    .filter(({ atMs }) => atMs > 0)
    .toSorted((a, b) => b.atMs - a.atMs);
  return told[0]?.incident;
}

function lastMs({ told }: Incident, person: string, notifier: string): number {
  return Math.max(0, ...told.filter((one) => one.person === person && one.notifier === notifier).map(({ atMs }) => atMs));
}

function nothing(en: string, ru: string): Meant {
  return { kind: 'nothing', why: { en, ru } };
}
