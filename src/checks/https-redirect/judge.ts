import type { Finding } from '../sentences.ts';
import type { HttpsRedirectConfig } from './schema.ts';

const permanent: readonly number[] = [301, 308];
const temporary: readonly number[] = [302, 303, 307];

/** What the answer of the http:// address is. */
export function redirectPoint(
  { url, to, permanent: isPermanent }: Pick<HttpsRedirectConfig, 'url' | 'to' | 'permanent'>,
  status: number,
  location: string | undefined,
): Finding {
  const fix = {
    en: `answer http:// with 308 (or 301) and Location: ${to ?? `https://${new URL(url).hostname}…`}`,
    ru: `отвечайте на http:// статусом 308 (или 301) и Location: ${to ?? `https://${new URL(url).hostname}…`}`,
  };
  const fail = (en: string, ru: string): Finding => ({ status: 'fail', text: { en, ru }, fix });
  if (![...permanent, ...temporary].includes(status))
    return fail(`http:// is answered with ${status}: no redirect`, `http:// отвечает ${status}: перенаправления нет`);
  const place = URL.parse(location ?? '', url);
  if (location === undefined || !place) return fail(`${status} without a place to go to`, `${status} без адреса назначения`);
  const shown = `${place.origin}${place.pathname}`;
  if (place.protocol !== 'https:') return fail(`it leads to ${shown}`, `ведёт на ${shown}`);
  if (!isPlace(place, url, to)) return fail(`it leads to another place: ${shown}`, `ведёт не туда: ${shown}`);
  if (isPermanent && temporary.includes(status))
    return fail(`the redirect is temporary (${status})`, `перенаправление временное (${status})`);
  return { status: 'pass', text: { en: `${status} to ${shown}`, ru: `${status} на ${shown}` } };
}

function isPlace(place: URL, url: string, to: string | undefined): boolean {
  if (to !== undefined) {
    const wanted = new URL(to);
    return place.origin === wanted.origin && place.pathname === wanted.pathname && place.search === wanted.search;
  }
  const from = new URL(url);
  return place.hostname === from.hostname && place.pathname === from.pathname && place.search === from.search;
}
