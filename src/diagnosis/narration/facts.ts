import { momentUtc } from '../../analysis/figures.ts';
import { textIn } from '../../spec/text.ts';
import type { Cited } from '../../views/post-mortem/blocks.ts';
import { type Pen, penOf } from '../../views/post-mortem/pen.ts';
import { summaryLines } from '../../views/post-mortem/summary.ts';
import type { PostMortem, TimelineEntry } from '../../views/post-mortem/types.ts';
import { bareText } from './bare-text.ts';
import type { Fact } from './types.ts';

/** Facts of one prompt, lines of one fact, characters of a line, and of all. */
const factsMax = 120;
const linesMax = 12;
const lineMax = 400;
const charactersMax = 24_000;

/**
 * The facts of an incident that a narration may be written from: each is an event of the log, with what the post-mortem knows from it. What
 * no event says (counts that were not put on record yet) is none. In the order of time; of too many, those with most to say and the first
 * and last ones.
 *
 * @param known - Secrets that are known, as they are: they are in none of it.
 */
export function factsOf(postMortem: PostMortem, language: 'en' | 'ru', known: readonly string[] = []): readonly Fact[] {
  const pen = penOf(language);
  const details = detailsOf(postMortem, pen);
  const all = postMortem.entries.filter(({ kind }) => !kind.startsWith('incident-narra'));
  const others = all.filter(({ seq }) => !details.has(seq));
  // From both ends inwards: how it began and how it ended say more than the middle.
  const inwards = others.map((_, index) => others.at(index % 2 === 0 ? index / 2 : -(index + 1) / 2) as TimelineEntry);
  let room = charactersMax;
  const facts = new Map<number, Fact>();
  for (const entry of [...all.filter(({ seq }) => details.has(seq)), ...inwards].slice(0, factsMax)) {
    const fact = factOf(entry, details.get(entry.seq) ?? [], language, known);
    room -= fact.who.length + fact.lines.reduce((sum, line) => sum + line.length, 60);
    if (room < 0) break;
    facts.set(entry.seq, fact);
  }
  return all.flatMap(({ seq }) => facts.get(seq) ?? []);
}

function factOf(
  { seq, atMs, who, text }: TimelineEntry,
  details: readonly string[],
  language: 'en' | 'ru',
  known: readonly string[],
): Fact {
  const lines = [textIn(text, language), ...details].map((line) => bareText(line, known).slice(0, lineMax));
  return { id: `E${seq}`, seq, atMs, who: bareText(who, known).slice(0, 100), lines: [...new Set(lines)].slice(0, linesMax) };
}

/** What the post-mortem knows from an event, by its position in the log. */
function detailsOf(known: PostMortem, pen: Pen): ReadonlyMap<number, readonly string[]> {
  const last = (kind: string): readonly number[] => {
    const seq = known.entries.findLast((entry) => entry.kind === kind)?.seq;
    return seq === undefined ? [] : [seq];
  };
  const [measured, diagnosed] = [last('incident-measured'), last('incident-diagnosed')];
  const lines: readonly Cited[] = [
    ...summaryLines(known, pen),
    ...clockLines(known, pen, measured),
    ...impactLines(known, pen, measured),
    ...causeLines(known, pen, diagnosed),
  ];
  const details = new Map<number, string[]>();
  for (const { text, seqs } of lines)
    for (const seq of new Set(seqs)) {
      const before = details.get(seq);
      if (before) before.push(text);
      else details.set(seq, [text]);
    }
  return details;
}

function clockLines({ clocks }: PostMortem, { words, figures }: Pen, measured: readonly number[]): readonly Cited[] {
  return clocks.flatMap(({ name, atMs, lagMs, basis, seq }): readonly Cited[] => {
    if (atMs === null) return [];
    const lag = lagMs === null || name === 'started' ? '' : `, ${words.lag}: ${figures.span(lagMs)}`;
    const seqs = [...(seq === null ? [] : [seq]), ...(basis === 'counts' ? measured : [])];
    return [{ text: `${words.clockNames[name]}: ${momentUtc(atMs)} UTC${lag}`, seqs }];
  });
}

function impactLines({ impact }: PostMortem, { words, figures }: Pen, measured: readonly number[]): readonly Cited[] {
  return impact.flatMap(({ counts, byVersion }) => [
    ...(counts.knownMs === 0
      ? []
      : [{ text: `${counts.id}: ${words.missed}: ${figures.span(counts.missedMs)}`, seqs: measured }]),
    ...byVersion.map(({ version, bad, total }) => ({
      text: `${counts.id}: ${words.version} ${version}: ${words.bad}: ${figures.n(bad)}, ${words.events}: ${figures.n(total)}`,
      seqs: measured,
    })),
  ]);
}

function causeLines({ causes }: PostMortem, { words, say }: Pen, diagnosed: readonly number[]): readonly Cited[] {
  return causes
    .slice(0, 3)
    .flatMap(({ kind, strength, said, evidence }) => [
      { text: `${words.kinds[kind]}: ${say(said)} (${words.strength}: ${words.strengths[strength]})`, seqs: diagnosed },
      ...evidence.slice(0, 4).map(({ text, seq }) => ({ text: say(text), seqs: [...diagnosed, ...(seq === null ? [] : [seq])] })),
    ]);
}
