import { momentUtc } from '../../analysis/figures.ts';
import type { Cited } from './blocks.ts';
import type { Pen } from './pen.ts';
import { capitalized, shownText } from './shown-text.ts';
import type { Clock, PostMortem } from './types.ts';

/** The facts in a few sentences, each with its events: a draft for whoever writes the summary. */
export function summaryLines(known: PostMortem, pen: Pen): readonly Cited[] {
  return [lasted(known, pen), ...hurt(known, pen), ...attributed(known, pen), ...noticed(known, pen), ...ended(known, pen)];
}

function clockOf({ clocks }: PostMortem, name: Clock['name']): Clock | undefined {
  return clocks.find((clock) => clock.name === name);
}

function seqsOf(...clocks: readonly (Clock | undefined)[]): readonly number[] {
  return [...new Set(clocks.flatMap((clock) => clock?.seq ?? []))];
}

function lastOf(entries: PostMortem['entries'], kind: string): readonly number[] {
  const seq = entries.findLast((entry) => entry.kind === kind)?.seq;
  return seq === undefined ? [] : [seq];
}

function lasted(known: PostMortem, { language, figures }: Pen): Cited {
  const [started, ended, detected] = (['started', 'ended', 'detected'] as const).map((name) => clockOf(known, name));
  const from = momentUtc(started?.atMs ?? known.asOfMs);
  const what = `${known.severity}, ${shownText(known.service ?? 'rampart')}`;
  const seqs = seqsOf(detected, ended);
  if (ended?.atMs == null || ended.lagMs === null)
    return {
      text: language === 'en' ? `${what}: it began at ${from} UTC and goes on` : `${what}: началось в ${from} UTC и продолжается`,
      seqs,
    };
  const to = momentUtc(ended.atMs);
  const span = figures.span(ended.lagMs);
  return {
    text: language === 'en' ? `${what}: from ${from} to ${to} UTC, ${span}` : `${what}: с ${from} до ${to} UTC, ${span}`,
    seqs,
  };
}

function hurt({ impact, entries }: PostMortem, { language, figures: f }: Pen): readonly Cited[] {
  const [worst] = impact;
  if (!worst) return [];
  const { counts, expectedBad, ofBudget } = worst;
  const { bad, total } = counts.during;
  const name = shownText(counts.id);
  const usual =
    expectedBad === null
      ? ''
      : language === 'en'
        ? `, ${f.n(expectedBad)} would be usual`
        : `, обычно было бы ${f.n(expectedBad)}`;
  const spent =
    ofBudget === null ? '' : language === 'en' ? `; ${f.share(ofBudget)} of the budget` : `; это ${f.share(ofBudget)} бюджета`;
  const text =
    language === 'en'
      ? `${f.n(bad)} of ${f.n(total)} events of ${name} were bad${usual}${spent}`
      : `${name}: плохих событий ${f.n(bad)} из ${f.n(total)}${usual}${spent}`;
  return [{ text, seqs: lastOf(entries, 'incident-measured') }];
}

function attributed({ causes, entries }: PostMortem, { say }: Pen): readonly Cited[] {
  const [first] = causes;
  if (!first || first.strength === 'against' || first.strength === 'weak') return [];
  const seqs = [...first.evidence.flatMap(({ seq }) => seq ?? []), ...lastOf(entries, 'incident-diagnosed')];
  return [{ text: say(first.said), seqs }];
}

function noticed(known: PostMortem, { language, figures: f }: Pen): readonly Cited[] {
  const [detected, told, taken] = (['detected', 'told', 'acknowledged'] as const).map((name) => clockOf(known, name));
  if (detected?.lagMs == null) return [];
  const isEnglish = language === 'en';
  const parts = [isEnglish ? `detected after ${f.span(detected.lagMs)}` : `обнаружено через ${f.span(detected.lagMs)}`];
  if (told?.lagMs != null)
    parts.push(isEnglish ? `somebody told after ${f.span(told.lagMs)}` : `первое оповещение через ${f.span(told.lagMs)}`);
  else parts.push(isEnglish ? 'nobody was told' : 'никто не был оповещён');
  if (taken?.lagMs != null)
    parts.push(isEnglish ? `taken by a person after ${f.span(taken.lagMs)}` : `принято человеком через ${f.span(taken.lagMs)}`);
  return [{ text: capitalized(parts.join(', ')), seqs: seqsOf(detected, told, taken) }];
}

function ended({ actions }: PostMortem, { words }: Pen): readonly Cited[] {
  const seqs: number[] = [];
  const judged = actions.flatMap(({ id, kind, help, seq }) => {
    const verdict = help.find(({ verdict: found }) => found !== null)?.verdict ?? null;
    if (verdict !== null && seq !== null) seqs.push(seq);
    return verdict === null ? [] : [`${words.actions[kind]} (${shownText(id)}): ${words.verdicts[verdict]}`];
  });
  return judged.length === 0 ? [] : [{ text: capitalized(judged.join('; ')), seqs }];
}
