import type { Message, MessageEvent, ReleaseAbout } from '../notifiers/notifier.ts';
import type { ReleaseNews, ReleaseNewsKind } from '../release/news.ts';
import type { NoticeEvent } from '../spec/release-notices.ts';
import { type Text, textIn } from '../spec/text.ts';
import { releaseThread } from './threads.ts';

type Language = Message['language'];

/** What of a release a piece of news is told as. */
export const eventOf: Readonly<Record<ReleaseNewsKind, NoticeEvent>> = {
  planned: 'planned',
  started: 'started',
  step: 'step',
  held: 'held',
  resumed: 'held',
  'rolling-back': 'rolled-back',
  'back-failing': 'failed',
  'rolled-back': 'rolled-back',
  succeeded: 'succeeded',
  failed: 'failed',
};

/** Whether somebody should look now: then a phone may ring. */
export function isUrgent(kind: ReleaseNewsKind): boolean {
  return kind === 'held' || kind === 'rolling-back' || kind === 'back-failing';
}

/** What goes first, and which contacts of a person it is for. */
export function noticeSeverity(kind: ReleaseNewsKind): Message['severity'] {
  return isUrgent(kind) || kind === 'rolled-back' || kind === 'failed' ? 'P1' : 'P2';
}

export type Writing = {
  readonly event: MessageEvent;
  /** Unique for what is told: position of its event in the log. */
  readonly about: string;
  readonly language: Language;
  /** Base URL of the console, without a slash at the end; null: not known. */
  readonly consoleUrl: string | null;
  readonly atMs: number;
  /** How often it has changed between held and not without anybody being told. */
  readonly untold: number;
};

/** A release as a receiver is told of it. Texts are plain; what came from outside is no markup. */
export function releaseMessage(service: string, news: ReleaseNews, writing: Writing): Message {
  const { event, about, language, consoleUrl, atMs, untold } = writing;
  const { kind, release, version, stable, by, why, step, steps, end } = news;
  const t = words[language];
  const thread = releaseThread(release);
  const said = textIn(news.said, language);
  const command = commandOf(service, news);
  const facts: readonly (readonly [label: string, value: string | null])[] = [
    [t.release, release],
    [t.stable, stable],
    [t.by, why === '' ? by : `${by}: ${why}`],
    [t.step, step === null ? null : `${step} ${t.of} ${steps}`],
    [t.requests, end && end.candidateRequests > 0 ? `${end.candidateRequests}, ${t.failed} ${end.failedRequests}` : null],
    [t.safe, end?.secondsToSafety == null ? null : `${end.secondsToSafety} ${t.seconds}`],
    [t.command, command],
  ];
  return {
    key: `${thread}/${about}`,
    thread,
    event,
    severity: noticeSeverity(kind),
    title: titleOf(service, version, news, language),
    text: [kind === 'step' ? '' : sentence(said), untold === 0 ? '' : t.untold(untold)].filter((line) => line !== '').join('\n'),
    facts: facts.flatMap(([label, value]) => (value === null ? [] : [{ label, value }])),
    links: consoleUrl === null ? [] : [{ text: t.open, href: `${consoleUrl}/releases/${encodeURIComponent(release)}` }],
    actions: actionsOf(news, language),
    source: service,
    atMs,
    language,
    release: aboutOf(news),
  };
}

/** A note of the timeline of a planned release. */
export function plannedMessage(
  planned: {
    readonly id: string;
    readonly service: string;
    readonly version: string;
    readonly by: string;
    readonly startMs: number;
  },
  note: { readonly key: string; readonly title: Text; readonly time: string; readonly role: string },
  { language, consoleUrl, atMs }: Pick<Writing, 'language' | 'consoleUrl' | 'atMs'>,
): Message {
  const { service, version, startMs } = planned;
  const t = words[language];
  return {
    key: note.key,
    thread: note.key,
    event: 'notice',
    severity: 'P2',
    title: `${service} ${version}: ${textIn(note.title, language)}`,
    text: '',
    facts: [
      { label: t.start, value: `${new Date(startMs).toISOString().slice(0, 16).replace('T', ' ')} UTC` },
      { label: t.note, value: note.time },
      { label: t.role, value: note.role },
      { label: t.by, value: planned.by },
    ],
    links: consoleUrl === null ? [] : [{ text: t.openService, href: `${consoleUrl}/services/${encodeURIComponent(service)}` }],
    actions: [],
    source: service,
    atMs,
    language,
    release: { id: null, version, stable: null, news: 'planned', step: null, steps: 0, isRestore: false },
  };
}

