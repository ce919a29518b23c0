import { isDeepStrictEqual } from 'node:util';
import type { Text } from '../../spec/text.ts';
import { type Answer, isWithin, rangesText } from '../http-client.ts';
import { atPointer, jsonOf } from '../json-pointer.ts';
import type { HttpStep } from './schema.ts';

/** How much of an answer is shown. */
const shownMax = 200;

/** What in an answer is not as expected; empty: all is well. */
export function problems(
  answer: Answer,
  want: Pick<HttpStep, 'status' | 'contains' | 'lacks' | 'json' | 'has'>,
): readonly Text[] {
  const found: Text[] = [];
  if (!isWithin(answer.status, want.status)) {
    const place = answer.headers.location;
    const where = place === undefined ? '' : ` (${place.slice(0, shownMax)})`;
    const expected = rangesText(want.status);
    found.push({
      en: `the status is ${answer.status}${where} instead of ${expected}`,
      ru: `статус ${answer.status}${where} вместо ${expected}`,
    });
  }
  for (const text of want.contains ?? [])
    if (!answer.body.includes(text)) found.push({ en: `it does not contain "${text}"`, ru: `в ответе нет «${text}»` });
  for (const text of want.lacks ?? [])
    if (answer.body.includes(text)) found.push({ en: `it contains "${text}"`, ru: `в ответе есть «${text}»` });
  for (const [name, value] of Object.entries(want.has)) {
    const given = String(answer.headers[name.toLowerCase()] ?? '');
    if (!given.toLowerCase().includes(value.toLowerCase()))
      found.push({
        en: `${name} is "${given.slice(0, shownMax)}" instead of "${value}"`,
        ru: `${name}: «${given.slice(0, shownMax)}» вместо «${value}»`,
      });
  }
  const json = Object.keys(want.json).length > 0 ? jsonOf(answer.body) : undefined;
  if (Object.keys(want.json).length > 0 && json === undefined)
    return [...found, { en: 'it is no JSON', ru: 'ответ не в формате JSON' }];
  for (const [place, value] of Object.entries(want.json)) {
    const given = atPointer(json, place);
    if (isDeepStrictEqual(given, value)) continue;
    const shown = given === undefined ? null : JSON.stringify(given).slice(0, shownMax);
    const expected = JSON.stringify(value);
    found.push({
      en: `${place} is ${shown ?? 'not there'} instead of ${expected}`,
      ru: `${place}: ${shown ?? 'нет значения'} вместо ${expected}`,
    });
  }
  return found;
}
