import type { Text } from '../spec/text.ts';
import type { ItemState, ItemStatus, ReadinessVerdict } from './types.ts';
import { russianCount } from './wording.ts';

/** How it stands in two sentences. */
export function summaryOf(verdict: ReadinessVerdict, items: readonly ItemState[]): Text {
  const count = (...wanted: ItemStatus[]) => items.filter(({ status }) => wanted.includes(status)).length;
  const absent = items.filter(({ status }) => status === 'fail' || status === 'unproven');
  const blockers = absent.filter(({ severity }) => severity === 'blocker');
  const failed = blockers.filter(({ status }) => status === 'fail').length;
  const risks = absent.length - blockers.length + count('warn', 'exempt');
  const asked = items.length - count('skipped');
  const passed = count('pass');
  const away = count('skipped');
  const heads: Readonly<Record<ReadinessVerdict, { readonly en: string; readonly ru: string }>> = {
    ready: { en: 'Ready', ru: 'Готово' },
    'ready-with-risks': {
      en: `Ready with risks: ${risks} ${risks === 1 ? 'item is' : 'items are'} not as they should be, none of them a blocker`,
      ru: `Готово с рисками: ${russianCount(risks, 'пункт', 'пункта', 'пунктов')} с замечаниями, блокеров среди них нет`,
    },
    'not-ready': {
      en: `Not ready: ${blockers.length} ${blockers.length === 1 ? 'blocker is' : 'blockers are'} open (${failed} failed, ${blockers.length - failed} unproven)`,
      ru: `Не готово: ${russianCount(blockers.length, 'блокер', 'блокера', 'блокеров')} (провалено ${failed}, не доказано ${blockers.length - failed})`,
    },
  };
  return {
    en: `${heads[verdict].en}. ${passed} of ${asked} ${asked === 1 ? 'item' : 'items'} passed${away === 0 ? '' : `, ${away} ${away === 1 ? 'does' : 'do'} not apply`}`,
    ru: `${heads[verdict].ru}. Пройдено ${passed} из ${asked}${away === 0 ? '' : `, не применимо ${away}`}`,
  };
}
