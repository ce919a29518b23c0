import type { Text } from '../../spec/text.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { sections } from '../markdown.ts';
import { type Finding, sentence } from '../sentences.ts';
import { type Amount, type AmountUnit, amountIn, type Bounds, isWithin } from './amounts.ts';
import { dateIn } from './date-in.ts';
import type { Doc } from './docs.ts';
import { isValue, labelled, labelPattern } from './labelled.ts';

const dayMs = 86_400_000;

/** A heading with one of the words, or a file of that name. */
export function headingFinding(words: readonly string[], docs: readonly Doc[], isFolder: boolean): Finding {
  const isIn = (text: string): boolean => words.some((word) => text.toLowerCase().includes(word.toLowerCase()));
  for (const { name, text } of docs) {
    const file =
      name
        .split('/')
        .at(-1)
        ?.replace(/\.[^.]*$/, '') ?? '';
    if (isFolder && isIn(file.replace(/[-_]+/g, ' ')) && (text ?? '').trim() !== '')
      return { status: 'pass', text: sentence('$ is about $', '$ описывает: $', name, words.join(' / ')) };
    const section = sections(text ?? '').find(({ heading }) => isIn(heading));
    if (section) return { status: 'pass', text: sentence('$:$: $', '$:$: $', name, section.line, section.heading.slice(0, 100)) };
  }
  return missing(
    sentence('no heading has "$"', 'нет заголовка со словом «$»', words.join(' / ')),
    sentence('write a part about it, with the heading "$"', 'добавьте раздел с заголовком «$»', words[0] ?? ''),
  );
}

/** A label with a value behind it. */
export function fieldFinding(labels: readonly string[], docs: readonly Doc[]): Finding {
  for (const { name, text } of docs)
    for (const label of labels) {
      const found = labelled(text ?? '', label).find((one) => isValue(one.text));
      if (found) return { status: 'pass', text: sentence('$:$ says $', '$:$: указано «$»', name, found.line, label) };
    }
  return missing(
    sentence('nothing stands behind "$"', 'поле «$» не заполнено', labels.join(' / ')),
    sentence('write "$: …"', 'добавьте «$: …»', labels[0] ?? ''),
  );
}

export function containsFinding(texts: readonly string[], docs: readonly Doc[]): Finding {
  const found = docs.find(({ text }) => texts.some((one) => labelPattern(one).test(text ?? '') || text?.includes(one)));
  if (found) return { status: 'pass', text: sentence('$ has "$"', 'в $ есть «$»', found.name, texts.join(' / ')) };
  return missing(
    sentence('"$" stands nowhere', 'текста «$» нет', texts.join(' / ')),
    sentence('write about $', 'опишите: $', texts[0] ?? ''),
  );
}

/** All numbers behind a label are within their bounds. */
export function numberFinding(label: string, bounds: Bounds, docs: readonly Doc[]): Finding {
  const wanted = boundsText(bounds);
  const unit = Object.values(bounds).find((one) => one !== undefined)?.unit ?? 'plain';
  const stated: { readonly amount: Amount; readonly place: string }[] = [];
  for (const { name, text } of docs)
    for (const { line, text: behind } of labelled(text ?? '', label)) {
      const amount = amountIn(behind, unit);
      if (amount) stated.push({ amount, place: `${name}:${line}` });
    }
  if (stated.length === 0)
    return missing(
      sentence('no number stands behind "$"', 'после «$» нет числа', label),
      sentence('write it down, such as "$: $"', 'укажите значение, например «$: $»', label, exampleOf(unit)),
    );
  const wrong = stated.find(({ amount }) => !isWithin(amount, bounds));
  const told = wrong ?? (stated[0] as (typeof stated)[number]);
  if (!wrong) return { status: 'pass', text: sentence('$ is $ ($)', '$: $ ($)', label, told.amount.text, told.place) };
  return {
    status: 'fail',
    text: sentence('$ is $ ($), expected $', '$: $ ($), ожидается $', label, told.amount.text, told.place, wanted),
    fix: sentence('make a plan that reaches $ $, and write it down', 'обеспечьте $ $ и отразите это в документе', label, wanted),
  };
}

/** The newest date behind a label is not too long ago, and not to come. */
export function dateFinding(label: string, maxAgeMs: number, docs: readonly Doc[], nowMs: number): Finding {
  let newest: { readonly ms: number; readonly place: string } | null = null;
  for (const { name, text } of docs)
    for (const { line, text: behind } of labelled(text ?? '', label)) {
      const ms = dateIn(behind);
      if (ms !== null && ms > (newest?.ms ?? Number.NEGATIVE_INFINITY)) newest = { ms, place: `${name}:${line}` };
    }
  if (newest === null)
    return missing(
      sentence('no date stands behind "$"', 'после «$» нет даты', label),
      sentence('write it down, such as "$: 2026-01-31"', 'укажите дату, например «$: 2026-01-31»', label),
    );
  const day = new Date(newest.ms).toISOString().slice(0, 10);
  // Where it is tomorrow already.
  if (newest.ms > nowMs + dayMs)
    return {
      status: 'fail',
      text: sentence('$: $ is still to come ($)', '$: $ ещё не наступило ($)', label, day, newest.place),
      fix: sentence('write down when it was', 'укажите, когда это было'),
    };
  const ageMs = nowMs - newest.ms;
  if (ageMs <= maxAgeMs + dayMs) return { status: 'pass', text: sentence('$: $ ($)', '$: $ ($)', label, day, newest.place) };
  return {
    status: 'fail',
    text: sentence('$: $ was $ days ago ($)', '$: $, дней назад: $ ($)', label, day, Math.floor(ageMs / dayMs), newest.place),
    fix: sentence(
      'do it again (at least every $), and write the date down',
      'повторите (не реже чем раз в $) и запишите дату',
      durationText(maxAgeMs),
    ),
  };
}

function missing(text: Text, fix: Text): Finding {
  return { status: 'fail', text, fix };
}

function boundsText({ below, atMost, above, atLeast }: Bounds): string {
  const signs = [
    ['<', below],
    ['≤', atMost],
    ['>', above],
    ['≥', atLeast],
  ] as const;
  return signs.flatMap(([sign, one]) => (one ? [`${sign} ${amountText(one.unit, one.value)}`] : [])).join(', ');
}

function amountText(unit: AmountUnit, value: number): string {
  return unit === 'ms' ? durationText(value) : unit === 'ppm' ? percentText(value) : String(value);
}

function exampleOf(unit: AmountUnit): string {
  return { ms: '2h', ppm: '99.9%', plain: '3' }[unit];
}
