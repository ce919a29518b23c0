import type { Message, MessageEvent } from '../notifiers/notifier.ts';
import type { QueuedMessage } from './types.ts';

/** Lines of a bundle; the rest is a number. */
const linesMax = 20;
const titleMax = 150;

const order = { P0: 0, P1: 1, P2: 2 } as const;

/** What each line begins with, so that an end is not taken for a beginning. */
const words: Readonly<Record<MessageEvent, { readonly en: string; readonly ru: string }>> = {
  trigger: { en: '', ru: '' },
  update: { en: 'changed: ', ru: 'изменение: ' },
  acknowledge: { en: 'taken: ', ru: 'взято в работу: ' },
  resolve: { en: 'over: ', ru: 'закончилось: ' },
  notice: { en: '', ru: '' },
};

/**
 * One message for several that have to wait: the first one's title, how many more there are, and a line for each.
 *
 * @param messages - At least two for one receiver, the most urgent first.
 */
export function bundleOf(messages: readonly [QueuedMessage, ...QueuedMessage[]], atMs: number): Message {
  const [first] = messages;
  const { language, timeZone } = first.message;
  const more = messages.length - 1;
  const lines = messages.slice(0, linesMax).map(({ message }) => `${message.severity} ${lineOf(message, language)}`);
  const rest = messages.length - lines.length;
  const tail = rest === 0 ? [] : [language === 'ru' ? `и ещё ${rest}` : `and ${rest} more`];
  // The first one's number: a message is in at most one bundle, so no two bundles have the same key.
  const key = `bundle/${atMs}-${first.seq}`;
  const severities = messages.map(({ message }) => message.severity).sort((a, b) => order[a] - order[b]);
  return {
    key,
    thread: key,
    event: 'notice',
    ...(messages.some(({ message }) => message.event === 'trigger') ? { rings: true as const } : {}),
    severity: severities[0] ?? 'P2',
    title: `${lineOf(first.message, language)}${language === 'ru' ? ` и ещё ${more}` : `, and ${more} more`}`,
    text: [...lines, ...tail].join('\n'),
    facts: [],
    links: [],
    actions: [],
    source: new Set(messages.map(({ message }) => message.source)).size === 1 ? first.message.source : 'rampart',
    atMs,
    language,
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

function lineOf({ event, title }: Message, language: 'en' | 'ru'): string {
  return `${words[event][language]}${title.slice(0, titleMax)}`;
}
