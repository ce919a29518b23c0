import type { Language } from '../../analysis/sentence.ts';
import { textIn } from '../../spec/text.ts';
import type { ComponentDay } from '../../status/history.ts';
import { gravity } from '../../status/impact.ts';
import type { ComponentState, Post } from '../../status/types.ts';
import { escaped } from '../report-text/escaped.ts';
import { type Html, html, joined } from '../report-text/html-text.ts';
import { statusStyle } from './html-style.ts';
import { momentText } from './moment.ts';
import {
  type ComponentView,
  componentsOf,
  isCurrent,
  isShown,
  type MaintenanceView,
  maintenanceTitle,
  type StatusPageView,
} from './page-view.ts';
import { subscribeForm } from './subscribe-form.ts';
import { type StatusWords, statusWords } from './words.ts';

/** Resolved incidents on the page itself; older ones are in the feeds. */
const pastMax = 20;

export type Page = {
  readonly view: StatusPageView;
  readonly words: StatusWords;
  readonly language: Language;
  readonly base: string;
};

/**
 * What customers see, as one HTML file that needs nothing else.
 *
 * @param base - Path of the page without a slash at the end, for links: `/status`, or empty.
 */
export function statusHtml(view: StatusPageView, language: Language, base: string): string {
  const page: Page = { view, words: statusWords[language], language, base };
  const { words } = page;
  const open = view.posts.filter(({ resolvedAtMs }) => resolvedAtMs === null);
  const closed = view.posts.filter(({ resolvedAtMs }) => resolvedAtMs !== null);
  const works = view.maintenances.filter((one) => isCurrent(one, view.nowMs));
  const done = view.maintenances.filter(({ state, isAnnounced }) => state === 'completed' && isAnnounced);
  const past = [
    ...closed.map((post) => ({ atMs: post.publishedAtMs ?? 0, shown: () => postOf(page, post) })),
    ...done.map((one) => ({ atMs: one.fromMs, shown: () => worksOf(page, [one]) })),
  ]
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, pastMax);
  return statusDocument(page, textIn(view.page.title, language), [
    overall(page),
    ...(open.length > 0 ? [html`<h2>${words.now}</h2>`, ...open.map((post) => postOf(page, post))] : []),
    html`<h2>${words.components}</h2>`,
    ...groupsOf(page),
    ...(works.length > 0 ? [html`<h2>${words.planned}</h2>`, worksOf(page, works)] : []),
    html`<h2>${words.past}</h2>`,
    ...(past.length > 0 ? past.map(({ shown }) => shown()) : [html`<p class="quiet">${words.noPast}</p>`]),
    ...(view.page.subscribers ? [subscribeForm(view, language, base)] : []),
  ]);
}

/** One incident, for its own address. */
export function postHtml(view: StatusPageView, post: Post, language: Language, base: string): string {
  const page: Page = { view, words: statusWords[language], language, base };
  return statusDocument(page, textIn(post.title, language), [
    html`<p><a href="${base === '' ? '/' : base}?lang=${language}">${page.words.back}</a></p>`,
    postOf(page, post),
  ]);
}

/** One maintenance, for its own address. */
export function maintenanceHtml(view: StatusPageView, one: MaintenanceView, language: Language, base: string): string {
  const page: Page = { view, words: statusWords[language], language, base };
  return statusDocument(page, maintenanceTitle(view, one, language), [
    html`<p><a href="${base === '' ? '/' : base}?lang=${language}">${page.words.back}</a></p>`,
    worksOf(page, [one]),
  ]);
}

/** A page in the frame of all pages. */
export function statusDocument({ view, words, language, base }: Page, title: string, body: readonly Html[]): string {
  const other: Language = language === 'en' ? 'ru' : 'en';
  const name = textIn(view.page.title, language);
  const home = base === '' ? '/' : base;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title === name ? `${name}: ${words.status}` : `${title} – ${name}`)}</title>
<link rel="alternate" type="application/atom+xml" href="${base}/history.atom?lang=${language}">
<style>${statusStyle(view.page.colour)}</style>
</head>
<body>
${joined([
  html`<header><h1><a href="${home}?lang=${language}">${name}</a></h1>${
    view.page.languages.includes(other)
      ? html`<a class="quiet" lang="${other}" href="${home}?lang=${other}">${words.other}</a>`
      : ''
  }</header>`,
  html`<main>`,
  ...body,
  html`</main>`,
  html`<footer><span>${words.feeds} <a href="${base}/history.atom?lang=${language}">Atom</a>, <a href="${base}/history.rss?lang=${language}">RSS</a>, <a href="${base}/api/v2/summary.json">JSON</a></span></footer>`,
])}
</body>
</html>
`;
}

function overall({ view, words, language }: Page): Html {
  const works = view.components.some(({ isMaintained }) => isMaintained);
  const kind = view.components.length === 0 ? 'nothing' : view.worst === 'operational' && works ? 'maintenance' : view.worst;
  const look = kind === 'nothing' ? 'none' : kind === 'maintenance' ? 'under_maintenance' : kind;
  const proof =
    view.provenAtMs === null ? words.notProven : `${words.proven} ${momentText(view.provenAtMs, view.page.timeZone, language)}`;
  return html`<p class="overall"><span class="${look}">${mark(look)}</span><span>${words.overall[kind]}</span></p>
