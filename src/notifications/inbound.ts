import { acknowledgedForMs, type Verb } from '../incidents/asked.ts';
import { isOver, severities } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { InboundVerb } from '../notifiers/notifier.ts';
import type { Verb as ReleaseVerb } from '../release/types.ts';
import type { PersonSpec } from '../spec/person.ts';
import { roomNote } from './room-news.ts';
import { incidentOfThread, releaseOfThread } from './threads.ts';

/** What a release is asked for by buttons. */
const releaseVerbs = ['approve', 'resume', 'retry', 'abort'] as const satisfies readonly ReleaseVerb[];

/** What a pressed button or a reply asks for, or why nothing follows from it. */
export type Meant =
  | { readonly kind: 'verb'; readonly person: PersonSpec; readonly incident: Incident; readonly verb: Verb }
  | { readonly kind: 'rollback'; readonly person: PersonSpec; readonly incident: Incident }
  | { readonly kind: 'release'; readonly person: PersonSpec; readonly release: string; readonly verb: ReleaseVerb | 'rollback' }
  /** `why` empty: it was never meant for us. */
  | { readonly kind: 'nothing'; readonly why: string };

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
  if (inRoom === undefined) return nothing('');
  const person = people.find(
    ({ accounts, contacts }) =>
      accounts[notifier] === account || contacts.some((contact) => contact.notifier === notifier && contact.to === account),
  );
  if (!person) return nothing(`no person has an account ${JSON.stringify(account.slice(0, 100))} at ${notifier}`);
  const release = thread === null ? null : releaseOfThread(thread);
  if (release !== null) {
    const wanted = [...releaseVerbs, 'rollback' as const].find((one) => one === verb);
    return wanted
      ? { kind: 'release', person, release, verb: wanted }
      : nothing(`${verb} is nothing that a release can be asked for`);
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
    return nothing(named === null ? `${person.name} was told of nothing that is open` : `there is no incident ${named}`);
  }
  const forMs = incident.escalation?.policy.acknowledge.expiresMs[incident.severity] ?? acknowledgedForMs;
  if (verb === 'acknowledge') return { kind: 'verb', person, incident, verb: { kind: 'acknowledge', forMs } };
  if (verb === 'resolve' || verb === 'mitigate' || verb === 'reopen')
    return { kind: 'verb', person, incident, verb: { kind: verb } };
  if (verb === 'note') return { kind: 'verb', person, incident, verb: { kind: 'note', note: roomNote(id), text } };
  if (verb === 'severity') {
    const severity = severities.find((one) => one === text);
    return severity
      ? { kind: 'verb', person, incident, verb: { kind: 'severity', severity } }
      : nothing(`${text} is no severity`);
  }
  if (verb === 'rollback') return isOver(incident) ? nothing(`${incident.id} is over`) : { kind: 'rollback', person, incident };
  return nothing(`${verb} is nothing that can be asked for there`);
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

function nothing(why: string): Meant {
  return { kind: 'nothing', why };
}
