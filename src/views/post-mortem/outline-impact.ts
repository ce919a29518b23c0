import { momentUtc } from '../../analysis/figures.ts';
import type { SpanCounts } from '../../incidents/impact/types.ts';
import { type Block, type Cited, uncited } from './blocks.ts';
import type { Pen } from './pen.ts';
import { shownText } from './shown-text.ts';
import type { Clock, PostMortem } from './types.ts';

/** What users have suffered: bad events beside what is usual, minutes, budget, versions. */
export function impactBlocks({ impact, clocks }: PostMortem, pen: Pen): readonly Block[] {
  const { words, figures, language } = pen;
  if (impact.length === 0) return [{ kind: 'lines', lines: [uncited(words.notMeasured)] }];
  const share = (value: number | null) => uncited(value === null ? words.unknown : figures.share(value));
  const number = (value: number | null) => uncited(value === null ? words.unknown : figures.n(value));
  const isTold = impact.filter(({ byVersion }) => byVersion.length > 0);
  const [first] = impact;
  const [from, to] = ['started', 'ended'].map((name) => clocks.find((clock) => clock.name === name)?.atMs ?? null);
  const notes = impact.flatMap(({ counts }) => notesOf(counts, pen));
  return [
    {
      kind: 'table',
      label: words.impact,
      head: [
        words.objective,
        words.bad,
        words.events,
        words.expected,
        words.excess,
        words.budget,
        words.excessBudget,
        words.missed,
      ],
      rows: impact.map(({ counts, expectedBad, excessBad, ofBudget, excessOfBudget }) => [
        uncited(shownText(counts.id)),
        number(counts.during.bad),
        number(counts.during.total),
        number(expectedBad),
        number(excessBad),
        share(ofBudget),
        share(excessOfBudget),
        uncited(counts.knownMs === 0 ? words.unknown : figures.span(counts.missedMs)),
      ]),
    },
    ...(notes.length === 0 ? [] : [{ kind: 'list', lines: notes } as const]),
    ...(isTold.length === 0
      ? []
      : [
          {
            kind: 'table',
            label: words.byVersion,
            head: [words.objective, words.version, words.bad, words.events, words.budget],
            rows: isTold.flatMap(({ counts, byVersion }) =>
              byVersion.map(({ version, bad, total, ofBudget }) => [
                uncited(shownText(counts.id)),
                uncited(shownText(version)),
                number(bad),
                number(total),
                share(ofBudget),
              ]),
            ),
          } as const,
        ]),
    ...(first && first.counts.series.length > 1
      ? [
          {
            kind: 'chart',
            label: `${words.chart}: ${shownText(first.counts.id)} (≤ ${figures.share(highest(first.counts.series))})`,
            fromMs: from ?? first.counts.during.fromMs,
            toMs: to ?? first.counts.during.toMs,
            series: first.counts.series,
          } as const,
        ]
      : []),
    {
      kind: 'lines',
      lines: [
        uncited(
          language === 'en'
            ? 'How many users were hurt is not known: only requests are counted'
            : 'Сколько пользователей пострадало, неизвестно: считаются только запросы',
        ),
      ],
    },
  ];
}

/** The worst piece of a story. */
function highest(series: readonly SpanCounts[]): number {
  return Math.max(0, ...series.map(({ bad, total }) => (total === 0 ? 0 : bad / total)));
}

function notesOf(
  { id, during, baseline, leftOut, cellS, knownMs }: PostMortem['impact'][number]['counts'],
  { figures, language }: Pen,
): readonly Cited[] {
  const name = shownText(id);
  const span = `${momentUtc(during.fromMs)} – ${momentUtc(during.toMs)} UTC`;
  const wholeMs = during.toMs - during.fromMs;
  const isEnglish = language === 'en';
  return [
    isEnglish
      ? `${name}: counted ${span}, in cells of ${figures.span(cellS * 1_000)} or less${knownMs < wholeMs ? `; events in ${figures.span(knownMs)} of it` : ''}`
      : `${name}: подсчитано за ${span}, интервалами не длиннее ${figures.span(cellS * 1_000)}${knownMs < wholeMs ? `; события были в течение ${figures.span(knownMs)}` : ''}`,
    ...(baseline
      ? [
          isEnglish
            ? `${name}: usual is ${figures.n(baseline.bad)} of ${figures.n(baseline.total)} in the ${figures.span(baseline.toMs - baseline.fromMs)} before`
            : `${name}: обычное значение — ${figures.n(baseline.bad)} из ${figures.n(baseline.total)} за ${figures.span(baseline.toMs - baseline.fromMs)} до этого`,
        ]
      : [
          isEnglish
            ? `${name}: what is usual is not known, nothing was counted before`
            : `${name}: обычное значение неизвестно, до этого ничего не считалось`,
        ]),
    ...(leftOut.total > 0
      ? [
          isEnglish
            ? `${name}: a correction leaves out ${figures.n(leftOut.bad)} bad of ${figures.n(leftOut.total)} events`
            : `${name}: поправка исключает ${figures.n(leftOut.bad)} плохих из ${figures.n(leftOut.total)} событий`,
        ]
      : []),
  ].map(uncited);
}

/** The clocks with their lags. */
export function clockRows({ clocks }: PostMortem, pen: Pen): Block {
  const { words, figures } = pen;
  return {
    kind: 'table',
    label: words.clocks,
    head: [words.clock, words.moment, words.lag, words.basis],
    rows: clocks.map((clock) => [
      uncited(words.clockNames[clock.name]),
      { text: clock.atMs === null ? words.unknown : momentUtc(clock.atMs), seqs: clock.seq === null ? [] : [clock.seq] },
      uncited(clock.lagMs === null ? words.unknown : figures.span(clock.lagMs)),
      uncited(basisText(clock, pen)),
    ]),
  };
}

function basisText({ basis, change, atMs }: Clock, { words, language }: Pen): string {
  if (basis === null || atMs === null) return words.unknown;
  if (basis === 'person') return words.byPerson;
  if (basis === 'record' || change === null) return words.byRecord;
  const [low, high] = [change.lowMs, change.highMs].map((ms) => momentUtc(ms).slice(11));
  return language === 'en' ? `${words.byCounts}: between ${low} and ${high}` : `${words.byCounts}: между ${low} и ${high}`;
}
