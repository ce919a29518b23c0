/** A text, or one for each plural category of its language that `Intl.PluralRules` knows; `n` decides. `{name}` is put in. */
export type Entry = string | { readonly one?: string; readonly few?: string; readonly many?: string; readonly other: string };

/** The same keys in another language. */
export type Translated<English> = Readonly<Record<keyof English, Entry>>;

type Holes<Text> = Text extends `${string}{${infer Hole}}${infer Rest}` ? Hole | Holes<Rest> : never;

/** Names of what has to be put into a text. */
export type HolesOf<Text> = Text extends string ? Holes<Text> : Holes<Text[keyof Text]> | 'n';

export type Values = Readonly<Record<string, string | number>>;

/** The text of an entry with its values. Numbers are written as the language does. Pure. */
export function filled(entry: Entry, values: Values, plural: Intl.PluralRules, number: Intl.NumberFormat): string {
  const text = typeof entry === 'string' ? entry : (entry[plural.select(Number(values.n)) as 'one'] ?? entry.other);
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    if (value === undefined) return hole;
    return typeof value === 'number' ? number.format(value) : value;
  });
}
