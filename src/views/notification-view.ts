import type { SetupState } from '../incidents/setup.ts';
import { notifierAt } from '../incidents/setup.ts';
import { laneKey } from '../notifications/keys.ts';
import type { Wait } from '../notifications/turn.ts';
import type { EndedMessage, OutboxState, QueuedMessage } from '../notifications/types.ts';
import { textIn } from '../spec/text.ts';

type Language = 'en' | 'ru';

/** A configured receiver, and how it takes messages. Times are unix milliseconds. */
export type ReceiverView = {
  readonly name: string;
  readonly kind: string;
  /** Version of the setup that has brought its configuration. */
  readonly revision: number;
  /** Failed sendings in a row. */
  readonly failures: number;
  /** Nothing is sent before; null: it is not paused. */
  readonly pausedUntilMs: number | null;
  /** What it said last that was no yes; null: it takes messages. */
  readonly problem: string | null;
  readonly waiting: number;
  readonly lastSentAtMs: number | null;
};

/** A message at one receiver. */
export type MessageView = {
  readonly id: string;
  readonly key: string;
  readonly thread: string;
  readonly event: string;
  readonly severity: string;
  readonly title: string;
  readonly notifier: string;
  readonly to: string | null;
  readonly incident: string | null;
  readonly state: 'waiting' | 'under-way' | EndedMessage['state'];
  readonly queuedAtMs: number;
  readonly endedAtMs: number | null;
  readonly attempts: number;
  /** Why it waits, or what became of it. */
  readonly said: string;
  /** When it is sent next, where that is known. */
  readonly nextMs: number | null;
  /** The message that tells of it together with others; null: it is told by itself. */
  readonly bundle: string | null;
};

/** A message about an incident, for whoever may see that: numbers and chats of people are for whoever may see all messages. */
export type IncidentMessageView = Omit<MessageView, 'id' | 'to' | 'thread' | 'incident' | 'bundle'> & {
  /** Whether it is told in one message with others. */
  readonly isBundled: boolean;
};

/** A receiver that still shows something as open which has ended. */
export type HandOverView = {
  readonly notifier: string;
  readonly to: string | null;
  readonly thread: string;
  readonly incident: string | null;
  readonly title: string;
  readonly atMs: number;
  readonly why: string;
};

const waitTexts: Readonly<Record<Wait['kind'], { readonly en: string; readonly ru: string }>> = {
  'under-way': { en: 'it is being sent', ru: 'отправляется' },
  behind: { en: 'another message of its thread comes first', ru: 'сначала другое сообщение этой ветки' },
  busy: {
    en: 'as many as may be are being sent to this receiver',
    ru: 'этому получателю уже отправляется столько, сколько можно',
  },
  quiet: {
    en: 'the alerts of its incident are silenced, muted or inhibited now',
    ru: 'тревоги его инцидента сейчас заглушены или подавлены',
  },
  retry: { en: 'it is tried again', ru: 'будет новая попытка' },
  paused: { en: 'the receiver takes nothing now', ru: 'получатель сейчас ничего не принимает' },
  throttled: { en: 'the receiver takes no more in a minute', ru: 'больше в минуту получатель не принимает' },
};

/** Every receiver that is configured, by name, as it is at a moment. */
export function receiverViews(setup: SetupState, outbox: OutboxState, nowMs: number): readonly ReceiverView[] {
  const waiting = Map.groupBy(outbox.pending.values(), ({ notifier }) => notifier);
  return [...setup.current]
    .map(([name, revision]): ReceiverView => {
      const lane = outbox.lanes.get(laneKey(name, revision));
      return {
        name,
        kind: notifierAt(setup, name, revision)?.receiver.kind ?? '',
        revision,
        failures: lane?.failures ?? 0,
        pausedUntilMs: lane && lane.pausedUntilMs > nowMs ? lane.pausedUntilMs : null,
        problem: lane?.problem ?? null,
        waiting: waiting.get(name)?.length ?? 0,
        lastSentAtMs: lane?.sentAtMs.at(-1) ?? null,
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * What waits, oldest first, then what is over, newest first.
 *
 * @param incident - Only those of this one; null: all.
 */
export function messageViews(
  outbox: OutboxState,
  waits: ReadonlyMap<string, Wait>,
  language: Language,
  incident: string | null = null,
): readonly MessageView[] {
  const isAsked = (one: { readonly incident: string | null }): boolean => incident === null || one.incident === incident;
  const waiting = [...outbox.pending.values()]
    .sort((a, b) => a.seq - b.seq)
    .flatMap((carrier) => [
      ...[carrier].filter(isAsked).map((one) => waitingView(one, waits.get(carrier.id), null, language)),
      ...(carrier.members ?? []).filter(isAsked).map((part) => waitingView(part, waits.get(carrier.id), carrier.id, language)),
    ]);
  return [...waiting, ...outbox.ended.filter(isAsked).map((one) => endedView(one, language))];
}

/** The same of one incident. */
export function incidentMessages(
  outbox: OutboxState,
  waits: ReadonlyMap<string, Wait>,
  language: Language,
  incident: string,
): readonly IncidentMessageView[] {
  return messageViews(outbox, waits, language, incident).map(
    ({ id: _id, to: _to, thread: _thread, incident: _incident, bundle, ...message }) => ({
      ...message,
      isBundled: bundle !== null,
    }),
  );
}

/** Who has to end something by hand, newest first. */
export function handOverViews({ handedOver }: OutboxState, language: Language): readonly HandOverView[] {
  return handedOver.map(({ notifier, to, thread, incident, title, atMs, why }) => ({
    notifier,
    to,
    thread,
    incident,
    title,
    atMs,
    why: textIn(why, language),
  }));
}

function common({
  id,
  message,
  notifier,
  to,
  incident,
  queuedAtMs,
  attempts,
}: Omit<EndedMessage, 'state' | 'endedAtMs' | 'said' | 'bundle'>) {
  const { key, thread, event, severity, title } = message;
  return { id, key, thread, event, severity, title, notifier, to, incident, queuedAtMs, attempts };
}

function waitingView(queued: QueuedMessage, wait: Wait | undefined, bundle: string | null, language: Language): MessageView {
  const why = wait === undefined ? '' : waitTexts[wait.kind][language];
  return {
    ...common(queued),
    state: wait?.kind === 'under-way' ? 'under-way' : 'waiting',
    endedAtMs: null,
    said: [why, queued.said ?? ''].filter((text) => text !== '').join(': '),
    nextMs: wait !== undefined && 'untilMs' in wait ? wait.untilMs : null,
    bundle,
  };
}

function endedView(ended: EndedMessage, language: Language): MessageView {
  const { state, endedAtMs, bundle } = ended;
  return { ...common(ended), state, endedAtMs, said: textIn(ended.said, language), nextMs: null, bundle };
}

/** One message that is over, in the form of the API. */
export const endedMessageView = endedView;
