import type { Incident } from '../incidents/types.ts';
import type { StatusComponentSpec } from '../spec/status-page.ts';
import { type Text, textIn } from '../spec/text.ts';
import { gravity } from './impact.ts';
import type { ComponentState, PostState } from './types.ts';

/** What customers may be told: nothing of names of versions, people, hosts and causes, which are nobody else's business before a person says so. */
export type DraftText = { readonly title: Text; readonly body: Text };

/** How far an incident is, in the words of Statuspage. */
export function postStateOf({ state, actions }: Pick<Incident, 'state' | 'actions'>): PostState {
  switch (state) {
    case 'open':
    case 'acknowledged':
      // A release in reach may have done it; one that is being taken back is what is said to be the cause.
      return actions.some(({ kind, outcome }) => kind === 'rollback' && (outcome === null || outcome === 'helped'))
        ? 'identified'
        : 'investigating';
    case 'mitigated':
      return 'monitoring';
    case 'resolved':
    case 'reviewed':
      return 'resolved';
  }
}

/**
 * The text of a post at a state of its incident, from what is measured alone.
 *
 * @param components - Empty: those that it was about are on the page no more.
 * @param worst - The worst that its components were.
 */
export function draftOf(
  state: PostState,
  components: readonly Pick<StatusComponentSpec, 'title'>[],
  worst: ComponentState,
  wentBack: boolean,
): DraftText {
  const names = (language: 'en' | 'ru'): string =>
    listed(
      components.map(({ title }) => textIn(title, language)),
      language,
    );
  const [en, ru] = [names('en'), names('ru')];
  return { title: titleOf(worst, en, ru), body: bodyOf(state, worst, en, ru, wentBack) };
}

function titleOf(worst: ComponentState, en: string, ru: string): Text {
  if (worst === 'major_outage') return { en: `${en}: outage`, ru: `${ru}: не работает` };
  if (worst === 'partial_outage') return { en: `${en}: partial outage`, ru: `${ru}: частично не работает` };
  return { en: `${en}: degraded performance`, ru: `${ru}: работает хуже обычного` };
}

function bodyOf(state: PostState, worst: ComponentState, en: string, ru: string, wentBack: boolean): Text {
  switch (state) {
    case 'investigating':
      return gravity(worst) >= gravity('partial_outage')
        ? {
            en: `Some requests to ${en} fail. We are looking into it.`,
            ru: `Часть запросов не выполняется: ${ru}. Мы выясняем причину.`,
          }
        : {
            en: `${en} may answer slowly or with errors. We are looking into it.`,
            ru: `Возможны медленные ответы и ошибки: ${ru}. Мы выясняем причину.`,
          };
    case 'identified':
      return {
        en: `A recent change may be the cause of the problems with ${en}. We are taking it back.`,
        ru: `Возможная причина – недавнее изменение: ${ru}. Мы возвращаем прежнюю версию.`,
      };
    case 'monitoring':
      return wentBack
        ? {
            en: `A recent change was taken back. ${en} works again; we keep watching it.`,
            ru: `Недавнее изменение отменено. ${ru}: снова работает; мы продолжаем наблюдать.`,
          }
        : {
            en: `${en} works again. We keep watching it.`,
            ru: `${ru}: снова работает. Мы продолжаем наблюдать.`,
          };
    case 'resolved':
    case 'postmortem':
      return en === ''
        ? { en: 'This incident is over.', ru: 'Инцидент завершён.' }
        : { en: `${en} works as usual. This incident is over.`, ru: `${ru}: работает как обычно. Инцидент завершён.` };
  }
}

function listed(names: readonly string[], language: 'en' | 'ru'): string {
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
}