<p class="quiet">${proof}</p>`;
}

function groupsOf(page: Page): readonly Html[] {
  const { view, language } = page;
  const lists = view.page.groups.flatMap((group) => {
    const own = componentsOf(view, group.name).filter(isShown);
    return own.length === 0 ? [] : [html`<h3 class="group">${textIn(group.title, language)}</h3>`, componentCards(page, own)];
  });
  const rest = componentsOf(view, null).filter(isShown);
  return rest.length === 0 ? lists : [...lists, componentCards(page, rest)];
}

function componentCards(page: Page, components: readonly ComponentView[]): Html {
  return html`<ul class="card">${joined(components.map((component) => componentCard(page, component)))}</ul>`;
}

function componentCard({ words, language }: Page, component: ComponentView): Html {
  const { spec, history } = component;
  const state = component.isMaintained && gravity(component.state) === 0 ? 'under_maintenance' : component.state;
  const uptime =
    history.uptime === null ? words.notWatched : `${(Math.floor(history.uptime * 100_000) / 1_000).toFixed(3)} % ${words.uptime}`;
  const shown = language === 'ru' ? uptime.replace('.', ',') : uptime;
  return html`<li>
<div class="line"><h3>${textIn(spec.title, language)}</h3><span class="state ${state}">${mark(state)}${words.state[state]}</span></div>
${spec.description === null ? '' : html`<p class="quiet">${textIn(spec.description, language)}</p>`}
<div class="bars" aria-hidden="true">${joined(history.days.map((day) => html`<i class="${day.worst ?? 'none'}" title="${dayText(day, words)}"></i>`))}</div>
<div class="under"><span class="ago" aria-hidden="true">${words.daysAgo}</span><span>${shown}<span class="hidden"> ${words.history}</span></span><span aria-hidden="true">${words.today}</span></div>
</li>`;
}

function dayText({ date, worst, partialMs, majorMs }: ComponentDay, words: StatusWords): string {
  const minutes = words.minutes(Math.ceil(partialMs / 60_000), Math.ceil(majorMs / 60_000));
  return `${date}: ${worst === null ? words.notWatched : words.state[worst]}${minutes === '' ? '' : `, ${minutes}`}`;
}

function postOf({ view, words, language, base }: Page, post: Post): Html {
  const titles = view.page.components
    .filter(({ name }) => post.components.includes(name))
    .map(({ title }) => textIn(title, language));
  const zone = view.page.timeZone;
  return html`<article class="post card ${post.resolvedAtMs === null ? post.worst : 'operational'}">
<h3><a href="${base}/i/${post.id}?lang=${language}">${textIn(post.title, language)}</a></h3>
<p class="of">${[...titles, `${words.began} ${momentText(post.startedAtMs, zone, language)}`].join(' · ')}</p>
<ol>${joined(
    post.updates.toReversed().map(
      (update) => html`<li><p><strong>${words.post[update.state]}.</strong> ${textIn(update.body, language)}</p>
<time datetime="${new Date(update.atMs).toISOString()}">${momentText(update.atMs, zone, language)}</time></li>`,
    ),
  )}</ol>
</article>`;
}

function worksOf({ view, words, language, base }: Page, works: readonly MaintenanceView[]): Html {
  const zone = view.page.timeZone;
  return html`<ul class="card work">${joined(
    works.map((one) => {
      const title = maintenanceTitle(view, one, language);
      const titles = view.page.components
        .filter(({ name }) => one.components.includes(name))
        .map((component) => textIn(component.title, language))
        .filter((name) => name !== title);
      const updates = one.updates.toReversed().map(
        (update) => html`<li><p><strong>${words.maintenance[update.state]}.</strong> ${textIn(update.body, language)}</p>
<time datetime="${new Date(update.atMs).toISOString()}">${momentText(update.atMs, zone, language)}</time></li>`,
      );
      const moments = `${momentText(one.fromMs, zone, language)} – ${momentText(one.untilMs, zone, language)}`;
      return html`<li><div class="line"><h3><a href="${base}/i/${one.id}?lang=${language}">${title}</a></h3><span class="state ${one.state === 'cancelled' ? 'none' : 'under_maintenance'}">${mark(one.state === 'cancelled' ? 'none' : 'under_maintenance')}<span>${words.maintenance[one.state]}</span></span></div>
<p class="quiet">${[moments, ...(titles.length > 0 ? [titles.join(', ')] : [])].join(' · ')}</p>
${updates.length === 0 ? '' : html`<ol>${joined(updates)}</ol>`}</li>`;
    }),
  )}</ul>`;
}

/** A shape for each state: a disc, a half one, a ring that is broken, a cross, a wrench's square. */
function mark(state: ComponentState | 'under_maintenance' | 'none'): Html {
  switch (state) {
    case 'operational':
      return shape`<path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.2 5.3-3.9 4.4-2.5-2.3 1-1.1 1.4 1.3L10 5.3Z"/>`;
    case 'degraded_performance':
      return shape`<path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8a5.4 5.4 0 0 1 0-10.8Z"/>`;
    case 'partial_outage':
      return shape`<path d="M8 1.2 15.5 14.5H.5Zm-.8 4.6v4.4h1.6V5.8Zm0 5.4v1.6h1.6v-1.6Z"/>`;
    case 'major_outage':
      return shape`<path d="M4.9 1h6.2L15 4.9v6.2L11.1 15H4.9L1 11.1V4.9Zm.7 3.5L4.5 5.6 6.9 8l-2.4 2.4 1.1 1.1L8 9.1l2.4 2.4 1.1-1.1L9.1 8l2.4-2.4-1.1-1.1L8 6.9Z"/>`;
    case 'under_maintenance':
      return shape`<path d="M2 2h12v12H2Zm2 5.2v1.6h8V7.2Z"/>`;
    case 'none':
      return shape`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/>`;
  }
}

function shape(parts: TemplateStringsArray): Html {
  return html`<svg class="mark" viewBox="0 0 16 16" fill="currentColor" fill-rule="evenodd" aria-hidden="true">${raw(parts)}</svg>`;
}

/** What stands in the code of this file is no text of somebody else. */
function raw(parts: TemplateStringsArray): Html {
  return html(parts);
}
