import { UserError } from '../../errors.ts';
import { type Text, textIn } from '../../spec/text.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import type { Failure } from '../failure-reason.ts';
import { type Answer, type HttpClient, httpClient, isFailure, isWithin, rangesText, shownUrl } from '../http-client.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { setCookies } from '../set-cookie.ts';
import { valueIn } from '../taken-value.ts';
import { CsrfConfig } from './schema.ts';

/** A page of somebody else cannot act in the name of a user. */
export const csrf = defineCheck({
  title: { en: 'CSRF protection', ru: 'Защита от CSRF' },
  schema: CsrfConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const client = httpClient(config.tls, context);
    const expected = {
      en: `a forged request is refused (${rangesText(config.refused)}), a right one is accepted (${rangesText(config.accepted)})`,
      ru: `поддельный запрос отвергается (${rangesText(config.refused)}), правильный принимается (${rangesText(config.accepted)})`,
    };
    try {
      return resultOf(`${config.method} ${shownUrl(config.url)}`, expected, await points(config, client, context));
    } finally {
      client.close();
    }
  },
});

/** How one request is different from the right one. */
type Kind = {
  readonly name: Text;
  readonly origin: string;
  readonly site: 'same-origin' | 'cross-site';
  readonly hasToken: boolean;
};

async function points(config: CsrfConfig, client: HttpClient, context: CheckContext): Promise<readonly Finding[]> {
  const own = config.origin ?? new URL(config.url).origin;
  const user = userOf(config, client, context);
  const token = await tokenFor(config, client, user);
  if (token && isFailure(token)) return [{ status: 'fail', ...token }];
  const ask = (kind: Kind) =>
    client.ask({
      url: config.url,
      method: config.method,
      withinMs: config.within,
      ...request(config, user, token, kind, context),
    });
  const forged: Kind = {
    name: { en: `a request of a page of ${config.foreign}`, ru: `запрос со страницы ${config.foreign}` },
    origin: config.foreign,
    site: 'cross-site',
    hasToken: false,
  };
  const untold: Kind = {
    name: { en: 'a request without the token', ru: 'запрос без токена' },
    origin: own,
    site: 'same-origin',
    hasToken: false,
  };
  const right: Kind = {
    name: { en: 'a right request', ru: 'правильный запрос' },
    origin: own,
    site: 'same-origin',
    hasToken: true,
  };
  const found: Finding[] = [];
  for (const kind of config.token ? [forged, untold] : [forged]) {
    const answer = await ask(kind);
    if (isFailure(answer)) return [{ status: 'fail', ...answer }];
    found.push(refusedPoint(kind, config, answer));
  }
  const answer = await ask(right);
  if (isFailure(answer)) return [...found, { status: 'fail', ...answer }];
  return [...found, rightPoint(right, config, answer)];
}

function refusedPoint({ name }: Kind, { refused }: CsrfConfig, { status }: Answer): Finding {
  const text = { en: `${textIn(name, 'en')} is answered with ${status}`, ru: `${textIn(name, 'ru')}: ответ ${status}` };
  if (isWithin(status, refused)) return { status: 'pass', text };
  return {
    status: 'fail',
    text,
    fix: {
      en: 'refuse requests that change something and come from another origin (Origin, Sec-Fetch-Site), or without a token; set cookies with SameSite',
      ru: 'отвергайте изменяющие запросы с чужого источника (Origin, Sec-Fetch-Site) или без токена; задайте cookies SameSite',
    },
  };
}

/** When the right request is refused too, what was refused before may have been for another reason. */
function rightPoint({ name }: Kind, { accepted }: CsrfConfig, { status }: Answer): Finding {
  const text = { en: `${textIn(name, 'en')} is answered with ${status}`, ru: `${textIn(name, 'ru')}: ответ ${status}` };
  if (isWithin(status, accepted)) return { status: 'pass', text };
  return {
    status: 'unproven',
    text: { en: `${text.en}, so the refusals prove nothing`, ru: `${text.ru}, поэтому отказы ничего не доказывают` },
    fix: {
      en: 'give cookies of a user who is signed in, a body that is accepted, and how the token is got',
      ru: 'задайте cookies вошедшего пользователя, допустимое тело запроса и способ получения токена',
    },
  };
}

/** What a browser of the user sends by itself. */
type User = { readonly headers: Readonly<Record<string, string>>; readonly cookies: Map<string, string> };

function userOf(config: CsrfConfig, client: HttpClient, context: CheckContext): User {
  const cookies = Object.entries(config.cookies).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : context.secret(value),
  ]);
  for (const [name, value] of cookies)
    if (!/^[\x21\x23-\x3a\x3c-\x7e]*$/.test(value))
      throw new UserError('E_CHECK_SECRET', `the value of the cookie ${name} has signs that no cookie can carry`, {
        where: `cookies.${name}`,
        fix: 'give the value as the server has set it',
      });
  return { headers: client.headers(config), cookies: new Map(cookies) };
}

async function tokenFor(
  config: CsrfConfig,
  client: HttpClient,
  user: User,
): Promise<Failure | { readonly value: string } | null> {
  if (!config.token) return null;
  const { url, from } = config.token;
  const isOwn = new URL(url).origin === new URL(config.url).origin;
  const headers = isOwn ? { ...user.headers, ...cookieOf(user) } : {};
  const answer = await client.ask({ url, headers, withinMs: config.within, text: true });
  if (isFailure(answer)) return answer;
  const value = valueIn(answer, from);
  if (value === undefined) {
    const [kind, place] = Object.entries(from)[0] ?? [];
    return {
      text: {
        en: `${shownUrl(url)} (${answer.status}) has no token: ${kind} ${place}`,
        ru: `в ответе ${shownUrl(url)} (${answer.status}) нет токена: ${kind} ${place}`,
      },
      fix: { en: 'say where the token stands: token.from', ru: 'укажите, где стоит токен: token.from' },
    };
  }
  if (isOwn) for (const cookie of setCookies(answer.headers)) user.cookies.set(cookie.name, cookie.value);
  return { value };
}

function request(config: CsrfConfig, user: User, token: { readonly value: string } | null, kind: Kind, context: CheckContext) {
  const headers: Record<string, string> = {
    ...user.headers,
    ...cookieOf(user),
    origin: kind.origin,
    referer: `${kind.origin}/`,
    'sec-fetch-site': kind.site,
    'sec-fetch-mode': kind.site === 'cross-site' ? 'no-cors' : 'cors',
  };
  const sent = kind.hasToken && token ? token.value : null;
  const as = config.token?.as;
  if (as && 'header' in as && sent !== null) headers[as.header.toLowerCase()] = sent;
  const asField = as && 'field' in as && sent !== null ? { [as.field]: sent } : {};
  if (config.body !== undefined) {
    const isText = typeof config.body === 'string';
    if (!isText) headers['content-type'] ??= 'application/json';
    const json = isText || Array.isArray(config.body) ? config.body : { ...(config.body as object), ...asField };
    return { headers, body: typeof json === 'string' ? json : JSON.stringify(json) };
  }
  const fields = Object.entries({ ...config.form, ...asField }).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : context.secret(value),
  ]);
  if (fields.length === 0) return { headers };
  headers['content-type'] ??= 'application/x-www-form-urlencoded';
  return { headers, body: new URLSearchParams(fields).toString() };
}

function cookieOf({ cookies }: User): Readonly<Record<string, string>> {
  return cookies.size === 0 ? {} : { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
}
