import { fingerprint } from '../alerts/fingerprint.ts';
import { isOver } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { Message, MessageEvent, RoomPolicy, RoomTask } from '../notifiers/notifier.ts';
import { type Text, textIn } from '../spec/text.ts';
import { incidentHref, incidentMessage } from './incident-message.ts';
import { roomThread } from './threads.ts';

/** Lines of one message; the rest is in the console. */
const linesMax = 100;
const lineMax = 1_500;
/** Longest name: what a receiver puts behind it has room. */
const nameMax = 60;

export type RoomWriting = {
  readonly number: number;
  readonly about: string;
  readonly event: MessageEvent;
  readonly policy: RoomPolicy;
  /** Base URL of the console, without a slash at the end; null: not known. */
  readonly consoleUrl: string | null;
  readonly nowMs: number;
};

/** What is said of the incident as it is, for its room alone. */
export function roomMessage(
  incident: Incident,
  room: RoomTask,
  { number, about, event, policy, consoleUrl, nowMs }: RoomWriting,
): Message {
  const { id, escalation } = incident;
  const message = incidentMessage(incident, {
    event: shownAs(incident),
    about: `room/${number}/${about}`,
    language: policy.language,
    timeZone: null,
    consoleUrl,
    atMs: nowMs,
    code: escalation?.code ?? null,
    news: '',
  });
  const links = message.links.filter(({ href }) => href !== incident.room?.url);
  const isHurting = incident.state === 'open' || incident.state === 'acknowledged';
  const mitigate = { verb: 'mitigate', label: words[policy.language].mitigate, style: 'plain' } as const;
  const actions = isHurting ? [...message.actions, mitigate] : message.actions;
  return { ...message, links, actions, thread: roomThread(id, number), event, room };
}

/** That a room is archived. The incident may not be kept in mind any more. */
export function archiveMessage(incident: string, number: number, { language }: RoomPolicy, nowMs: number): Message {
  const thread = roomThread(incident, number);
  return {
    key: `${thread}/archive-${nowMs.toString(36)}`,
    thread,
    event: 'resolve',
    severity: 'P2',
    title: words[language].archive,
    text: '',
    facts: [],
    links: [],
    actions: [],
    source: 'rampart',
    atMs: nowMs,
    language,
    room: { incident, number, kind: 'archive' },
  };
}

/** How the incident stands, as the first message of its room shows it. */
export function shownAs(incident: Incident): MessageEvent {
  if (isOver(incident)) return 'resolve';
  if (incident.state === 'mitigated') return 'update';
  return incident.state === 'acknowledged' ? 'acknowledge' : 'trigger';
}

const words = {
  en: {
    open: 'nobody has it yet',
    acknowledged: 'taken by',
    mitigated: 'mitigated',
    resolved: 'resolved',
    reviewed: 'reviewed',
    mitigate: 'Mitigated',
    purpose: 'War room of incident',
    more: 'and more:',
    archive: 'the war room is archived',
  },
  ru: {
    open: 'ещё никто не взял',
    acknowledged: 'принят:',
    mitigated: 'последствия устранены',
    resolved: 'завершён',
    reviewed: 'разобран',
    mitigate: 'Последствия устранены',
    purpose: 'Канал инцидента',
    more: 'и ещё:',
    archive: 'канал инцидента уходит в архив',
  },
} as const;

/** How bad it is, how it stands, who has it, what it is, and where all of it is. */
export function topicOf(incident: Incident, { language }: RoomPolicy, consoleUrl: string | null): string {
  const { id, severity, state, ack, title } = incident;
  const t = words[language];
  const by = ack === null || isOver(incident) ? '' : ack.by;
  const how = state === 'acknowledged' ? `${t.acknowledged} ${by}` : `${t[state]}${by === '' ? '' : `, ${t.acknowledged} ${by}`}`;
  const link = consoleUrl === null ? id : incidentHref(id, consoleUrl);
  // The link stands before what may be cut off.
  return `${severity} · ${how} · ${link} · ${title}`;
}

/** By it a room that was made is known again. */
export function purposeOf(id: string, { language }: RoomPolicy, consoleUrl: string | null): string {
  return `${words[language].purpose} ${id}${consoleUrl === null ? '' : `: ${incidentHref(id, consoleUrl)}`}`;
}

/** The incident's id, shortened in the middle where it is too long: its day and number stay, and a sum of all of it tells it from others. */
export function roomName(prefix: string, id: string): string {
  const name = `${prefix}${id}`.toLowerCase().replace(/[^a-z0-9_-]/g, '-');
  if (name.length <= nameMax) return name;
  const end = /-\d{8}-\d+$/.exec(name)?.[0] ?? '';
  const tail = `-${fingerprint({ id }).slice(0, 8)}${end}`;
  return `${name.slice(0, nameMax - tail.length)}${tail}`;
}

/** What is new, as one message has room for it. */
export function roomTextLines(lines: readonly Text[], language: Message['language']): readonly string[] {
  const shown = lines.slice(0, linesMax).map((line) => textIn(line, language).slice(0, lineMax));
  const rest = lines.length - shown.length;
  return rest === 0 ? shown : [...shown, `${words[language].more} ${rest}`];
}
