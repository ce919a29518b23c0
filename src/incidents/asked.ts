import type { Origin } from '../access/types.ts';
import { momentUtc } from '../analysis/figures.ts';
import { UserError } from '../errors.ts';
import type { Text } from '../spec/text.ts';
import { acknowledgedForMsOf, outgrown } from './acknowledgement.ts';
import { unresolvedMax } from './decide.ts';
import type { IncidentEvent } from './events.ts';
import { type IncidentsState, startedMaxMs } from './fold.ts';
import { incidentId } from './incident-id.ts';
import { isOver } from './severity.ts';
import type { Incident, Severity } from './types.ts';

/** Asked again so soon for the same, it is the same. */
const sameMs = 60_000;

/** What comes of what a person asks: what is put on record, nothing when nothing changes; and what they are told. */
export type Answered = { readonly events: readonly IncidentEvent[]; readonly done: boolean; readonly said: Text };

/** Who asks, when, and what is noted of it. */
export type Asking = { readonly by: string; readonly why: string; readonly from?: Origin; readonly atMs: number };

/** What people ask of an incident. Pure and idempotent: asked again, it changes nothing and says so. */
export type Verb =
  /** `forMs` null: as long as the incident's policy says. */
  | { readonly kind: 'acknowledge'; readonly forMs: number | null }
  | { readonly kind: 'mitigate' | 'resolve' | 'reopen' | 'review' }
  | { readonly kind: 'severity'; readonly severity: Severity }
  /** When users were hurt first, unix milliseconds. */
  | { readonly kind: 'started'; readonly startedAtMs: number }
  /** `note`: its id; the same id again is the same note. */
  | { readonly kind: 'note'; readonly note: string; readonly text: string };

/** What comes on record when a person asks for it. */
export function asked(state: IncidentsState, incident: Incident, verb: Verb, asking: Asking): Answered {
  const { by, why, from, atMs } = asking;
  const data = { id: incident.id, why, ...(from ? { from } : {}) };
  if (verb.kind === 'note') return noted(incident, verb, data);
  if (verb.kind === 'reopen') return reopened(state, incident, data, by);
  if (verb.kind === 'review') return reviewed(incident, data);
  if (verb.kind === 'started') return started(incident, verb.startedAtMs, data);
  if (isOver(incident)) return ended(incident);
  switch (verb.kind) {
    case 'acknowledge': {
      const untilMs = atMs + (verb.forMs ?? acknowledgedForMsOf(incident));
      const before = incident.ack;
      const isHeld = before !== null && before.untilMs > atMs && incident.state !== 'open';
      if (isHeld && before.by === by && untilMs - before.untilMs < sameMs)
        return nothing({ en: `${by} has it already`, ru: `инцидент уже принят (${by})` });
      const taken = isHeld && before.by !== by ? before.by : null;
      const said =
        taken === null
          ? { en: `acknowledged by ${by}`, ru: `принят (${by})` }
          : { en: `${by} has taken it over from ${taken}`, ru: `${by} принимает инцидент от ${taken}` };
      return done({ kind: 'incident-acknowledged', data: { ...data, untilMs } }, said);
    }
    case 'mitigate': {
      if (incident.state === 'mitigated') return nothing({ en: 'it is mitigated already', ru: 'последствия уже устранены' });
      const said = { en: `${by} says that users are not hurt any more`, ru: `${by}: пользователи больше не страдают` };
      return done({ kind: 'incident-mitigated', data: { ...data, said } }, said);
    }
    case 'resolve': {
      const { firing } = incident;
      const said = { en: `resolved by ${by}`, ru: `завершён (${by})` };
      const told =
        firing === 0
          ? said
          : {
              en: `${said.en}, while ${firing === 1 ? 'an alert of it still fires' : `${firing} alerts of it still fire`}`,
              ru: `${said.ru}, хотя тревоги ещё активны: ${firing}`,
            };
      return done({ kind: 'incident-resolved', data: { ...data, said: told } }, told);
    }
    case 'severity': {
      const { severity } = verb;
      if (incident.severity === severity && incident.severityBy !== null)
        return nothing({ en: `it is ${severity} already`, ru: `важность уже ${severity}` });
      const said = { en: `${severity}, set by ${by}`, ru: `важность ${severity} (${by})` };
      const changed = done({ kind: 'incident-severity-changed', data: { ...data, severity, byHand: true } }, said);
      const ends = outgrown(incident, severity, by);
      if (ends.length === 0) return changed;
      // Of one that is mitigated, or that no policy calls anybody for, nobody is called.
      const isCalled = incident.escalation !== null && incident.state !== 'mitigated';
      const then = isCalled
        ? { en: 'people are called anew', ru: 'людей зовут заново' }
        : { en: `${incident.ack?.by} has it no more`, ru: `${incident.ack?.by} его больше не ведёт` };
      const told = { en: `${said.en}; ${then.en}`, ru: `${said.ru}; ${then.ru}` };
      return { ...changed, events: [...changed.events, ...ends], said: told };
    }
  }
}

type Given = { readonly id: string; readonly why: string; readonly from?: Origin };

