import { messageOf, UserError } from '../../errors.ts';
import type { SubscriberKeeper } from '../../runtime/status/subscriber-keeper.ts';
import type { StatusPageView } from '../../views/status/page-view.ts';
import { buttonHtml, saidHtml } from '../../views/status/subscribe-html.ts';
import { type StatusWords, statusWords } from '../../views/status/words.ts';
import { Tries } from '../access/tries.ts';
import { always, languageOf, type StatusAnswer } from './answer.ts';

/** What a customer asks of subscriptions, at whichever address of the page. */
export type SubscriptionRequest = {
  readonly method: 'GET' | 'POST';
  /** From the page's root: `/subscribe`. */
  readonly path: string;
  readonly query: string;
  /** A form, as it was sent. */
  readonly body: string;
  /** Where it comes from. */
  readonly address: string;
  readonly acceptLanguage: string | undefined;
};

/** Answers a request under a path of the page. Never rejects. */
export type Subscribing = (request: SubscriptionRequest, base: string) => Promise<StatusAnswer>;

/** In a minute: requests of one address, and mails that ask for a confirmation in all. Nobody makes this page send mail to the world. */
const perAddressMax = 20;
const wishesMax = 60;

/** Subscriptions for customers, as pages. */
export function subscribing(
  keeper: SubscriberKeeper,
  view: () => StatusPageView | null,
  now: () => number,
  warn: (text: string) => void,
): Subscribing {
  const perAddress = new Tries(perAddressMax);
  const wishes = new Tries(wishesMax, 1);
  return async (request, base) => {
    const page = view();
    if (!page?.page.subscribers) return { ...said(404, 'There are no subscriptions here.\n'), headers: plain };
    const query = new URLSearchParams(request.query);
    const form = new URLSearchParams(request.body);
    const { languages } = page.page;
    const asked = languageOf({ lang: form.get('lang') ?? query.get('lang'), acceptLanguage: request.acceptLanguage });
    const language = asked !== null && languages.includes(asked) ? asked : (languages[0] ?? 'en');
    const frame = { view: page, language, base };
    const words = statusWords[language].subscribe;
    const tell = (code: number, title: string, text: string): StatusAnswer => said(code, saidHtml(frame, title, text));
    const waitMs = perAddress.take(networkOf(request.address), now());
    if (waitMs !== null) return later(tell(429, words.title, words.tooOften), waitMs);
    try {
      switch (`${request.method} ${request.path}`) {
        case 'POST /subscribe': {
          const wishMs = wishes.take('', now());
          if (wishMs !== null) return later(tell(503, words.busy, words.busyMore), wishMs);
          const components = form.get('what') === 'some' ? form.getAll('component') : null;
          const answer = await keeper.ask(form.get('email') ?? '', { language, components });
          return toldOf(answer, words, tell);
        }
        case 'GET /subscribe/confirm': {
          const [s = '', a = '', k = ''] = ['s', 'a', 'k'].map((name) => query.get(name) ?? '');
          if (!keeper.holds(s, a, k)) return tell(410, words.over, words.overMore);
          const fields = { s, a, k, lang: language };
          const more = { title: words.confirmTitle, text: words.confirmMore, button: words.confirm, path: '/subscribe/confirm' };
          return said(200, buttonHtml(frame, { ...more, fields }));
        }
        case 'POST /subscribe/confirm': {
          const isConfirmed = await keeper.confirm(form.get('s') ?? '', form.get('a') ?? '', form.get('k') ?? '');
          return isConfirmed ? tell(200, words.confirmed, words.confirmedMore) : tell(410, words.over, words.overMore);
        }
        case 'GET /unsubscribe': {
          const [s = '', k = ''] = ['s', 'k'].map((name) => query.get(name) ?? '');
          if (!keeper.isOwn(s, k)) return tell(404, words.over, words.overMore);
          const more = { title: words.unsubscribe, text: words.unsubscribeMore, button: words.unsubscribe, path: '/unsubscribe' };
          return said(200, buttonHtml(frame, { ...more, fields: { s, k, lang: language } }));
        }
        case 'POST /unsubscribe': {
          // A mail program has what it knows in the address, and nothing but `List-Unsubscribe=One-Click` in the body (RFC 8058).
          const [s, k] = [form.get('s') ?? query.get('s') ?? '', form.get('k') ?? query.get('k') ?? ''];
          const isOver = await keeper.unsubscribe(s, k);
          return isOver ? tell(200, words.unsubscribed, words.unsubscribedMore) : tell(404, words.over, words.overMore);
        }
        default:
          return {
            code: 405,
            headers: { ...plain, allow: request.path === '/subscribe' ? 'POST' : 'GET, POST' },
            body: 'Not so.\n',
          };
      }
    } catch (error) {
      if (!(error instanceof UserError)) warn(`status page: ${messageOf(error)}`);
      return later(tell(503, words.busy, words.busyMore), 60_000);
    }
  };
}

function toldOf(
  answer: Awaited<ReturnType<SubscriberKeeper['ask']>>,
  words: StatusWords['subscribe'],
  tell: (code: number, title: string, text: string) => StatusAnswer,
): StatusAnswer {
  switch (answer) {
    case 'asked':
      return tell(200, words.asked, words.askedMore);
    case 'no-address':
      return tell(400, words.title, words.noAddress);
    case 'no-component':
      return tell(400, words.title, words.noComponent);
    case 'full':
      return tell(503, words.title, words.full);
    case 'off':
      return tell(404, words.title, words.off);
  }
}

/** Nobody keeps what was said to one customer. */
const uncached = { ...always, 'cache-control': 'no-store' };
const plain = { ...uncached, 'content-type': 'text/plain; charset=utf-8' };

function said(code: number, body: string): StatusAnswer {
  return { code, headers: { ...uncached, 'content-type': 'text/html; charset=utf-8' }, body };
}

function later(answer: StatusAnswer, waitMs: number): StatusAnswer {
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(Math.ceil(waitMs / 1_000)) } };
}

/** Whoever has one address of an IPv6 network has all of its 2^64. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ? tail.split(':') : [])].slice(0, 4).join(':');
}
