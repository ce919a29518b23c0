import type { Language } from '../../analysis/sentence.ts';
import { type Text, textIn } from '../../spec/text.ts';
import { escaped } from '../report-text/escaped.ts';
import { momentText } from './moment.ts';
import { maintenanceTitle, type StatusPageView } from './page-view.ts';
import { statusWords } from './words.ts';

/** Incidents in a feed at most. */
const entriesMax = 50;

/** Published incidents and maintenance as an Atom feed (RFC 4287): one entry for each, whose content are its updates, the newest first. */
export function atomFeed(view: StatusPageView, language: Language): string {
  const self = `${view.url}/history.atom`;
  const entries = entriesOf(view, language).map(
    ({ link, title, publishedAtMs, changedAtMs, content }) => `<entry>
<id>${text(link)}</id>
<title>${text(title)}</title>
<link rel="alternate" type="text/html" href="${text(link)}"/>
<published>${iso(publishedAtMs)}</published>
<updated>${iso(changedAtMs)}</updated>
<content type="html">${text(content)}</content>
</entry>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language}">
<id>${text(view.url)}</id>
<title>${text(titleOf(view, language))}</title>
<link rel="self" type="application/atom+xml" href="${text(self)}"/>
<link rel="alternate" type="text/html" href="${text(view.url)}"/>
<updated>${iso(view.updatedAtMs)}</updated>
<author><name>${text(textIn(view.page.title, language))}</name></author>
${entries.join('\n')}
</feed>
`;
}

/** The same as RSS 2.0. */
export function rssFeed(view: StatusPageView, language: Language): string {
  const items = entriesOf(view, language).map(
    ({ link, title, changedAtMs, content }) => `<item>
<title>${text(title)}</title>
<link>${text(link)}</link>
<guid isPermaLink="true">${text(link)}</guid>
<pubDate>${new Date(changedAtMs).toUTCString()}</pubDate>
<description>${text(content)}</description>
</item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${text(titleOf(view, language))}</title>
<link>${text(view.url)}</link>
<description>${text(titleOf(view, language))}</description>
<language>${language}</language>
<lastBuildDate>${new Date(view.updatedAtMs).toUTCString()}</lastBuildDate>
<atom:link rel="self" type="application/rss+xml" href="${text(`${view.url}/history.rss`)}"/>
${items.join('\n')}
</channel>
</rss>
`;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function titleOf({ page }: StatusPageView, language: Language): string {
  return `${textIn(page.title, language)}: ${statusWords[language].status}`;
}

type Entry = {
  readonly link: string;
  readonly title: string;
  readonly publishedAtMs: number;
  readonly changedAtMs: number;
  /** HTML: it is escaped once as HTML here, and once more where it is put into the feed. */
  readonly content: string;
};

/** What changed last comes first. */
function entriesOf(view: StatusPageView, language: Language): readonly Entry[] {
  const words = statusWords[language];
  const posts = view.posts.slice(0, entriesMax).map(
    (post): Entry => ({
      link: `${view.url}/i/${post.id}`,
      title: textIn(post.title, language),
      publishedAtMs: post.publishedAtMs ?? post.startedAtMs,
      changedAtMs: post.updates.at(-1)?.atMs ?? post.startedAtMs,
      content: updatesOf(
        post.updates.map(({ state, ...update }) => ({ ...update, word: words.post[state] })),
        language,
      ),
    }),
  );
  const works = view.maintenances.slice(-entriesMax).map((one): Entry => {
    const moments = `${momentText(one.fromMs, view.page.timeZone, language)} – ${momentText(one.untilMs, view.page.timeZone, language)}`;
    const updates = one.updates.map(({ state, ...update }) => ({ ...update, word: words.maintenance[state] }));
    return {
      link: `${view.url}/i/${one.id}`,
      title: `${words.maintenanceOf}: ${maintenanceTitle(view, one, language)}`,
      publishedAtMs: one.plannedAtMs,
      changedAtMs: one.updatedAtMs,
      content: `<p>${escaped(moments)}. ${escaped(words.maintenance[one.state])}.</p>${updatesOf(updates, language)}`,
    };
  });
  return [...posts, ...works].toSorted((a, b) => b.changedAtMs - a.changedAtMs).slice(0, entriesMax);
}

type Told = { readonly word: string; readonly body: Text; readonly atMs: number };

function updatesOf(updates: readonly Told[], language: Language): string {
  return updates
    .toReversed()
    .map(({ word, body, atMs }) => `<p><strong>${escaped(word)}</strong> (${iso(atMs)}): ${lined(textIn(body, language))}</p>`)
    .join('');
}

/** A text with its lines, which HTML would put into one. */
function lined(given: string): string {
  return escaped(given).replace(/\r\n|\r|\n/g, '<br>');
}

/** Text for XML: characters that XML 1.0 cannot hold are dropped. */
function text(given: string): string {
  return escaped(given.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''));
}
