import { momentUtc } from '../../analysis/figures.ts';
import type { Text } from '../../spec/text.ts';
import { bareText } from './bare-text.ts';
import { numbersIn, strangeNumber } from './numbers.ts';
import type { Checked, DropReason, Fact, NarratedSentence } from './types.ts';

/** Sentences of a narration, characters of one, events that one cites; and sentences that are looked at. */
export const sentencesMax = 12;
export const sentenceMax = 400;
const sentenceMin = 8;
const citesMax = 10;
const lookedMax = 100;

/** Signs of markup and links, and whatever moves a cursor, turns the direction of a text or cannot be seen. */
const markup =
  /[<>`|*~^\\{}[\]]|:\/\/|\bwww\.|\bmailto:|@|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|#(?:\s|$)|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/iu;
/** Words with a dot inside: addresses, files, names of hosts. */
const dotted = /[\p{L}\p{N}_-]*\p{L}[\p{L}\p{N}_-]*\.[\p{L}][\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*/gu;
/** Ids that were written into the text all the same. */
const ownCites = /\s*[([]\s*(E\d+(?:\s*[,;]\s*E\d+)*)\s*[)\]]/g;

/**
 * What of a model's answer may be shown. Nothing of it is believed: a sentence stands only when every event that it cites is one of the facts,
 * and each of its numbers and addresses stands in those. Those that fail are left out, and counted.
 *
 * @param body - What the endpoint has answered, whatever it is.
 * @param known - Secrets that are known, as they are.
 */
export function checkAnswer(body: string, facts: readonly Fact[], known: readonly string[] = []): Checked {
  const content = contentOf(body);
  if (typeof content !== 'string') return content;
  const given = sentencesIn(content);
  if (given === null)
    return none('its answer is not the JSON that it was asked for', 'в ответе не тот JSON, который запрошен', true);
  const dropped: Partial<Record<DropReason, number>> = {};
  const drop = (reason: DropReason, count = 1): void => {
    dropped[reason] = (dropped[reason] ?? 0) + count;
  };
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  const sentences: NarratedSentence[] = [];
  for (const one of given.slice(0, lookedMax)) {
    const judged = judge(one, byId, known);
    if (typeof judged === 'string') drop(judged);
    else if (sentences.some(({ text }) => text.toLowerCase() === judged.text.toLowerCase())) drop('repeated');
    else if (sentences.length >= sentencesMax) drop('length');
    else sentences.push(judged);
  }
  if (given.length > lookedMax) drop('length', given.length - lookedMax);
  if (sentences.length > 0) return { kind: 'narrated', sentences, dropped };
  if (given.length === 0) return none('it had nothing to say', 'ему нечего сказать', false);
  return none(
    `none of its ${given.length} sentences stood up to the check (${reasonsText(dropped, 'en')})`,
    `проверку не прошло ни одно предложение из ${given.length} (${reasonsText(dropped, 'ru')})`,
    false,
  );
}

/** A sentence as it may be shown, or why it may not. */
function judge(given: unknown, facts: ReadonlyMap<string, Fact>, known: readonly string[]): NarratedSentence | DropReason {
  if (typeof given !== 'object' || given === null || !('text' in given) || typeof given.text !== 'string') return 'uncited';
  const listed: unknown = 'cites' in given ? given.cites : [];
  if (!Array.isArray(listed)) return 'uncited';
  // Longer than any sentence may be: nothing of it is looked at.
  if (given.text.length > 2 * sentenceMax || listed.length > citesMax) return 'length';
  const inside = [...given.text.matchAll(ownCites)].flatMap(([, ids = '']) => ids.split(/\s*[,;]\s*/));
  const cites = new Set<unknown>([...listed, ...inside]);
  if (cites.size === 0) return 'uncited';
  const cited: Fact[] = [];
  for (const id of cites) {
    const fact = typeof id === 'string' ? facts.get(id) : undefined;
    if (!fact) return 'unknown-event';
    cited.push(fact);
  }
  const text = given.text.replace(ownCites, '').trim();
  if (text.length < sentenceMin || text.length > sentenceMax) return 'length';
  if (markup.test(text)) return 'markup';
  if (bareText(text, known) !== text) return 'secret';
  const sources = cited.flatMap(({ lines, who, atMs }) => [...lines, who, momentUtc(atMs)]);
  if (strangeNumber(text, numbersIn(sources)) !== null) return 'number';
  const all = sources.join('\n').toLowerCase();
  if ([...text.matchAll(dotted)].some(([name]) => !all.includes(name.toLowerCase()))) return 'name';
  return { text, seqs: cited.map(({ seq }) => seq).toSorted((a, b) => a - b) };
}

/** What the model has written, out of the answer of the endpoint; else why there is none. */
function contentOf(body: string): string | Checked {
  const answer = parsed(body);
  const isGarbage = none('it answers something else than chat completions', 'отвечает не так, как chat completions', true);
  if (typeof answer !== 'object' || answer === null || !('choices' in answer) || !Array.isArray(answer.choices)) return isGarbage;
  const [choice] = answer.choices as readonly unknown[];
  if (typeof choice !== 'object' || choice === null || !('message' in choice)) return isGarbage;
  const { message } = choice;
  if (typeof message !== 'object' || message === null) return isGarbage;
  const ending = 'finish_reason' in choice ? choice.finish_reason : null;
  if (ending === 'content_filter') return none('a filter of the endpoint has stopped it', 'его остановил фильтр сервера', false);
  if ('refusal' in message && typeof message.refusal === 'string' && message.refusal !== '')
    return none('the model refuses to write it', 'модель отказывается писать', false);
  if (ending === 'length')
    return none(
      'its answer was cut off: it needs more tokens (maxTokens)',
      'ответ оборвался: нужно больше токенов (maxTokens)',
      false,
    );
  if (!('content' in message) || typeof message.content !== 'string') return isGarbage;
  return message.content;
}

/** Sentences as they were given; null: it is no such answer. Some servers put a fence around the JSON. */
function sentencesIn(content: string): readonly unknown[] | null {
  const [, fenced] = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(content) ?? [];
  const found = parsed(fenced ?? content);
  if (typeof found !== 'object' || found === null || !('sentences' in found)) return null;
  return Array.isArray(found.sentences) ? found.sentences : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function none(en: string, ru: string, isTrouble: boolean): Extract<Checked, { kind: 'none' }> {
  return { kind: 'none', why: { en, ru }, isTrouble };
}

const reasonWords: Readonly<Record<DropReason, Exclude<Text, string>>> = {
  uncited: { en: 'citing no event', ru: 'без ссылки на событие' },
  'unknown-event': { en: 'citing events that there are not', ru: 'со ссылкой на несуществующие события' },
  number: { en: 'with numbers that the cited events do not have', ru: 'с числами, которых нет в указанных событиях' },
  name: { en: 'with addresses that the cited events do not have', ru: 'с адресами, которых нет в указанных событиях' },
  markup: { en: 'with markup or links', ru: 'с разметкой или ссылками' },
  length: { en: 'too long or too many', ru: 'слишком длинные или лишние' },
  secret: { en: 'with what looks like a secret', ru: 'с похожим на секрет' },
  repeated: { en: 'said before', ru: 'повторы' },
};

/** How many sentences were left out for which reason: `2 with markup or links, 1 said before`. */
export function reasonsText(dropped: Readonly<Partial<Record<DropReason, number>>>, language: 'en' | 'ru'): string {
  return (Object.keys(reasonWords) as DropReason[])
    .flatMap((reason) => (dropped[reason] ? [`${dropped[reason]} ${reasonWords[reason][language]}`] : []))
    .join(', ');
}
