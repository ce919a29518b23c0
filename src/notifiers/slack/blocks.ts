import type { Message } from '../notifier.ts';
import { cut, lines, oneLine, webLinks } from '../texts.ts';
import { headline, isRated, momentText } from '../wording.ts';
import { escapedForSlack, slackSize } from './markup.ts';

/** A text that Slack shows as it is: no markup, no mention, no name of an emoji. */
type Plain = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
type Button = {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: Plain;
  readonly value?: string;
  readonly url?: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: { readonly title: Plain; readonly text: Plain; readonly confirm: Plain; readonly deny: Plain };
};
type Block =
  | { readonly type: 'header'; readonly text: Plain }
  | { readonly type: 'section'; readonly text: Plain }
  | { readonly type: 'section'; readonly fields: readonly Plain[] }
  | { readonly type: 'actions'; readonly elements: readonly Button[] }
  | { readonly type: 'context'; readonly elements: readonly Plain[] };

/** A message as Slack takes it, without where it goes. */
export type SlackContent = { readonly text: string; readonly mrkdwn: false; readonly blocks: readonly Block[] };

/** Longest texts, and most parts (reference of Block Kit). */
const max = {
  header: 150,
  section: 3_000,
  field: 2_000,
  button: 75,
  confirm: 300,
  fallback: 3_000,
  fields: 10,
  elements: 25,
  sections: 4,
  roomSections: 20,
};

/** Action of buttons that only open a page; Slack tells of those too. */
export const openAction = 'open-';

const words = {
  en: {
    sure: 'Are you sure?',
    yes: 'Yes',
    no: 'No',
    hint: 'What is written in this channel is noted in the incident. Also: !ack, !mitigate, !resolve, !reopen, !severity P1, !rollback',
  },
  ru: {
    sure: 'Вы уверены?',
    yes: 'Да',
    no: 'Нет',
    hint: 'Всё, что пишут в этом канале, попадает в заметки инцидента. А также: !ack, !mitigate, !resolve, !reopen, !severity P1, !rollback',
  },
} as const;

/**
 * The whole message.
 *
 * @param hasButtons - Whether what is pressed would be heard.
 */
export function slackContent(message: Message, hasButtons: boolean): SlackContent {
  const { severity, source, atMs, text, facts, timeZone } = message;
  const body = cut(lines(text), max.section);
  const fields = facts
    .slice(0, max.fields * max.sections)
    .map(({ label, value }) => plain(`${oneLine(label)}\n${oneLine(value)}`, max.field));
  const elements = [...(hasButtons ? verbButtons(message) : []), ...linkButtons(message)].slice(0, max.elements);
  const about = [...(isRated(message) ? [severity] : []), oneLine(source), momentText(atMs, timeZone)].filter(
    (part) => part !== '',
  );
  return {
    ...fallback(message),
    blocks: [
      { type: 'header', text: plain(headline(message), max.header) },
      ...(body === '' ? [] : [{ type: 'section', text: plain(body, max.section) } as const]),
      ...chunks(fields, max.fields).map((part) => ({ type: 'section', fields: part }) as const),
      ...(elements.length === 0 ? [] : [{ type: 'actions', elements } as const]),
      { type: 'context', elements: [plain(about.join(' · '), max.field)] },
    ],
  };
}

/** What is new, for the thread under the message. */
export function slackReply(message: Message): SlackContent {
  const body = cut(lines(message.text), max.section - max.header - 2);
  const said = [cut(headline(message), max.header), body].filter((part) => part !== '').join('\n\n');
  return { ...fallback(message), blocks: [{ type: 'section', text: plain(said, max.section) }] };
}

/**
 * The first message of a war room: how the incident stands.
 *
 * @param hears - Whether what is pressed and written there would be heard.
 */
export function roomContent(message: Message, hears: boolean): SlackContent {
  const content = slackContent(message, hears);
  if (!hears) return content;
  const hint = { type: 'context', elements: [plain(words[message.language].hint, max.field)] } as const;
  return { ...content, blocks: [...content.blocks, hint] };
}

/** What is new in a war room, a line for each. */
export function roomLines(given: readonly string[]): SlackContent {
  const each = given.map((line) => oneLine(line)).filter((line) => line !== '');
  const texts: string[] = [];
  for (const line of each.length === 0 ? ['–'] : each) {
    const last = texts.at(-1);
    const joined = last === undefined ? line : `${last}\n${line}`;
    if (last === undefined || joined.length > max.section) texts.push(cut(line, max.section));
    else texts[texts.length - 1] = joined;
  }
  const text = escapedForSlack(cut(each.join(' · '), max.fallback, slackSize)) || '–';
  const blocks = texts.slice(0, max.roomSections).map((one) => ({ type: 'section', text: plain(one, max.section) }) as const);
  return { text, mrkdwn: false, blocks };
}

/** What phones and screen readers say: Slack reads markup in it, so it is escaped, after it is cut. */
function fallback(message: Message): Pick<SlackContent, 'text' | 'mrkdwn'> {
  return { text: escapedForSlack(cut(headline(message), max.fallback, slackSize)), mrkdwn: false };
}

function verbButtons({ actions, thread, language, room }: Message): readonly Button[] {
  const { sure, yes, no } = words[language];
  const verbs = new Map(actions.map((action) => [action.verb, action]));
  return [...verbs.values()].map(({ verb, label, style }) => ({
    type: 'button',
    action_id: verb,
    text: plain(oneLine(label), max.button),
    value: room?.incident ?? thread,
    ...(style === 'plain' ? {} : { style }),
    ...(style === 'danger'
      ? {
          confirm: {
            title: plain(oneLine(label), max.button),
            text: plain(sure, max.confirm),
            confirm: plain(yes, 30),
            deny: plain(no, 30),
          },
        }
      : {}),
  }));
}

function linkButtons({ links }: Message): readonly Button[] {
  return webLinks(links).map(({ text, href }, at) => ({
    type: 'button',
    action_id: `${openAction}${at}`,
    text: plain(text, max.button),
    url: href,
  }));
}

/** Slack refuses empty texts. */
function plain(text: string, textMax: number): Plain {
  return { type: 'plain_text', text: cut(text.trim(), textMax) || '–', emoji: false };
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...chunks(items.slice(size), size)];
}
