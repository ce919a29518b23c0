import type { IncomingHttpHeaders } from 'node:http';
import type { Text } from '../../spec/text.ts';
import type { Finding } from '../sentences.ts';
import { setCookies } from '../set-cookie.ts';
import { policies, scriptSources, unsafeSources } from './csp.ts';
import type { HeadersConfig } from './schema.ts';

type Headers = IncomingHttpHeaders;

/** What the headers of an answer say, a point for each thing that is asked. */
export function headerPoints(config: HeadersConfig, headers: Headers): readonly Finding[] {
  return [
    ...(config.hsts === 'off' ? [] : [hsts(config.hsts, headerText(headers, 'strict-transport-security'))]),
    ...(config.csp === 'off' ? [] : csp(config.csp, headerText(headers, 'content-security-policy'))),
    ...(config.nosniff ? [nosniff(headerText(headers, 'x-content-type-options'))] : []),
    ...(config.frames === 'off' ? [] : [frames(config.frames, headers)]),
    ...(config.referrer === 'off' ? [] : [referrer(config.referrer, headerText(headers, 'referrer-policy'))]),
    ...(config.noStore ? [noStore(headerText(headers, 'cache-control'))] : []),
    ...Object.entries(config.also).map(([name, wanted]) => also(name, wanted, headerText(headers, name))),
    ...config.absent.map((name) => absent(name, headerText(headers, name))),
    ...(config.cookies === 'off' ? [] : cookies(config.cookies, headers)),
  ];
}

/** What is said about how long a file may be kept. */
export function staticPoint({ maxAge, immutable }: HeadersConfig['static'][number], path: string, headers: Headers): Finding {
  const given = headerText(headers, 'cache-control');
  const fix = send(`Cache-Control: public, max-age=${seconds(maxAge)}${immutable ? ', immutable' : ''}`);
  if (given === undefined) return failed({ en: `${path} has no Cache-Control`, ru: `у ${path} нет Cache-Control` }, fix);
  const directives = directivesOf(given);
  const age = Number(directives.get('max-age') ?? Number.NaN);
  const isKept = !directives.has('no-store') && !directives.has('no-cache') && age >= seconds(maxAge);
  if (!isKept || (immutable && !directives.has('immutable')))
    return failed({ en: `Cache-Control of ${path} is "${given}"`, ru: `Cache-Control у ${path}: «${given}»` }, fix);
  return passed({ en: `${path} may be kept for ${age} s`, ru: `${path} можно хранить ${age} с` });
}

function hsts({ maxAge, subDomains, preload }: Exclude<HeadersConfig['hsts'], 'off'>, given: string | undefined): Finding {
  const fix = send(
    `Strict-Transport-Security: max-age=${seconds(maxAge)}${subDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`,
  );
  if (given === undefined) return failed(missing('Strict-Transport-Security'), fix);
  const parts = new Map(
    given.split(';').map((part): [string, string] => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')];
    }),
  );
  const age = /^\d+$/.test(parts.get('max-age') ?? '') ? Number(parts.get('max-age')) : -1;
  if (age < seconds(maxAge))
    return failed(
      {
        en: `Strict-Transport-Security holds for ${Math.max(age, 0)} s, less than ${seconds(maxAge)} s`,
        ru: `Strict-Transport-Security действует ${Math.max(age, 0)} с, меньше ${seconds(maxAge)} с`,
      },
      fix,
    );
  const lacking = [
    ...(subDomains && !parts.has('includesubdomains') ? ['includeSubDomains'] : []),
    ...(preload && !parts.has('preload') ? ['preload'] : []),
  ];
  if (lacking.length > 0)
    return failed(
      {
        en: `Strict-Transport-Security lacks ${lacking.join(' and ')}`,
        ru: `в Strict-Transport-Security нет ${lacking.join(' и ')}`,
      },
      fix,
    );
  return passed({ en: `Strict-Transport-Security holds for ${age} s`, ru: `Strict-Transport-Security действует ${age} с` });
}

function csp({ inline, directives }: Exclude<HeadersConfig['csp'], 'off'>, given: string | undefined): readonly Finding[] {
  const fix = {
    en: "send Content-Security-Policy, for example default-src 'self'; object-src 'none'; scripts of the page itself by nonce or hash",
    ru: "отдавайте Content-Security-Policy, например default-src 'self'; object-src 'none'; встроенные скрипты — по nonce или хешу",
  };
  const all = policies(given ?? '');
  if (given === undefined || all.length === 0) return [failed(missing('Content-Security-Policy'), fix)];
  const sources = all.flatMap((policy) => {
    const found = scriptSources(policy);
    return found === undefined ? [] : [found];
  });
  if (sources.length === 0)
    return [
      failed(
        {
          en: 'Content-Security-Policy says nothing about scripts (script-src or default-src)',
          ru: 'Content-Security-Policy ничего не говорит о скриптах (script-src или default-src)',
        },
        fix,
      ),
    ];
  const lacking = directives.filter((name) => !all.some((policy) => policy.has(name)));
  // Each policy holds, so one that is strict is enough.
  const unsafe = sources.map(unsafeSources).reduce((least, one) => (one.length < least.length ? one : least));
  return [
    ...(lacking.length > 0
      ? [
          failed(
            {
              en: `Content-Security-Policy lacks ${lacking.join(', ')}`,
              ru: `в Content-Security-Policy нет ${lacking.join(', ')}`,
            },
            fix,
          ),
        ]
      : []),
    ...(unsafe.length > 0 && inline !== 'allow'
      ? [
          {
            status: inline,
            text: {
              en: `Content-Security-Policy allows scripts by ${unsafe.join(', ')}`,
              ru: `Content-Security-Policy разрешает скрипты через ${unsafe.join(', ')}`,
            },
            fix,
          },
        ]
      : [
          passed({
            en: 'Content-Security-Policy says where scripts come from',
            ru: 'Content-Security-Policy ограничивает скрипты',
          }),
        ]),
  ];
}

