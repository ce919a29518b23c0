import type { IncomingHttpHeaders } from 'node:http';
import type { Finding } from '../sentences.ts';
import type { CorsConfig } from './schema.ts';

type Answered = { readonly status: number; readonly headers: IncomingHttpHeaders };
type Wanted = Pick<CorsConfig, 'allowed' | 'method' | 'requestHeaders' | 'credentials'>;

/** Methods and headers for which a browser asks nobody beforehand (Fetch, "CORS-safelisted"). */
const simpleMethods: readonly string[] = ['GET', 'HEAD', 'POST'];
const simpleHeaders: readonly string[] = ['accept', 'accept-language', 'content-language', 'content-type', 'range'];

/** Origins that are made to look like an allowed one, for servers that compare a part of the text only. */
export function lookAlikes({ allowed }: Pick<Wanted, 'allowed'>): readonly string[] {
  const [first] = allowed === '*' ? [] : allowed;
  if (first === undefined) return [];
  const { protocol, hostname } = new URL(first);
  return ['null', `${protocol}//${hostname}.foreign.example`, `${protocol}//foreign${hostname}`];
}

/** The answer to an allowed origin. */
export function allowedPoint(origin: string, wanted: Wanted, kind: 'preflight' | 'request', answer: Answered): Finding {
  const { headers, status } = answer;
  const given = one(headers, 'access-control-allow-origin');
  const who =
    kind === 'preflight'
      ? { en: `preflight of ${origin}`, ru: `предзапрос от ${origin}` }
      : { en: `request of ${origin}`, ru: `запрос от ${origin}` };
  const fail = (en: string, ru: string): Finding => ({
    status: 'fail',
    text: { en: `${who.en}: ${en}`, ru: `${who.ru}: ${ru}` },
    fix: { en: `let ${origin} read the answers`, ru: `разрешите ${origin} читать ответы` },
  });
  const careless = carelessPoint(headers);
  if (careless) return careless;
  const isEverybody = given === '*' && wanted.credentials !== true;
  if (given !== origin && !isEverybody)
    return fail(`Access-Control-Allow-Origin is ${given ?? 'missing'}`, `Access-Control-Allow-Origin: ${given ?? 'нет'}`);
  const isWithCookies = one(headers, 'access-control-allow-credentials') === 'true';
  if (wanted.credentials === true && !isWithCookies) return fail('it may send no cookies', 'cookies не разрешены');
  if (wanted.credentials === false && isWithCookies) return fail('it may send cookies', 'разрешены cookies');
  if (kind === 'preflight') {
    if (status < 200 || status > 299) return fail(`it is answered with ${status}`, `ответ ${status}`);
    const methods = list(headers, 'access-control-allow-methods');
    if (!simpleMethods.includes(wanted.method) && !isListed(wanted.method.toLowerCase(), methods, isWithCookies))
      return fail(`${wanted.method} is not allowed`, `метод ${wanted.method} не разрешён`);
    const names = list(headers, 'access-control-allow-headers');
    const missing = wanted.requestHeaders.filter((name) => {
      const lower = name.toLowerCase();
      // The star stands for all but this one.
      return !simpleHeaders.includes(lower) && !isListed(lower, names, isWithCookies || lower === 'authorization');
    });
    if (missing.length > 0) return fail(`${missing.join(', ')} is not allowed`, `не разрешено: ${missing.join(', ')}`);
  }
  const varies = list(headers, 'vary');
  if (
    given === origin &&
    wanted.allowed !== '*' &&
    wanted.allowed.length > 1 &&
    !varies.includes('origin') &&
    !varies.includes('*')
  )
    return {
      status: 'warn',
      text: {
        en: `${who.en}: the answer depends on it and does not say so (Vary: Origin)`,
        ru: `${who.ru}: ответ зависит от него, но не сообщает об этом (Vary: Origin)`,
      },
      fix: {
        en: 'send Vary: Origin, so that a cache gives nobody the answer of another',
        ru: 'отдавайте Vary: Origin, чтобы кеш не выдал чужой ответ',
      },
    };
  return { status: 'pass', text: { en: `${who.en} is allowed`, ru: `${who.ru} разрешён` } };
}

/** The answer to a foreign origin. */
export function foreignPoint(origin: string, { allowed }: Pick<Wanted, 'allowed'>, { headers }: Answered): Finding {
  const given = one(headers, 'access-control-allow-origin');
  const careless = carelessPoint(headers);
  if (careless) return careless;
  const isWithCookies = one(headers, 'access-control-allow-credentials') === 'true';
  if (allowed === '*' ? given === origin && isWithCookies : given === origin || given === '*')
    return {
      status: 'fail',
      text: {
        en: `${origin} may read the answers${isWithCookies ? ', with cookies' : ''}`,
        ru: `${origin} может читать ответы${isWithCookies ? ', и с cookies' : ''}`,
      },
      fix: {
        en: 'compare the whole origin with a list, and answer nobody else',
        ru: 'сравнивайте источник целиком со списком и не разрешайте остальным',
      },
    };
  return { status: 'pass', text: { en: `${origin} is not allowed`, ru: `${origin} не разрешён` } };
}

function carelessPoint(headers: IncomingHttpHeaders): Finding | null {
  if (one(headers, 'access-control-allow-origin') !== '*' || one(headers, 'access-control-allow-credentials') !== 'true')
    return null;
  return {
    status: 'fail',
    text: {
      en: 'everybody (*) is allowed with credentials, which browsers refuse',
      ru: 'разрешены все (*) вместе с credentials: браузеры это отвергают',
    },
    fix: { en: 'name the origins, or leave the credentials out', ru: 'перечислите источники или уберите credentials' },
  };
}

function isListed(name: string, listed: readonly string[], isStarNone: boolean): boolean {
  return listed.includes(name) || (!isStarNone && listed.includes('*'));
}

function one(headers: IncomingHttpHeaders, name: string): string | undefined {
  const given = headers[name];
  return Array.isArray(given) ? given.join(', ') : given;
}

function list(headers: IncomingHttpHeaders, name: string): readonly string[] {
  return (one(headers, name) ?? '').split(',').map((part) => part.trim().toLowerCase());
}
