import { momentUtc } from '../analysis/figures.ts';
import type { Language } from '../analysis/sentence.ts';
import type { IncidentEvent } from '../incidents/events.ts';
import type { Incident, ResponderAction } from '../incidents/types.ts';
import { type Text, textIn } from '../spec/text.ts';
import { afterText } from './after-text.ts';

/** An incident in a list. Times are unix milliseconds. */
export type IncidentRow = Pick<
  Incident,
  | 'id'
  | 'title'
  | 'severity'
  | 'service'
  | 'state'
  | 'startedAtMs'
  | 'openedAtMs'
  | 'acknowledgedAtMs'
  | 'mitigatedAtMs'
  | 'resolvedAtMs'
  | 'ack'
  | 'alertCount'
  | 'firing'
> & {
  /** Id of the release that it is attributed to; null: none is in reach. */
  readonly release: string | null;
  /** What the machine has tried last; null: nothing. */
  readonly action: ResponderAction | null;
  /** Since when a person has to come, and why; null: the machine is at it, or has nothing to say about it. */
  readonly person: IncidentView['person'];
};

/** An incident as people and programs see it. */
export type IncidentView = Omit<Incident, 'response' | 'person' | 'escalation'> & {
  /** Since when a person has to come, and why; null: the machine is at it, or has nothing to say about it. */
  readonly person: { readonly atMs: number; readonly why: string } | null;
};

export function incidentView(incident: Incident, language: Language): IncidentView {
  const { response: _response, escalation: _escalation, person, ...rest } = incident;
  return { ...rest, person: personView(person, language) };
}

function personView(person: Incident['person'], language: Language): IncidentView['person'] {
  return person && { atMs: person.atMs, why: textIn(person.why, language) };
}

/** An incident as lists have it. */
export function incidentRow(incident: Incident, language: Language): IncidentRow {
  const { id, title, severity, service, state, startedAtMs, openedAtMs, acknowledgedAtMs, mitigatedAtMs, resolvedAtMs } =
    incident;
  const { ack, alertCount, firing, attribution, actions } = incident;
  const times = { startedAtMs, openedAtMs, acknowledgedAtMs, mitigatedAtMs, resolvedAtMs };
  return {
    ...{ id, title, severity, service, state, ...times, ack, alertCount, firing },
    release: attribution?.release?.id ?? null,
    action: actions.at(-1) ?? null,
    person: personView(incident.person, language),
  };
}

/** What an event of an incident says to people, in one sentence. */
export function incidentSaid(event: IncidentEvent & { readonly actor: string }, language: Language): string {
  return textIn(incidentText(event), language);
}

