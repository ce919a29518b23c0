import type { Message } from '../notifier.ts';
import { cut, escaped, lines, webLinks } from '../texts.ts';
import { headline, shownFacts } from '../wording.ts';
import { pressedData } from './pressed.ts';

type Button = { readonly text: string; readonly callback_data: string };

/** What a message shows, with the markup of HTML mode. */
export type TelegramContent = {
  readonly text: string;
  readonly parse_mode: 'HTML';
  readonly link_preview_options: { readonly is_disabled: true };
  /** No row takes the buttons of the message before away. */
  readonly reply_markup: { readonly inline_keyboard: readonly (readonly Button[])[] };
};

/** Of a text as people see it, in UTF-16 units: markup does not count. */
const textMax = 4_096;
const max = { headline: 300, facts: 1_800, label: 64, value: 300, links: 800, link: 80, button: 40, buttons: 8, reply: 1_000 };

/**
 * A message as the Bot API takes it. Texts are cut first and escaped after: a tag that is cut in two is refused by Telegram.
 *
 * @param hasButtons - Whether what is pressed would be heard.
 */
export function telegramContent(message: Message, hasButtons: boolean): TelegramContent {
  const head = cut(headline(message), max.headline);
  const facts = within(
    shownFacts(message).map(({ label, value }) => ({ label: cut(label, max.label) || '–', value: cut(value, max.value) })),
    max.facts,
    ({ label, value }) => label.length + value.length + 3,
  );
  const links = within(
    webLinks(message.links).map(({ text, href }) => ({ text: cut(text, max.link), href })),
    max.links,
    ({ text }) => text.length + 1,
  );
  const used =
    head.length +
    sum(facts.map(({ label, value }) => label.length + value.length + 3)) +
    sum(links.map(({ text }) => text.length + 1)) +
    6;
  const body = cut(lines(message.text), textMax - used);
  return content(
    [
      `<b>${escaped(head)}</b>`,
      escaped(body),
      facts.map(({ label, value }) => `<b>${escaped(label)}:</b> ${escaped(value)}`).join('\n'),
      links.map(({ text, href }) => `<a href="${escaped(href)}">${escaped(text)}</a>`).join('\n'),
    ],
    hasButtons ? buttons(message) : [],
  );
}

/** What is new, as an answer to the message. */
export function telegramReply(message: Message): TelegramContent {
  return content([`<b>${escaped(cut(headline(message), max.headline))}</b>`, escaped(cut(lines(message.text), max.reply))], []);
}

function content(parts: readonly string[], rows: readonly (readonly Button[])[]): TelegramContent {
  return {
    text: parts.filter((part) => part !== '').join('\n\n'),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard: rows },
  };
}

/** Two in a row. One whose thread does not fit into what a button may carry is left out. */
function buttons({ actions, thread }: Message): readonly (readonly Button[])[] {
  const all = actions.slice(0, max.buttons).flatMap(({ verb, label }) => {
    const data = pressedData(verb, thread);
    return data === null ? [] : [{ text: cut(lines(label).replaceAll('\n', ' '), max.button) || verb, callback_data: data }];
  });
  return Array.from({ length: Math.ceil(all.length / 2) }, (_, at) => all.slice(2 * at, 2 * at + 2));
}

/** The first that have room together. */
function within<Item>(items: readonly Item[], sizeMax: number, sizeOf: (item: Item) => number): readonly Item[] {
  let size = 0;
  const at = items.findIndex((item) => {
    size += sizeOf(item);
    return size > sizeMax;
  });
  return at < 0 ? items : items.slice(0, at);
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
