import { openingNote } from '../incidents/fold.ts';
import { isOver } from '../incidents/severity.ts';
import type { Incident } from '../incidents/types.ts';
import type { Message, MessageEvent } from '../notifiers/notifier.ts';
import { textIn } from '../spec/text.ts';

/** What a message of an incident is made with. */
export type Writing = {
  readonly event: MessageEvent;
  /** Behind the incident's id: unique for what is told. */
  readonly about: string;
  readonly language: Message['language'];
  /** Whose clocks times are told by; null: UTC. */
  readonly timeZone: string | null;
  /** Base URL of the console, without a slash at the end; null: not known. */
  readonly consoleUrl: string | null;
  readonly atMs: number;
  /** By which people who type mean it; null: they cannot. */
  readonly code: string | null;
  /** What has just happened, in one sentence; empty: nothing beside what the incident is. */
  readonly news: string;
};

/** An incident as a receiver is told of it. Texts are plain; what came from outside is no markup. */
export function incidentMessage(incident: Incident, writing: Writing): Message {
  const { event, about, language, timeZone, consoleUrl, atMs, code, news } = writing;
  const { id, title, severity, service, attribution, person, actions, room, openedBy } = incident;
  const t = words[language];
  const last = actions.filter(({ outcome, kind }) => outcome !== null && kind !== 'verify').at(-1);
  // Nothing else says what it is about, before an alert of it comes.
  const opened = openedBy === null ? undefined : incident.notes.find((note) => note.id === openingNote);
  const lines = [
    news,
    incident.alerts.at(-1)?.said ?? (opened ? `${openedBy}: ${opened.text}` : ''),
    attribution?.said ?? '',
    last && last.said !== news ? `${t.tried}: ${last.said}` : '',
    person && !isOver(incident) ? `${t.why}: ${textIn(person.why, language)}` : '',
  ];
  return {
    key: `${id}/${about}`,
    thread: id,
    ...(code === null ? {} : { code }),
    event,
    severity,
    title,
    text: lines.filter((line) => line !== '').join('\n'),
    facts: [
      { label: t.incident, value: id },
      { label: t.alerts, value: `${incident.alertCount}` },
      ...(attribution?.release
        ? [{ label: t.release, value: `${attribution.release.version} (${attribution.release.id})` }]
        : []),
    ],
    links: [
      ...(consoleUrl === null ? [] : [{ text: t.open, href: incidentHref(id, consoleUrl) }]),
      ...(room?.state === 'open' && room.url !== null ? [{ text: t.room, href: room.url }] : []),
    ],
    actions: actionsOf(incident, event, language),
    source: service ?? 'rampart',
    atMs,
    language,
    ...(timeZone === null ? {} : { timeZone }),
  };
}

/** Its page in the console. */
export function incidentHref(id: string, consoleUrl: string): string {
  return `${consoleUrl}/incidents/${encodeURIComponent(id)}`;
}

function actionsOf(
  { state, attribution, service }: Incident,
  event: MessageEvent,
  language: Message['language'],
): Message['actions'] {
  if (event === 'resolve' || event === 'notice') return [];
  const t = words[language];
  const resolve = { verb: 'resolve', label: t.resolve, style: 'plain' } as const;
  const release = service === null ? null : (attribution?.release ?? null);
  return [
    ...(state === 'open' ? [{ verb: 'acknowledge', label: t.acknowledge, style: 'primary' } as const] : []),
    ...(release && state !== 'mitigated'
      ? [{ verb: 'rollback', label: `${t.rollback} ${release.version}`, style: 'danger' } as const]
      : []),
    resolve,
  ];
}

const words = {
  en: {
    incident: 'Incident',
    alerts: 'Alerts',
    release: 'Release',
    open: 'Open it in the console',
    room: 'War room',
    acknowledge: 'Acknowledge',
    resolve: 'Resolve',
    rollback: 'Roll back',
    tried: 'Tried by the machine',
    why: 'A person is needed',
  },
  ru: {
    incident: 'Инцидент',
    alerts: 'Тревог',
    release: 'Выпуск',
    open: 'Открыть в консоли',
    room: 'Канал инцидента',
    acknowledge: 'Принять',
    resolve: 'Завершить',
    rollback: 'Откатить',
    tried: 'Автоматика попробовала',
    why: 'Нужен человек',
  },
} as const;