function nosniff(given: string | undefined): Finding {
  const fix = send('X-Content-Type-Options: nosniff');
  if (given?.trim().toLowerCase() === 'nosniff') return passed('X-Content-Type-Options: nosniff');
  return failed(given === undefined ? missing('X-Content-Type-Options') : other('X-Content-Type-Options', given), fix);
}

function frames(most: 'none' | 'same-origin' | 'listed', headers: Headers): Finding {
  const fix = send(
    most === 'none' ? "Content-Security-Policy: frame-ancestors 'none'" : "Content-Security-Policy: frame-ancestors 'self'",
  );
  const listed = policies(headerText(headers, 'content-security-policy') ?? '').flatMap((policy) => {
    const sources = policy.get('frame-ancestors');
    return sources ? [sources.map((source) => source.toLowerCase())] : [];
  });
  const option = headerText(headers, 'x-frame-options')?.trim().toLowerCase();
  const isNone = (sources: readonly string[]) => sources.length === 0 || (sources.length === 1 && sources[0] === "'none'");
  const isSame = (sources: readonly string[]) => isNone(sources) || sources.every((source) => source === "'self'");
  const isOpen = (sources: readonly string[]) =>
    sources.some((source) => source === '*' || source === 'https:' || source === 'http:');
  // Browsers that know frame-ancestors ignore X-Frame-Options (CSP3, 6.4.2).
  const isEnough =
    listed.length > 0
      ? listed.some(most === 'none' ? isNone : most === 'same-origin' ? isSame : (sources) => !isOpen(sources))
      : option === 'deny' || (option === 'sameorigin' && most !== 'none');
  const shown =
    listed.length > 0 ? `frame-ancestors ${listed.map((sources) => sources.join(' ')).join(', ')}` : `X-Frame-Options: ${option}`;
  if (isEnough) return passed(shown);
  if (listed.length === 0 && option === undefined)
    return failed({ en: 'anybody may show the page in a frame', ru: 'страницу можно показать во фрейме на любом сайте' }, fix);
  return failed(
    { en: `${shown} lets too many show the page in a frame`, ru: `${shown}: показ во фрейме разрешён слишком многим` },
    fix,
  );
}

function referrer(allowed: readonly string[], given: string | undefined): Finding {
  const fix = send(`Referrer-Policy: ${allowed.at(-1)}`);
  if (given === undefined) return failed(missing('Referrer-Policy'), fix);
  // The last one that a browser knows counts.
  const counts = given.split(',').at(-1)?.trim().toLowerCase() ?? '';
  return allowed.includes(counts) ? passed(`Referrer-Policy: ${counts}`) : failed(other('Referrer-Policy', given), fix);
}

function noStore(given: string | undefined): Finding {
  if (directivesOf(given ?? '').has('no-store')) return passed('Cache-Control: no-store');
  return failed(given === undefined ? missing('Cache-Control') : other('Cache-Control', given), send('Cache-Control: no-store'));
}

function also(name: string, wanted: string | true, given: string | undefined): Finding {
  if (given === undefined) return failed(missing(name), send(wanted === true ? name : `${name}: ${wanted}`));
  if (wanted === true || given.toLowerCase().includes(wanted.toLowerCase())) return passed(`${name}: ${given}`);
  return failed(other(name, given), send(`${name}: ${wanted}`));
}

function absent(name: string, given: string | undefined): Finding {
  if (given === undefined) return passed({ en: `${name} is not there`, ru: `${name} отсутствует` });
  return failed(
    { en: `${name} tells everybody "${given}"`, ru: `${name} сообщает всем «${given}»` },
    { en: `leave ${name} out of answers`, ru: `уберите ${name} из ответов` },
  );
}

function cookies({ sameSite, readable }: Exclude<HeadersConfig['cookies'], 'off'>, headers: Headers): readonly Finding[] {
  return setCookies(headers).map(({ name, attributes }) => {
    const given = attributes.samesite?.toLowerCase() ?? '';
    const lacking = [
      ...(attributes.secure === undefined ? ['Secure'] : []),
      ...(attributes.httponly === undefined && !readable.includes(name) ? ['HttpOnly'] : []),
      ...(sameSite.some((one) => one === given) ? [] : [`SameSite=${sameSite.join('|')}`]),
    ];
    if (lacking.length === 0) return passed({ en: `the cookie ${name} is set with care`, ru: `cookie ${name} защищена` });
    return failed(
      { en: `the cookie ${name} lacks ${lacking.join(', ')}`, ru: `у cookie ${name} нет ${lacking.join(', ')}` },
      { en: `set ${name} with ${lacking.join('; ')}`, ru: `задайте для ${name}: ${lacking.join('; ')}` },
    );
  });
}

function headerText(headers: Headers, name: string): string | undefined {
  const given = headers[name.toLowerCase()];
  return (Array.isArray(given) ? given.join(', ') : given)?.slice(0, 4_000);
}

function directivesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(',').map((part): [string, string] => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}

function passed(text: Text): Finding {
  return { status: 'pass', text };
}

function failed(text: Text, fix: Text): Finding {
  return { status: 'fail', text, fix };
}

function missing(name: string): Text {
  return { en: `${name} is missing`, ru: `нет ${name}` };
}

function other(name: string, given: string): Text {
  return { en: `${name} is "${given}"`, ru: `${name}: «${given}»` };
}

function send(line: string): Text {
  return { en: `send ${line}`, ru: `отдавайте ${line}` };
}
