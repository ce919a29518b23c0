import { said } from '../analysis/figures.ts';
import { droppedCount } from '../diagnosis/narration/types.ts';
import type { AfterEvent } from '../incidents/after-events.ts';
import { type Text, textIn } from '../spec/text.ts';

const itemStates = {
  open: { en: 'to be done', ru: 'предстоит' },
  done: { en: 'done', ru: 'сделано' },
  dropped: { en: 'dropped', ru: 'снято' },
} as const;

/** What was measured, found and written after an incident, in one sentence. */
export function afterText(event: AfterEvent & { readonly actor: string }): Text {
  const { actor } = event;
  switch (event.kind) {
    case 'incident-measured': {
      const [worst] = event.data.measure.objectives;
      if (!worst) return { en: 'measured: no objective has counts of it', ru: 'подсчёт: ни одна цель не считала события' };
      const { bad, total } = worst.during;
      return said(
        ({ n }) => `measured: ${n(bad)} of ${n(total)} events of ${worst.id} were bad`,
        ({ n }) => `подсчёт: ${worst.id}, плохих событий ${n(bad)} из ${n(total)}`,
      );
    }
    case 'incident-diagnosed': {
      const { causes } = event.data;
      return said(
        ({ count }) => `diagnosed: ${count(causes.length, 'possible cause', '', 'possible causes')}`,
        ({ count }) => `диагностика: ${count(causes.length, 'возможная причина', 'возможные причины', 'возможных причин')}`,
      );
    }
    case 'incident-learned': {
      const [best] = event.data.lessons;
      if (!best)
        return {
          en: 'replayed: no other alert would have told of it earlier',
          ru: 'проигрывание: другие тревоги не сработали бы раньше',
        };
      const { earlierMs, extraFalseAlarms } = best;
      return said(
        ({ span, n }) =>
          `replayed: an alert could have told of it ${span(earlierMs)} earlier, for ${n(extraFalseAlarms)} more false alarms`,
        ({ span, n }) =>
          `проигрывание: тревога могла сработать на ${span(earlierMs)} раньше, дополнительных ложных срабатываний: ${n(extraFalseAlarms)}`,
      );
    }
    case 'incident-narration-asked': {
      const { model, why } = event.data;
      const more = why === '' ? '' : `: ${why}`;
      return { en: `a narration is asked of ${model}${more}`, ru: `пересказ запрошен у модели ${model}${more}` };
    }
    case 'incident-narrated': {
      const { model, sentences, dropped } = event.data.narration;
      const left = droppedCount(dropped);
      return said(
        ({ count, n }) =>
          `narration by ${model}: ${count(sentences.length, 'sentence', '', 'sentences')}${left === 0 ? '' : `, ${n(left)} left out`}`,
        ({ count, n }) =>
          `пересказ модели ${model}: ${count(sentences.length, 'предложение', 'предложения', 'предложений')}${left === 0 ? '' : `, отброшено ${n(left)}`}`,
      );
    }
    case 'incident-narration-failed': {
      const { model, why } = event.data;
      return {
        en: `no narration by ${model}: ${textIn(why, 'en')}`,
        ru: `пересказа модели ${model} нет: ${textIn(why, 'ru')}`,
      };
    }
    case 'incident-review-edited':
      return { en: `${actor} has written in the post-mortem`, ru: `${actor}: запись в разборе` };
    case 'incident-action-item-set': {
      const { item, text, owner, due, state } = event.data;
      const words = itemStates[state];
      return {
        en: `action item ${item} (${owner}, until ${due}, ${words.en}): ${text}`,
        ru: `задача ${item} (${owner}, до ${due}, ${words.ru}): ${text}`,
      };
    }
  }
}
