import type { Language } from '../../analysis/sentence.ts';
import { atomFeed, rssFeed } from './feed.ts';
import { maintenanceHtml, postHtml, statusHtml } from './html.ts';
import type { StatusPageView } from './page-view.ts';
import { statuspageFiles, statuspageJson } from './statuspage.ts';

/** Something that customers are sent as it is. */
export type StatusFile = { readonly type: string; readonly body: string };

/** All files of a status page: by path from its root (`/`, `/history.atom`, `/api/v2/summary.json`) and language; JSON has one for all. */
export type StatusFiles = {
  readonly languages: readonly Language[];
  /** Keys: `en /i/p-checkout-1`, or ` /api/v2/status.json`. */
  readonly files: ReadonlyMap<string, StatusFile>;
};

/** Incidents, and as many maintenances, with a page of their own; older ones are in nobody's hands any more. */
const pagesMax = 100;

/**
 * @param base - Path under which it is served, without a slash at the end: `/status`, or empty.
 */
export function statusFiles(view: StatusPageView, base: string): StatusFiles {
  const { languages } = view.page;
  const files = new Map<string, StatusFile>();
  for (const file of statuspageFiles)
    files.set(` /api/v2/${file}`, { type: 'application/json; charset=utf-8', body: JSON.stringify(statuspageJson(view, file)) });
  for (const language of languages) {
    const html = (path: string, body: string) => files.set(`${language} ${path}`, { type: 'text/html; charset=utf-8', body });
    html('/', statusHtml(view, language, base));
    for (const post of view.posts.slice(0, pagesMax)) html(`/i/${post.id}`, postHtml(view, post, language, base));
    for (const one of view.maintenances.slice(-pagesMax)) html(`/i/${one.id}`, maintenanceHtml(view, one, language, base));
    files.set(`${language} /history.atom`, { type: 'application/atom+xml; charset=utf-8', body: atomFeed(view, language) });
    files.set(`${language} /history.rss`, { type: 'application/rss+xml; charset=utf-8', body: rssFeed(view, language) });
  }
  return { languages, files };
}

/** The file of a path, in a language that there is. */
export function statusFile({ languages, files }: StatusFiles, path: string, wanted: Language): StatusFile | null {
  const language = languages.includes(wanted) ? wanted : languages[0];
  return files.get(` ${path}`) ?? files.get(`${language} ${path}`) ?? null;
}
