import { hash } from 'node:crypto';
import { type StatusFile, type StatusFiles, statusFile } from '../../views/status/files.ts';
import { hasTag } from '../etag.ts';
import { negotiated } from '../language.ts';

/** What a customer asks for: the path from the page's root, the query, and what the browser says of itself. */
export type StatusRequest = {
  readonly path: string;
  readonly lang: string | null;
  readonly acceptLanguage: string | undefined;
  readonly ifNoneMatch: string | undefined;
};

export type StatusAnswer = { readonly code: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** How long a cache in between may keep an answer, in seconds. */
const keptS = 30;

/** What every answer says to a browser. */
export const always = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
} as const;

const known = new WeakMap<StatusFile, string>();

function tagOf(file: StatusFile): string {
  const before = known.get(file);
  if (before !== undefined) return before;
  const tag = `"${hash('sha1', file.body, 'base64url')}"`;
  known.set(file, tag);
  return tag;
}

/** The answer to a GET, from what is in memory alone. Anybody may ask, from any page. */
export function statusAnswer(files: StatusFiles | null, request: StatusRequest): StatusAnswer {
  const language = languageOf(request);
  const file = files && statusFile(files, request.path, language ?? files.languages[0] ?? 'en');
  if (!file)
    return {
      code: 404,
      headers: { ...always, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      body: files ? 'There is nothing here.\n' : 'There is no status page.\n',
    };
  const headers = {
    ...always,
    'content-type': file.type,
    'cache-control': `public, max-age=${keptS}`,
    'access-control-allow-origin': '*',
    vary: 'accept-language',
    etag: tagOf(file),
  };
  return hasTag(request.ifNoneMatch, headers.etag) ? { code: 304, headers, body: '' } : { code: 200, headers, body: file.body };
}

/** Language that somebody has asked for; null: none. */
export function languageOf({ lang, acceptLanguage }: Pick<StatusRequest, 'lang' | 'acceptLanguage'>): 'en' | 'ru' | null {
  if (lang === 'en' || lang === 'ru') return lang;
  return acceptLanguage ? negotiated(acceptLanguage) : null;
}
