import { z } from 'zod';
import { byKey } from '../spec/choice.ts';
import type { Answer } from './http-client.ts';
import { atPointer, jsonOf, pointer } from './json-pointer.ts';
import { setCookies } from './set-cookie.ts';

const word = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/, 'expected a name without spaces');

/** Where a value stands in an answer. */
export const takenValue = byKey('the place of a value', {
  json: z.strictObject({ json: pointer.describe('Place in the JSON of the answer (JSON Pointer).') }),
  header: z.strictObject({ header: word.describe('Header of the answer.') }),
  cookie: z.strictObject({ cookie: word.describe('Cookie that the answer sets.') }),
  field: z.strictObject({
    field: z
      .string()
      .min(1)
      .max(200)
      .describe('Hidden field of its form, or its meta element, by its name: an anti-forgery token.'),
  }),
});
export type TakenValue = z.output<typeof takenValue>;

/** The value as text; undefined: the answer has none there. */
export function valueIn({ headers, body }: Pick<Answer, 'headers' | 'body'>, place: TakenValue): string | undefined {
  if ('json' in place) {
    const found = atPointer(jsonOf(body), place.json);
    return typeof found === 'object' || found === undefined ? undefined : String(found);
  }
  if ('header' in place) {
    const found = headers[place.header.toLowerCase()];
    return Array.isArray(found) ? found[0] : found;
  }
  if ('cookie' in place) return setCookies(headers).find(({ name }) => name === place.cookie)?.value;
  return fieldValue(body, place.field);
}

/** The value of `<input name=… value=…>` or `<meta name=… content=…>`. */
function fieldValue(html: string, field: string): string | undefined {
  for (const [, attributes = ''] of html.matchAll(/<(?:input|meta)\s([^<>]{0,4000})>/gi)) {
    const found = new Map(
      [...attributes.matchAll(/([\w:-]{1,100})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)].map(([, name = '', ...values]) => [
        name.toLowerCase(),
        unescaped(values.find((value) => value !== undefined) ?? ''),
      ]),
    );
    if (found.get('name') === field) return found.get('value') ?? found.get('content');
  }
  return undefined;
}

const characters: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#34': '"',
  '#39': "'",
  '#x27': "'",
  '#43': '+',
  '#x2B': '+',
};

function unescaped(text: string): string {
  return text.replace(/&(#?\w{1,8});/g, (whole, name: string) => characters[name] ?? whole);
}