function aboutOf({ release, version, stable, kind, step, steps, strategy }: ReleaseNews): ReleaseAbout {
  return { id: release, version, stable, news: kind, step, steps, isRestore: strategy === 'restore' };
}

function titleOf(service: string, version: string, { kind, step, steps, said, verbs }: ReleaseNews, language: Language): string {
  const t = words[language];
  const name = `${service} ${version}`;
  if (kind === 'step') return `${name}: ${t.stepHead} ${step ?? '–'} ${t.of} ${steps}, ${said[language]}`;
  if (kind === 'held') return `${name} ${verbs.includes('approve') ? t.asks : t.held}`;
  return `${name} ${t.titles[kind]}`;
}

/** What a person types where there are no buttons. */
function commandOf(service: string, { kind, verbs }: ReleaseNews): string | null {
  const [first] = verbs;
  if (kind !== 'held' && kind !== 'back-failing') return null;
  return first === undefined ? null : `rampart ${first} ${service}`;
}

function actionsOf({ kind, verbs, version, end, step }: ReleaseNews, language: Language): Message['actions'] {
  const t = words[language];
  if (kind === 'succeeded')
    return end?.hasWayBack ? [{ verb: 'rollback', label: `${t.rollback} ${version}`, style: 'danger' }] : [];
  return verbs.map((verb) => {
    // It has not begun, or its traffic is back and its database waits for somebody to decide.
    const isAtNoStep = verb === 'abort' && step === null && kind === 'held';
    const label = isAtNoStep ? (verbs.includes('approve') ? t.refuse : t.leave) : t.verbs[verb];
    return { verb, label, style: verb === 'abort' ? 'danger' : verb === 'approve' || verb === 'resume' ? 'primary' : 'plain' };
  });
}

function sentence(text: string): string {
  const whole = text.trim();
  return whole === '' || /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

const words = {
  en: {
    release: 'Release',
    stable: 'In place of',
    by: 'Asked for by',
    step: 'Step',
    of: 'of',
    requests: 'Requests to the new version',
    failed: 'failed:',
    safe: 'Until all were safe',
    seconds: 's',
    command: 'Command',
    open: 'Open it in the console',
    openService: 'Open the service in the console',
    stepHead: 'step',
    asks: 'waits for an approval',
    held: 'is held',
    rollback: 'Roll back',
    refuse: 'Do not release',
    leave: 'Leave the database as it is',
    start: 'Start',
    note: 'Note of',
    role: 'Answers for it',
    untold: (count: number) => `It was held and went on ${count} more times since the last message.`,
    verbs: {
      approve: 'Approve',
      resume: 'Go on',
      abort: 'Take it back',
      retry: 'Try again',
      pause: 'Pause',
      promote: 'All requests',
    },
    titles: {
      planned: 'is planned',
      started: 'is being released',
      resumed: 'goes on',
      'rolling-back': 'is taken back',
      'back-failing': 'does not go back',
      'rolled-back': 'was rolled back',
      succeeded: 'is released',
      failed: 'is not released',
    },
  },
  ru: {
    release: 'Выпуск',
    stable: 'Вместо',
    by: 'Запросил',
    step: 'Шаг',
    of: 'из',
    requests: 'Запросов к новой версии',
    failed: 'с ошибкой:',
    safe: 'До полной безопасности',
    seconds: 'с',
    command: 'Команда',
    open: 'Открыть в консоли',
    openService: 'Открыть сервис в консоли',
    stepHead: 'шаг',
    asks: 'ждёт одобрения',
    held: 'приостановлен',
    rollback: 'Откатить',
    refuse: 'Не выпускать',
    leave: 'Оставить базу данных как есть',
    start: 'Начало',
    note: 'Пункт',
    role: 'Отвечает',
    untold: (count: number) => `С прошлого сообщения выпуск приостанавливался и продолжался ещё ${count} раз.`,
    verbs: {
      approve: 'Одобрить',
      resume: 'Продолжить',
      abort: 'Откатить',
      retry: 'Повторить',
      pause: 'Приостановить',
      promote: 'Весь трафик',
    },
    titles: {
      planned: 'запланирован',
      started: 'выпускается',
      resumed: 'продолжает выпуск',
      'rolling-back': 'откатывается',
      'back-failing': 'не удаётся откатить',
      'rolled-back': 'откачен',
      succeeded: 'выпущен',
      failed: 'не выпущен',
    },
  },
} as const;
