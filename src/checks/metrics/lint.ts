import { sentence } from '../sentences.ts';
import type { Family, Problem } from './exposition.ts';

const bases = ['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'seconds', 'volts'];
/** Units that are used in place of the base unit. */
const others: Readonly<Record<string, string>> = {
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  weeks: 'seconds',
  kelvins: 'kelvin',
  fahrenheit: 'celsius',
  rankine: 'celsius',
  inches: 'meters',
  yards: 'meters',
  miles: 'meters',
  bits: 'bytes',
  calories: 'joules',
  pounds: 'grams',
  ounces: 'grams',
};
const prefixes = /^(pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|mebi|giga|gibi|tera|tebi|peta|pebi)(?=.)/;
const abbreviations = ['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd'];

/** What is against the usual rules for metrics, as `promtool check metrics` has them (client_golang, testutil/promlint). */
export function lintFamily({ name, line, type, help, samples }: Family): readonly Problem[] {
  // OpenMetrics leaves the end out of the name of the family.
  const full = type === 'counter' && samples.some((sample) => sample.name === `${name}_total`) ? `${name}_total` : name;
  const labels = new Set(samples.flatMap((sample) => sample.labels.map(([label]) => label)));
  const isTyped = type !== null && type !== 'untyped' && type !== 'unknown';
  const isHistogram = type === 'histogram' || type === 'gaugehistogram';
  const found: Problem[] = [];
  const say = (en: string, ru: string, ...parts: readonly string[]) =>
    found.push({ line, text: sentence(`$ ${en}`, `$ ${ru}`, full, ...parts) });
  if (help === null || help === '') say('has no HELP', 'без описания HELP');
  const unit = unitIn(name);
  if (unit) say('is in $ and not in $', 'в единицах $, а не $', unit.is, unit.base);
  if (type === 'counter' && !full.endsWith('_total'))
    say('is a counter and does not end in _total', '— счётчик, но не кончается на _total');
  if (isTyped && type !== 'counter' && full.endsWith('_total'))
    say('is no counter and ends in _total', 'кончается на _total, но не счётчик');
  if (isTyped && !isHistogram) {
    if (name.endsWith('_bucket')) say('is no histogram and ends in _bucket', 'кончается на _bucket, но не гистограмма');
    if (type !== 'summary')
      for (const end of ['_count', '_sum'])
        if (name.endsWith(end))
          say('is no histogram or summary and ends in $', 'кончается на $, но не гистограмма и не summary', end);
    if (labels.has('le')) say('is no histogram and has a label le', 'с меткой le, но не гистограмма');
    if (type !== 'summary' && labels.has('quantile'))
      say('is no summary and has a label quantile', 'с меткой quantile, но не summary');
  }
  if (isTyped && has(name.toLowerCase(), type)) say('has its type in its name', 'содержит в имени свой тип');
  if (name.includes(':')) say('has a colon, which is for recording rules', 'содержит двоеточие: оно для правил записи');
  if (/[a-z][A-Z]/.test(name)) say('is not in snake_case', 'не в snake_case');
  for (const label of labels)
    if (/[a-z][A-Z]/.test(label)) say('has a label that is not in snake_case: $', 'с меткой не в snake_case: $', label);
  const short = abbreviations.find((one) => has(name.toLowerCase(), one));
  if (short !== undefined) say('has an abbreviated unit: $', 'с сокращённой единицей: $', short);
  return found;
}

function has(name: string, word: string): boolean {
  return name.includes(`_${word}_`) || name.endsWith(`_${word}`);
}

/** A unit in the name that is not the base unit of what it measures. */
function unitIn(name: string): { readonly is: string; readonly base: string } | null {
  for (const word of name.split('_')) {
    const plain = word.replace(prefixes, '');
    const base = bases.includes(plain) ? plain : others[plain];
    if (base !== undefined && word !== base) return { is: word, base };
  }
  return null;
}