function noted(incident: Incident, { note, text }: Verb & { kind: 'note' }, data: Given): Answered {
  if (incident.notes.some(({ id }) => id === note))
    return nothing({ en: 'the note is there already', ru: 'такая заметка уже есть' });
  return done({ kind: 'incident-noted', data: { ...data, note, text } }, { en: 'noted', ru: 'записано' });
}

function reopened(state: IncidentsState, incident: Incident, data: Given, by: string): Answered {
  if (incident.state === 'reviewed')
    return nothing({ en: 'its post-mortem was accepted: open another one', ru: 'разбор уже принят: откройте новый инцидент' });
  if (incident.state === 'open' || incident.state === 'acknowledged')
    return nothing({ en: 'it is not over', ru: 'он не завершён' });
  const other = [...state.incidents.values()].find((one) => one.key === incident.key && one.id !== incident.id && !isOver(one));
  if (other) return nothing({ en: `${other.id} is open for the same already`, ru: `по тому же поводу уже открыт ${other.id}` });
  const said = { en: `reopened by ${by}`, ru: `открыт снова (${by})` };
  return done({ kind: 'incident-reopened', data: { ...data, said } }, said);
}

/** @throws UserError `E_INPUT` for a moment that cannot be its beginning. */
function started(
  { id, state, startedAtMs: beforeMs, startedBy, openedAtMs }: Incident,
  startedAtMs: number,
  data: Given,
): Answered {
  if (state === 'reviewed') return nothing({ en: `the post-mortem of ${id} was accepted`, ru: `разбор ${id} уже принят` });
  if (startedAtMs > openedAtMs) throw noStart(`it was known of at ${momentUtc(openedAtMs)} UTC, so it had begun by then`);
  if (startedAtMs < openedAtMs - startedMaxMs)
    throw noStart(`it was known of at ${momentUtc(openedAtMs)} UTC, more than 30 days later`);
  if (startedAtMs === beforeMs && startedBy !== null) return nothing({ en: 'that is on record already', ru: 'так уже записано' });
  const said = { en: `it began at ${momentUtc(startedAtMs)} UTC`, ru: `начало: ${momentUtc(startedAtMs)} UTC` };
  return done({ kind: 'incident-start-corrected', data: { ...data, startedAtMs, beforeMs } }, said);
}

function noStart(what: string): UserError {
  return new UserError('E_INPUT', what, { where: 'startedAtMs', fix: 'give a moment before that, at most 30 days before' });
}

function reviewed(incident: Incident, data: Given): Answered {
  if (incident.state === 'reviewed') return nothing({ en: 'it is reviewed already', ru: 'разбор уже принят' });
  if (incident.state !== 'resolved') return nothing({ en: 'it is not over yet', ru: 'он ещё не завершён' });
  return done({ kind: 'incident-reviewed', data }, { en: 'reviewed', ru: 'разбор принят' });
}

function ended({ id, state }: Incident): Answered {
  return nothing(
    state === 'reviewed'
      ? { en: `${id} is over and reviewed`, ru: `${id} завершён, разбор принят` }
      : { en: `${id} is over; reopen it to go on`, ru: `${id} завершён; чтобы продолжить, откройте его снова` },
  );
}

function done(event: IncidentEvent, said: Text): Answered {
  return { events: [event], done: true, said };
}

function nothing(said: Text): Answered {
  return { events: [], done: false, said };
}

/** What a person opens by hand. */
export type Wanted = {
  readonly key: string;
  readonly policy: string | null;
  readonly title: string;
  readonly service: string | null;
  readonly severity: Severity;
  /** When users were hurt first, unix milliseconds; not after now. */
  readonly startedAtMs: number;
};

/**
 * What comes on record when a person opens an incident. Where one of the same service, or of the same title without a service, is not over,
 * that one is meant.
 *
 * @throws UserError `E_TOO_MANY` when more are open than anybody can look at.
 */
export function opening(state: IncidentsState, wanted: Wanted, asking: Asking): Answered & { readonly id: string } {
  const { by, why, from, atMs } = asking;
  const open = [...state.incidents.values()].filter((one) => !isOver(one));
  const there = open.find((one) => one.key === wanted.key || (wanted.service !== null && one.service === wanted.service));
  if (there) return { ...nothing({ en: `${there.id} is open already`, ru: `${there.id} уже открыт` }), id: there.id };
  if (open.length >= unresolvedMax)
    throw new UserError('E_TOO_MANY', `${open.length} incidents are open`, {
      where: 'incidents',
      fix: 'resolve some of them first',
    });
  const id = incidentId(state, wanted.service, atMs);
  const { startedAtMs, ...rest } = wanted;
  const data = {
    id,
    ...rest,
    startedAtMs: Math.min(startedAtMs, atMs),
    attribution: null,
    byHand: true,
    why,
    ...(from ? { from } : {}),
  };
  return { ...done({ kind: 'incident-opened', data }, { en: `${id} opened by ${by}`, ru: `${id} открыт (${by})` }), id };
}

/** There is no incident of a name. */
export function unknownIncident(id: string): UserError {
  return new UserError('E_UNKNOWN_INCIDENT', `there is no incident ${id}`, {
    where: 'incident',
    fix: 'see `rampart incidents` for those there are',
  });
}
