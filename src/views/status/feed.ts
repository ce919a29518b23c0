import type { Language } from '../../analysis/sentence.ts';
import { textIn } from '../../spec/text.ts';
import type { Post } from '../../status/types.ts';
import { escaped } from '../report-text/escaped.ts';
import type { StatusPageView } from './page-view.ts';
import { statusWords } from './words.ts';

/** Incidents in a feed at most. */
const entriesMax = 50;

/** Published incidents as an Atom feed (RFC 4287): one entry an incident, whose content are its updates, the newest first. */
export function atomFeed(view: StatusPageView, language: Language): string {
  const self = `${view.url}/history.atom`;
  const entries = view.posts.slice(0, entriesMax).map((post) => {
    const link = `${view.url}/i/${post.id}`;
    return `<entry>
<id>${text(link)}</id>
<title>${text(textIn(post.title, language))}</title>
<link rel="alternate" type="text/html" href="${text(link)}"/>
<published>${iso(post.publishedAtMs ?? post.startedAtMs)}</published>
<updated>${iso(changedAt(post))}</updated>
<content type="html">${text(contentOf(post, language))}</content>
</entry>`;
  });
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
  const items = view.posts.slice(0, entriesMax).map((post) => {
    const link = `${view.url}/i/${post.id}`;
    return `<item>
<title>${text(textIn(post.title, language))}</title>
<link>${text(link)}</link>
<guid isPermaLink="true">${text(link)}</guid>
<pubDate>${new Date(changedAt(post)).toUTCString()}</pubDate>
<description>${text(contentOf(post, language))}</description>
</item>`;
  });
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

function changedAt({ updates, startedAtMs }: Post): number {
  return updates.at(-1)?.atMs ?? startedAtMs;
}

/** HTML of its updates: it is escaped once as HTML here, and once more where it is put into the feed. */
function contentOf({ updates }: Post, language: Language): string {
  return updates
    .toReversed()
    .map(
      ({ state, body, atMs }) =>
        `<p><strong>${escaped(statusWords[language].post[state])}</strong> (${iso(atMs)}): ${escaped(textIn(body, language))}</p>`,
    )
    .join('');
}

/** Text for XML: characters that XML 1.0 cannot hold are dropped. */
function text(given: string): string {
  return escaped(given.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''));
}