/** The same in every language. */
export function incidentText(event: IncidentEvent & { readonly actor: string }): Text {
  const { actor } = event;
  switch (event.kind) {
    case 'incident-opened': {
      const { title, severity, byHand, why } = event.data;
      return byHand
        ? withWhy({ en: `${severity} opened by ${actor}: ${title}`, ru: `${severity}, открыт вручную (${actor}): ${title}` }, why)
        : { en: `${severity} opened: ${title}`, ru: `${severity}, открыт: ${title}` };
    }
    case 'incident-alert-joined': {
      const { alerts } = event.data;
      const [first] = alerts;
      if (first && alerts.length === 1)
        return { en: `alert ${first.name}: ${first.said}`, ru: `тревога ${first.name}: ${first.said}` };
      const names = namesOf(alerts.map(({ name }) => name));
      return { en: `${alerts.length} alerts: ${names}`, ru: `тревог: ${alerts.length} (${names})` };
    }
    case 'incident-alert-changed': {
      const { alerts, names, isRecovering } = event.data;
      const which = countedNames(names ?? alerts.map(keyIn), alerts.length);
      return isRecovering
        ? { en: `recovering: ${which.en}`, ru: `восстанавливается: ${which.ru}` }
        : { en: `fires again: ${which.en}`, ru: `снова активно: ${which.ru}` };
    }
    case 'incident-alert-ended': {
      const { alerts, names } = event.data;
      const which = countedNames(names ?? alerts.map(({ id }) => keyIn(id)), alerts.length);
      return { en: `ended: ${which.en}`, ru: `завершилось: ${which.ru}` };
    }
    case 'incident-attributed':
      return event.data.attribution.said;
    case 'incident-severity-changed': {
      const { severity, byHand, why } = event.data;
      if (byHand) return withWhy({ en: `${severity}, set by ${actor}`, ru: `важность ${severity} (${actor})` }, why);
      return { en: `${severity} now, because of ${why}`, ru: `важность теперь ${severity}: ${why}` };
    }
    case 'incident-start-corrected': {
      const { startedAtMs, beforeMs, why } = event.data;
      const [now, before] = [momentUtc(startedAtMs), momentUtc(beforeMs)];
      return withWhy(
        { en: `began at ${now} UTC, not at ${before}, says ${actor}`, ru: `начало в ${now} UTC, а не в ${before} (${actor})` },
        why,
      );
    }
    case 'incident-acknowledged':
      return withWhy({ en: `acknowledged by ${actor}`, ru: `принят (${actor})` }, event.data.why);
    case 'incident-acknowledgement-ended': {
      const { said } = event.data;
      if (said !== undefined) return { en: `open again: ${textIn(said, 'en')}`, ru: `снова открыт: ${textIn(said, 'ru')}` };
      return { en: `open again: ${event.data.why}`, ru: `снова открыт: подтверждение истекло (${event.data.why})` };
    }
    case 'incident-mitigated':
    case 'incident-resolved':
    case 'incident-reopened':
      return withWhy(event.data.said, event.data.why);
    case 'incident-reviewed':
      return withWhy({ en: `reviewed by ${actor}`, ru: `разбор принят (${actor})` }, event.data.why);
    case 'incident-noted':
      return event.data.text;
    case 'incident-responding':
      return { en: 'the machine takes it up', ru: 'за дело берётся автоматика' };
    case 'incident-person-needed': {
      const { why } = event.data;
      return { en: `a person has to come: ${textIn(why, 'en')}`, ru: `нужен человек: ${textIn(why, 'ru')}` };
    }
    case 'incident-action-begun':
    case 'incident-action-ended':
      return event.data.said;
    case 'incident-policy-taken': {
      const { name } = event.data.policy;
      return { en: `policy ${name} says who is called`, ru: `кого звать, говорит политика ${name}` };
    }
    case 'incident-escalated':
      return event.data.said;
    case 'incident-told': {
      const { person, notifier, state, said } = event.data;
      const who = person === null ? notifier : `${person} (${notifier})`;
      const words = toldWords[state];
      const more = said === '' ? '' : `: ${said}`;
      return { en: `${who} ${words.en}${more}`, ru: `${who}: ${words.ru}${more}` };
    }
    case 'incident-room-opened': {
      const { name, said } = event.data;
      const more = said === '' ? '' : ` (${said})`;
      return { en: `war room #${name} opened${more}`, ru: `открыт канал инцидента #${name}${more}` };
    }
    case 'incident-room-failed': {
      const { said } = event.data;
      return { en: `no war room: ${said}`, ru: `канала инцидента нет: ${said}` };
    }
    case 'incident-room-archived':
      return { en: 'the war room was archived', ru: 'канал инцидента в архиве' };
    case 'incident-measured':
    case 'incident-diagnosed':
    case 'incident-learned':
    case 'incident-narration-asked':
    case 'incident-narrated':
    case 'incident-narration-failed':
    case 'incident-review-edited':
    case 'incident-action-item-set':
      return afterText(event);
  }
}

const toldWords = {
  queued: { en: 'is to be told', ru: 'сообщение в очереди' },
  delivered: { en: 'was told', ru: 'сообщение доставлено' },
  refused: { en: 'could not be told', ru: 'сообщение не принято' },
  cancelled: { en: 'is not told any more', ru: 'сообщение отменено' },
} as const;

const namesMax = 5;

/** What an alert is about; the moment in its id is that of the entry. */
function keyIn(id: string): string {
  return id.replace(/@\d+$/, '');
}

/** Different names, the first few of them. */
function namesOf(names: readonly string[]): string {
  const different = [...new Set(names)];
  return `${different.slice(0, namesMax).join(', ')}${different.length > namesMax ? ', …' : ''}`;
}

/** The same with how many alerts they stand for, where that is more than one. */
function countedNames(names: readonly string[], count: number): { readonly en: string; readonly ru: string } {
  const shown = namesOf(names);
  return count === 1 ? { en: shown, ru: shown } : { en: `${shown} (${count} alerts)`, ru: `${shown} (тревог: ${count})` };
}

function withWhy(said: Text, why: string): Text {
  if (why === '') return said;
  return { en: `${textIn(said, 'en')}: ${why}`, ru: `${textIn(said, 'ru')}: ${why}` };
}
