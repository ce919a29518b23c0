import { type Text, textIn } from '../../spec/text.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import type { Failure } from '../failure-reason.ts';
import { type Answer, type HttpClient, isFailure, rangesText, shownUrl } from '../http-client.ts';
import { setCookies } from '../set-cookie.ts';
import { valueIn } from '../taken-value.ts';
import { problems } from './judge.ts';
import type { HttpConfig, HttpStep } from './schema.ts';
import { filled, filledAll, namesIn, redacted } from './values.ts';

/** The requests of one run, with what their answers gave so far. */
export class Session {
  readonly #config: HttpConfig;
  readonly #client: HttpClient;
  readonly #context: CheckContext;
  readonly #values = new Map<string, string>();
  /** Cookies by origin and name. */
  readonly #cookies = new Map<string, Map<string, string>>();
  /** What must not be shown. */
  readonly #hidden = new Set<string>();

  constructor(config: HttpConfig, client: HttpClient, context: CheckContext) {
    this.#config = config;
    this.#client = client;
    this.#context = context;
    for (const [name, named] of Object.entries(config.secrets)) {
      const value = context.secret(named);
      this.#values.set(name, value);
      this.#hidden.add(value);
    }
  }

  async run(): Promise<CheckResult> {
    const { requests } = this.#config;
    const [first] = requests;
    const lookedAt =
      requests.length === 1 && first
        ? `${methodOf(first)} ${shownUrl(first.url)}`
        : requests.map(nameOf).join(', ').slice(0, 500);
    const expected = expectedOf(requests);
    const evidence: string[] = [];
    let slowestMs = 0;
    for (const [index, step] of requests.entries()) {
      const name = nameOf(step);
      this.#context.progress(name);
      const answer = await this.#ask(step);
      const stop = isFailure(answer) ? answer : this.#judge(step, answer);
      if (!isFailure(answer)) {
        slowestMs = Math.max(slowestMs, answer.tookMs);
        evidence.push(`${name}: ${answer.status} after ${answer.tookMs} ms`);
      }
      if (!stop) continue;
      const text = requests.length === 1 ? stop.text : both(stop.text, (said) => `${name}: ${said}`);
      return {
        status: 'fail',
        lookedAt,
        found: this.#shown(text),
        expected,
        fix: this.#shown(stop.fix),
        evidence,
        figures: { requests: index + 1, slowestMs },
      };
    }
    const found =
      requests.length === 1
        ? { en: `answered as expected after ${slowestMs} ms`, ru: `ответ как ожидалось через ${slowestMs} мс` }
        : {
            en: `all ${requests.length} answered as expected, the slowest after ${slowestMs} ms`,
            ru: `все ответы (${requests.length}) как ожидалось, самый медленный через ${slowestMs} мс`,
          };
    return { status: 'pass', lookedAt, found, expected, fix: null, evidence, figures: { requests: requests.length, slowestMs } };
  }

