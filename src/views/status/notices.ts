import type { Message } from '../../notifiers/notifier.ts';
import { type Text, textIn } from '../../spec/text.ts';
import type { Notice } from '../../status/subscribers/mailing.ts';
import type { Choice } from '../../status/subscribers/types.ts';
import { workSaid } from '../../status/works.ts';
import { momentText } from './moment.ts';
import { type MaintenanceView, maintenanceTitle, type StatusPageView } from './page-view.ts';
import { statusWords } from './words.ts';

type Language = 'en' | 'ru';

/** A notice with its texts. `page`: id of the incident or maintenance that it belongs to. */
export type PageNotice = Notice & {
  readonly page: string;
  readonly title: Text;
  readonly word: Text;
  readonly body: Text;
  /** Of a maintenance. */
  readonly time: { readonly fromMs: number; readonly untilMs: number } | null;
};

const both = (of: (language: Language) => string): Text => ({ en: of('en'), ru: of('ru') });

/** Everything on the page that subscribers are told by mail. @param sinceMs - What is older is left out. */
export function noticesOf(view: StatusPageView, sinceMs: number): readonly PageNotice[] {
  const posts = view.posts.flatMap((post) =>
    post.updates
      .filter(({ atMs }) => atMs >= sinceMs)
      .map(
        (update): PageNotice => ({
          id: update.id,
          atMs: update.atMs,
          page: post.id,
          components: post.components,
          title: post.title,
          word: both((language) => statusWords[language].post[update.state]),
          body: update.body,
          time: null,
        }),
      ),
  );
  const works = view.maintenances
    .filter(({ isAnnounced }) => isAnnounced || view.page.subscribers?.releases === true)
    .flatMap((one) => stepsOf(one).map((step) => noticeOf(view, one, step)))
    .filter(({ atMs }) => atMs >= sinceMs);
  return [...posts, ...works];
}

type Step = Pick<MaintenanceView['updates'][number], 'id' | 'atMs' | 'state' | 'body'>;

/** What was told of a maintenance; of a planned release nobody writes anything, so that follows from how far it is. */
function stepsOf({
  id,
  isAnnounced,
  state,
  updates,
  plannedAtMs,
  updatedAtMs,
  fromMs,
  untilMs,
}: MaintenanceView): readonly Step[] {
  if (isAnnounced) return updates;
  const planned: Step = { id: `${id}/scheduled`, atMs: plannedAtMs, state: 'scheduled', body: workSaid.announced };
  const begun: Step = { id: `${id}/in_progress`, atMs: fromMs, state: 'in_progress', body: workSaid.begun };
  switch (state) {
    case 'scheduled':
      return [planned];
    case 'in_progress':
      return [planned, begun];
    case 'completed':
      return [planned, begun, { id: `${id}/completed`, atMs: untilMs, state, body: workSaid.ended }];
    case 'cancelled':
      return [planned, { id: `${id}/cancelled`, atMs: updatedAtMs, state, body: workSaid.cancelled }];
  }
}

function noticeOf(view: StatusPageView, one: MaintenanceView, { id, atMs, state, body }: Step): PageNotice {
  const { fromMs, untilMs } = one;
  return {
    id,
    atMs,
    page: one.id,
    components: one.components,
    title: both((language) => maintenanceTitle(view, one, language)),
    word: both((language) => `${statusWords[language].maintenanceOf}, ${statusWords[language].maintenance[state].toLowerCase()}`),
    body,
    time: { fromMs, untilMs },
  };
}

/** A notice for one subscriber. Where it goes, and how it is ended, is put in when it is sent. */
export function noticeMessage(view: StatusPageView, notice: PageNotice, id: string, language: Language): Message {
  const words = statusWords[language];
  const zone = view.page.timeZone;
  const moment = (ms: number): string => momentText(ms, zone, language);
  const { time } = notice;
  return {
    ...message(view, language, notice.atMs),
    key: `status/${notice.id}/${id}`,
    thread: `status/${notice.page}`,
    title: `[${textIn(view.page.title, language)}] ${textIn(notice.word, language)}: ${textIn(notice.title, language)}`,
    text: textIn(notice.body, language),
    facts: [
      ...(time ? [{ label: words.planned, value: `${moment(time.fromMs)} – ${moment(time.untilMs)}` }] : []),
      { label: words.components, value: namesOf(view, notice.components, language) },
      { label: words.told, value: moment(notice.atMs) },
    ],
    links: [{ text: words.onPage, href: `${view.url}/i/${notice.page}?lang=${language}` }],
    subscription: { ask: null, unsubscribe: null },
  };
}

/** The mail that asks whether it was they who have asked. Its link is put in when it is sent: the log is no place for it. */
export function confirmMessage(
  view: StatusPageView,
  { id, ask, choice, withinMs, atMs }: { id: string; ask: string; choice: Choice; withinMs: number; atMs: number },
): Message {
  const { language, components } = choice;
  const words = statusWords[language];
  const page = textIn(view.page.title, language);
  return {
    ...message(view, language, atMs),
    key: `subscribe/${id}/${ask}`,
    thread: `subscribe/${id}/${ask}`,
    title: `[${page}] ${words.subscribe.confirmTitle}`,
    text: words.subscribe.confirmText(page, Math.floor(withinMs / 3_600_000)),
    facts: [
      {
        label: words.components,
        value: components === null ? words.subscribe.all : namesOf(view, components, language),
      },
    ],
    links: [],
    subscription: { ask, unsubscribe: null },
  };
}

function message(view: StatusPageView, language: Language, atMs: number) {
  return { event: 'notice', severity: 'P2', actions: [], source: view.page.name, atMs, language } as const;
}

function namesOf(view: StatusPageView, names: readonly string[], language: Language): string {
  return view.page.components
    .filter(({ name }) => names.includes(name))
    .map(({ title }) => textIn(title, language))
    .join(', ');
}
