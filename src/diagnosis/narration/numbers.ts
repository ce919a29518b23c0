/**
 * Numbers of texts, as they are written. A narration may use those that stand in the facts it cites, and no others: whoever cannot count must
 * not calculate.
 */

/** Letters and digits with what holds them together: `36,000`, `04:06:40`, `1.1.0`, `checkout-20261129-1`. */
const word = /[\p{L}\p{N}]+(?:[.,:/_+'’-][\p{L}\p{N}]+)*/gu;
/** Groups of thousands with the spaces that Russian writes there. Those that break no line are unmistakable. */
const firmGroups = /(?<=\p{N})[\u00a0\u202f\u2009](?=\p{N}{3}(?!\p{N}))/gu;
const looseGroups = /(?<![\p{L}\p{N}.,:/_-])\p{N}{1,3}(?: \p{N}{3})+(?![\p{L}\p{N}])/gu;
const grouped = /^\p{N}{1,3}(?:,\p{N}{3})+$/u;

/** Numbers that are written as words. A wrong `half` is as wrong as a wrong `50 %`. Not `one`, `first`, `second`: they mostly are none. */
const spelled =
  /^(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w+|hundreds?|thousands?|millions?|billions?|trillions?|dozens?|half|halves|thirds?|quarters?|(?:fif|six|seven|eigh|nin|ten|hundred|thousand|million)ths?|twice|thrice|doubled?|tripled?|\w+fold|ноль|нул[яюе]|дв(?:а|е|ух|ум|умя)|тр(?:и|ёх|ех|ём|ем|емя)|четыр(?:е|ёх|ех|ём|ем|ьмя)|(?:пят|шест|сем|девят|десят|двадцат|тридцат)(?:ь|и|ью)|восем(?:ь|ью)|восьми|[а-яё]+надцат(?:ь|и|ью)|десят(?:ок|ка|ки|ков)|сорока?|[а-яё]+десят|девяност[оа]|ст[оа]|двести|триста|четыреста|(?:пять|шесть|семь|восемь|девять)сот|сот(?:ни|ня|ен)|тысяч[а-яё]*|миллион[а-яё]*|миллиард[а-яё]*|дюжин[а-яё]*|половин[а-яё]*|(?:пят|шест|седьм|восьм|девят|десят|сот)(?:ая|ой|ую|ых)|треть|трети|четверт[ьи]|вдвое|втрое|дважды|трижды|полтор[аы])$/iu;

/** Every number that may be written from some texts, in each form that means the same. */
export function numbersIn(texts: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const text of texts)
    for (const token of tokensOf(text.replace(firmGroups, ','))) {
      const core = coreOf(token);
      for (const one of [token, core]) {
        found.add(one);
        if (grouped.test(one)) found.add(one.replaceAll(',', ''));
      }
      const [, minutes] = /^(\p{N}{2}:\p{N}{2}):\p{N}{2}$/u.exec(core) ?? [];
      if (minutes) found.add(minutes);
    }
  return found;
}

/** The first number of a sentence that is none of those; null: all are. */
export function strangeNumber(sentence: string, known: ReadonlySet<string>): string | null {
  const text = sentence.replace(firmGroups, ',').replace(looseGroups, (groups) => groups.replaceAll(' ', ','));
  return tokensOf(text).find((token) => !isKnown(token, known)) ?? null;
}

function tokensOf(text: string): readonly string[] {
  return [...text.matchAll(word)]
    .map(([token]) => token.toLowerCase())
    .filter((token) => /\p{N}/u.test(token) || spelled.test(token));
}

function isKnown(token: string, known: ReadonlySet<string>): boolean {
  const core = coreOf(token);
  if (known.has(token) || known.has(core) || (grouped.test(core) && known.has(core.replaceAll(',', '')))) return true;
  // `4-minute`: a number with words beside it.
  const parts = token.split(/[-/]/);
  const numbers = parts.filter((part) => /\p{N}/u.test(part) || spelled.test(part));
  return (
    numbers.length < parts.length && numbers.length > 0 && numbers.every((part) => known.has(part) || known.has(coreOf(part)))
  );
}

/** A thousand of it or so many times as much: another number, and no unit of it. */
const scale = /^(?:k|kk|b|bn|mn|mln|mio|g|t|tn|x|к|тыс|млн|млрд|х)$/u;

/** A number without the unit that is written onto it: `10s`. */
function coreOf(token: string): string {
  const [, core, unit = ''] = /^(\p{N}[\p{N}.,:]*?)(\p{L}+)$/u.exec(token) ?? [];
  return core === undefined || scale.test(unit) ? token : core;
}