  /** Asks, and follows redirects as far as it may. */
  async #ask(step: HttpStep): Promise<Answer | Failure> {
    const missing = namesIn([step.url, step.body, step.form, step.headers, step.json, step.contains, step.lacks]).find(
      (name) => !this.#values.has(name),
    );
    if (missing !== undefined)
      return {
        text: { en: `nothing is known of {{${missing}}}`, ru: `значение {{${missing}}} неизвестно` },
        fix: {
          en: 'take it from an answer before, or name a secret',
          ru: 'возьмите его из более раннего ответа или задайте секретом',
        },
      };
    let url = textOf(filled(step.url, this.#values, encodeURIComponent));
    let method = methodOf(step);
    let { headers, body } = this.#content(step);
    const deadlineMs = performance.now() + step.within;
    for (let redirects = 0; ; redirects++) {
      const cookie = this.#cookieOf(url);
      const answer = await this.#client.ask({
        url,
        method,
        headers: cookie === '' ? headers : { cookie, ...headers },
        ...(body === undefined ? {} : { body }),
        withinMs: Math.max(1, Math.round(deadlineMs - performance.now())),
        text: true,
      });
      if (isFailure(answer)) return performance.now() >= deadlineMs ? late(step.within, answer) : answer;
      this.#keepCookies(answer);
      const to = answer.headers.location;
      const next = to === undefined || answer.status < 300 || answer.status > 399 ? null : URL.parse(to, url);
      if (!next || !/^https?:$/.test(next.protocol) || redirects >= step.redirects) return answer;
      // What was meant for one server is not told to another one.
      if (next.origin !== new URL(url).origin) headers = {};
      if (answer.status === 303 || (answer.status < 303 && method === 'POST')) {
        method = method === 'HEAD' ? 'HEAD' : 'GET';
        body = undefined;
        headers = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-type'));
      } else if (next.origin !== new URL(url).origin) body = undefined;
      url = next.href;
    }
  }

  /** Headers and body of a request. */
  #content({ url, headers: given, body, form }: HttpStep): {
    headers: Readonly<Record<string, string>>;
    body: string | undefined;
  } {
    const { requests } = this.#config;
    // Name and password are those of one server, whoever else is asked.
    const isOwn = new URL(url).origin === new URL(requests[0]?.url ?? url).origin;
    const isNamed = Object.keys(given).some((name) => name.toLowerCase() === 'authorization');
    const basic = isOwn && !isNamed ? this.#config.basic : undefined;
    const headers: Record<string, string> = {};
    const written = this.#client.headers({ headers: given, ...(basic === undefined ? {} : { basic }) });
    for (const [name, value] of Object.entries(written)) headers[name] = textOf(filled(value, this.#values));
    for (const [name, value] of Object.entries(given)) if (typeof value !== 'string') this.#hide(written[name.toLowerCase()]);
    this.#hide(basic && written.authorization);
    if (form !== undefined) {
      const fields = Object.entries(form).map(([name, value]): [string, string] => {
        if (typeof value === 'string') return [name, textOf(filled(value, this.#values))];
        const secret = this.#context.secret(value);
        this.#hide(secret);
        return [name, secret];
      });
      return {
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(fields).toString(),
      };
    }
    if (body === undefined) return { headers, body: undefined };
    if (typeof body === 'string') return { headers, body: textOf(filled(body, this.#values)) };
    return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(filledAll(body, this.#values)) };
  }

  /** What is wrong with the answer; null: nothing, and its values are taken. */
  #judge(step: HttpStep, answer: Answer): Failure | null {
    const want = {
      ...step,
      ...(filledAll({ json: step.json, contains: step.contains, lacks: step.lacks }, this.#values) as Pick<HttpStep, 'json'>),
    };
    const wrong = problems(answer, want);
    const fix = {
      en: `see what ${methodOf(step)} ${shownUrl(step.url)} answers, and why`,
      ru: `посмотрите, что и почему отвечает ${methodOf(step)} ${shownUrl(step.url)}`,
    };
    if (wrong.length > 0)
      return {
        text: { en: wrong.map((text) => textIn(text, 'en')).join('; '), ru: wrong.map((text) => textIn(text, 'ru')).join('; ') },
        fix,
      };
    for (const [name, place] of Object.entries(step.take)) {
      const value = valueIn(answer, place);
      if (value === undefined) {
        const [kind = '', where = ''] = Object.entries(place)[0] ?? [];
        return {
          text: { en: `the answer has no ${name} (${kind} ${where})`, ru: `в ответе нет ${name} (${kind} ${where})` },
          fix,
        };
      }
      this.#values.set(name, value);
      // A token, as a rule.
      this.#hide(value);
    }
    return null;
  }

  #hide(value: string | undefined): void {
    if (value === undefined) return;
    this.#hidden.add(value);
    // Without what comes before it, such as `Bearer `.
    this.#hidden.add(value.slice(value.indexOf(' ') + 1));
  }

  #shown(text: Text): Text {
    return both(text, (said) => redacted(said, this.#hidden));
  }

  #cookieOf(url: string): string {
    if (!this.#config.cookies) return '';
    return [...(this.#cookies.get(new URL(url).origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keepCookies({ url, headers }: Answer): void {
    const { origin } = new URL(url);
    const kept = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, kept);
    for (const { name, value, attributes } of setCookies(headers)) {
      this.#hide(value);
      if (attributes['max-age'] === '0' || Date.parse(attributes.expires ?? '') < this.#context.now()) kept.delete(name);
      else kept.set(name, value);
    }
  }
}

function late(ms: number, { fix }: Failure): Failure {
  return { text: { en: `no answer within ${ms} ms`, ru: `нет ответа за ${ms} мс` }, fix };
}

/** Names without a value were looked for before. */
function textOf(done: ReturnType<typeof filled>): string {
  return 'text' in done ? done.text : '';
}

function methodOf({ method, body, form }: HttpStep): string {
  return method ?? (body === undefined && form === undefined ? 'GET' : 'POST');
}

function nameOf(step: HttpStep): string {
  return step.name ?? `${methodOf(step)} ${new URL(step.url).pathname.replaceAll('%7B', '{').replaceAll('%7D', '}')}`;
}

function expectedOf(requests: readonly HttpStep[]): Text {
  const [one] = requests;
  if (requests.length !== 1 || !one)
    return { en: `${requests.length} requests answered as expected`, ru: `ожидаемые ответы на запросы (${requests.length})` };
  const status = rangesText(one.status);
  return { en: `${status} within ${one.within} ms`, ru: `${status} не позже чем через ${one.within} мс` };
}

function both(text: Text, made: (said: string) => string): Text {
  return typeof text === 'string' ? made(text) : { en: made(text.en), ru: made(text.ru) };
}
