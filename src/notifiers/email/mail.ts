import { isCall, type Message } from '../notifier.ts';
import { cut, escaped, lines, webLinks } from '../texts.ts';
import { headline, shownFacts } from '../wording.ts';
import type { EmailConfig } from './schema.ts';

const subjectMax = 200;
const textMax = 20_000;
const lineMax = 1_000;
const partsMax = 50;

/** A message as nodemailer takes it. All headers are from here: nothing in a text becomes one. */
export function mailOf(message: Message, config: Pick<EmailConfig, 'from' | 'fromName' | 'to' | 'replyTo'>) {
  const { key, thread, event, severity, text, links, language, subscription } = message;
  const { from, fromName, to, replyTo } = config;
  const domain = from.slice(from.indexOf('@') + 1);
  const subject = cut(headline(message), subjectMax);
  const body = cut(lines(text), textMax);
  const facts = (subscription ? message.facts : shownFacts(message))
    .slice(0, partsMax)
    .map(({ label, value }) => ({ label: cut(label, lineMax), value: cut(value, lineMax) }));
  const shown = webLinks(links)
    .slice(0, partsMax)
    .map((link) => ({ ...link, text: cut(link.text, lineMax) }));
  // A root that is never sent: whichever mail of the thread comes first, the others stand beside it (as Alertmanager does).
  const root = `<${idOf(thread)}.root@${domain}>`;
  return {
    from: { name: fromName, address: from },
    to: { name: '', address: to },
    ...(replyTo === undefined ? {} : { replyTo }),
    subject,
    messageId: `<${idOf(key)}@${domain}>`,
    ...(event === 'notice' && !subscription ? {} : { inReplyTo: root, references: root }),
    ...(isCall(message) && severity === 'P0' ? { priority: 'high' as const } : {}),
    // So that nobody's notice of absence answers it (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', ...unsubscribing(subscription) },
    encoding: 'quoted-printable',
    text: plainText(subject, body, facts, shown),
    html: page(subject, body, facts, shown, language),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** RFC 2369, and RFC 8058 where the page is encrypted, as that demands: a mail program ends the subscription by one POST. */
function unsubscribing(subscription: Message['subscription']): Readonly<Record<string, string>> {
  const [link] = webLinks([{ text: '', href: subscription?.unsubscribe ?? '' }]);
  if (!link) return {};
  const oneClick = link.href.startsWith('https:') ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {};
  return { 'List-Unsubscribe': `<${link.href}>`, ...oneClick };
}

function plainText(subject: string, body: string, facts: Message['facts'], links: Message['links']): string {
  const parts = [
    subject,
    body,
    facts.map(({ label, value }) => `${label}: ${value}`).join('\n'),
    links.map(({ text, href }) => `${text}: ${href}`).join('\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** A key as the left part of a message id (RFC 5322, dot-atom). */
function idOf(key: string): string {
  return key.replace(/[^A-Za-z0-9_/.-]|^\.|\.(?=\.|$)/g, (sign) => `=${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}`);
}

function page(subject: string, body: string, facts: Message['facts'], links: Message['links'], language: string): string {
  const paragraphs = body
    .split('\n\n')
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${paragraph.split('\n').map(escaped).join('<br>')}</p>`);
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><td style="color:#666;padding:2px 16px 2px 0;vertical-align:top">${escaped(label)}</td><td style="padding:2px 0">${escaped(value)}</td></tr>`,
  );
  const anchors = links.map(({ text, href }) => `<a href="${escaped(href)}">${escaped(text)}</a>`);
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    '<body style="font-family:sans-serif;font-size:15px;line-height:1.5;color:#222">',
    `<h1 style="font-size:18px">${escaped(subject)}</h1>`,
    ...paragraphs,
    `<table style="border-collapse:collapse">${rows.join('\n')}</table>`,
    ...(anchors.length === 0 ? [] : [`<p>${anchors.join('<br>\n')}</p>`]),
    '</body></html>',
  ].join('\n');
}
