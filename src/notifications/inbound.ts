import { acknowledgedForMs, type Verb } from '../incidents/asked.ts';
import { isOver } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { InboundVerb } from '../notifiers/notifier.ts';
import type { Verb as ReleaseVerb } from '../release/types.ts';
import type { PersonSpec } from '../spec/person.ts';
import { releaseOfThread } from './release-message.ts';

/** What a release is asked for by buttons. */
const releaseVerbs = ['approve', 'resume', 'retry', 'abort'] as const satisfies readonly ReleaseVerb[];

/** What a pressed button or a reply asks for, or why nothing follows from it. */
export type Meant =
  | { readonly kind: 'verb'; readonly person: PersonSpec; readonly incident: Incident; readonly verb: Verb }
  | { readonly kind: 'rollback'; readonly person: PersonSpec; readonly incident: Incident }
  | { readonly kind: 'release'; readonly person: PersonSpec; readonly release: string; readonly verb: ReleaseVerb | 'rollback' }
  | { readonly kind: 'nothing'; readonly why: string };

/**
 * What somebody has meant at a receiver. Who they are is said by the account, or the address, that their document has there; nobody else
 * asks for anything.
 *
 * @param notifier - Name of the Notifier document.
 * @param incidents - Newest last.
 */
export function meant(
  { person: account, thread, code, verb }: InboundVerb,
  notifier: string,
  people: readonly PersonSpec[],
  incidents: readonly Incident[],
): Meant {
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
    thread !== null
      ? incidents.find(({ id }) => id === thread)
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
