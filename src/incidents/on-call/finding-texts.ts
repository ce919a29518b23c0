import { localMs } from '../../spec/local-time.ts';
import type { Text } from '../../spec/text.ts';
import { durationText } from '../../spec/unit-text.ts';

/** What clocks in a zone show, to the minute: `2026-11-07 17:00`. */
export function clockText(ms: number, zone: string): string {
  return new Date(localMs(ms, zone)).toISOString().slice(0, 16).replace('T', ' ');
}

/** The same with the offset from UTC, for times that clocks may show twice: `2026-10-25 02:20 +01:00`. */
export function exactClockText(ms: number, zone: string): string {
  const minutes = Math.round((localMs(ms, zone) - ms) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const far = Math.abs(minutes);
  return `${clockText(ms, zone)} ${minutes < 0 ? '-' : '+'}${two(Math.floor(far / 60))}:${two(far % 60)}`;
}

/** A time by the clocks of a zone: from when until when. */
export function spanText({ fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }, zone: string): Text {
  const [from, until] = [clockText(fromMs, zone), clockText(untilMs, zone)];
  return { en: `from ${from} to ${until} (${zone})`, ru: `с ${from} до ${until} (${zone})` };
}

type Both = { readonly en: string; readonly ru: string };
const both = (text: Text): Both => (typeof text === 'string' ? { en: text, ru: text } : text);

/** The sentences of findings, without a full stop. */
export const findingTexts = {
  unknown: (kind: string, name: string, near: string | undefined): Text => ({
    en: `there is no ${kind} ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
    ru: `нет документа ${kind} с именем ${name}${near === undefined ? '' : `; имелся в виду ${near}?`}`,
  }),
  empty: (): Text => ({
    en: 'nobody is on call, ever: it has no layers and no overrides',
    ru: 'никто никогда не дежурит: нет ни слоёв, ни замен',
  }),
  gap: (span: Text, more: number): Text => ({
    en: `nobody is on call ${both(span).en}${more === 0 ? '' : `, and ${more} more ${more === 1 ? 'time' : 'times'}`}`,
    ru: `никто не дежурит ${both(span).ru}${more === 0 ? '' : `, и ещё промежутков: ${more}`}`,
  }),
  noContact: (severity: string, span: Text | null): Text => ({
    en: `cannot be reached for ${severity}${span === null ? '' : `, and is on call ${both(span).en}`}: no contact is for it`,
    ru: `нет контакта для ${severity}${span === null ? '' : `, а дежурство — ${both(span).ru}`}`,
  }),
  oneContact: (notifier: string): Text => ({
    en: `can be reached for P0 by ${notifier} alone: when that is down, by nothing`,
    ru: `для P0 есть только ${notifier}: если он не работает, связи нет`,
  }),
  noStep: (severity: string): Text => ({
    en: `nobody is told of ${severity}: no step is for it`,
    ru: `о ${severity} никто не узнает: для него нет шага`,
  }),
  unreachable: (severity: string, span: Text, more: number): Text => ({
    en: `for ${severity} it reaches nobody ${both(span).en}${more === 0 ? '' : `, and ${more} more ${more === 1 ? 'time' : 'times'}`}`,
    ru: `для ${severity} никто не получит сообщение ${both(span).ru}${more === 0 ? '' : `, и ещё промежутков: ${more}`}`,
  }),
  sameAgain: (severity: string, told: string, span: Text): Text => ({
    en: `for ${severity} it tells only ${told} again, as the step before it does, ${both(span).en}`,
    ru: `для ${severity} сообщение снова получит только ${told}, как и на предыдущем шаге, ${both(span).ru}`,
  }),
  unread: (): Text => ({
    en: 'what its calendar says is known to a controller alone: see `rampart oncall` without --file',
    ru: 'что в календаре, знает только контроллер: `rampart oncall` без --file',
  }),
  calendar: (ageMs: number | null, problem: string): Text => {
    const age = ageMs === null ? null : durationText(Math.floor(ageMs / 60_000) * 60_000);
    return {
      en: `its calendar ${age === null ? 'was never read' : `was last read ${age} ago`}: ${problem}`,
      ru: `календарь ${age === null ? 'ещё ни разу не прочитан' : `последний раз прочитан ${age} назад`}: ${problem}`,
    };
  },
  nobodys: (titles: readonly string[]): Text => {
    const some = titles.slice(0, 5).map((title) => JSON.stringify(title.slice(0, 100)));
    const more = titles.length - some.length;
    return {
      en: `of its calendar it cannot be told whose these are: ${some.join(', ')}${more > 0 ? `, and ${more} more` : ''}`,
      ru: `по календарю не понять, чьи это события: ${some.join(', ')}${more > 0 ? ` и ещё ${more}` : ''}`,
    };
  },
  vainSwap: (person: string, span: Text): Text => ({
    en: `${person} is not on call ${both(span).en}, so there is nothing to swap`,
    ru: `${person} не дежурит ${both(span).ru}, менять нечего`,
  }),
} as const;
