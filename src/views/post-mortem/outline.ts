import { momentUtc } from '../../analysis/figures.ts';
import { reasonsText } from '../../diagnosis/narration/check.ts';
import type { Block, Cited, PostMortemOutline, Section } from './blocks.ts';
import { uncited } from './blocks.ts';
import { clockRows, impactBlocks } from './outline-impact.ts';
import { itemBlocks, writtenBlocks } from './outline-review.ts';
import { type Pen, penOf } from './pen.ts';
import { capitalized, shownText } from './shown-text.ts';
import { summaryLines } from './summary.ts';
import type { PostMortem } from './types.ts';

/** A post-mortem in one language. */
export function outlineOf(known: PostMortem, language: 'en' | 'ru'): PostMortemOutline {
  const pen = penOf(language);
  const { words } = pen;
  const started = known.clocks[0]?.atMs ?? known.asOfMs;
  const facts = [
    { label: words.severity, value: known.severity },
    { label: words.service, value: shownText(known.service ?? words.unknown) },
    { label: words.state, value: words.states[known.state] },
    { label: words.date, value: momentUtc(started).slice(0, 10) },
    { label: words.authors, value: known.review.authors.map(shownText).join(', ') || words.unknown },
    { label: words.asOf, value: `${momentUtc(known.asOfMs)} UTC` },
  ];
  return {
    kind: words.title,
    title: shownText(known.title),
    incident: shownText(known.incident),
    severity: known.severity,
    facts,
    sections: sectionsOf(known, pen),
  };
}

function sectionsOf(known: PostMortem, pen: Pen): readonly Section[] {
  const { words } = pen;
  const isOver = known.state === 'resolved' || known.state === 'reviewed';
  const people = (field: Parameters<typeof writtenBlocks>[1]): Section => ({
    id: field,
    title: words.fields[field],
    blocks: writtenBlocks(known, field, pen),
  });
  return [
    {
      id: 'summary',
      title: words.summary,
      blocks: [
        ...(known.review.texts.summary ? writtenBlocks(known, 'summary', pen) : []),
        ...(isOver ? [] : [{ kind: 'lines', lines: [uncited(words.draft)] } as const]),
        { kind: 'lines', lines: summaryLines(known, pen) },
        // A draft for whoever writes the summary; once somebody has, it is of no more use.
        ...(known.review.texts.summary ? [] : narrationBlocks(known, pen)),
      ],
    },
    { id: 'impact', title: words.impact, blocks: impactBlocks(known, pen) },
    { id: 'clocks', title: words.clocks, blocks: [clockRows(known, pen)] },
    { id: 'trigger', title: words.trigger, blocks: triggerBlocks(known, pen) },
    people('causes'),
    { id: 'detection', title: words.detection, blocks: [detectionBlock(known, pen)] },
    { id: 'resolution', title: words.resolution, blocks: [actionBlock(known, pen)] },
    { id: 'responders', title: words.responders, blocks: [responderBlock(known, pen)] },
    { id: 'communication', title: words.communication, blocks: [updateBlock(known, pen)] },
    people('well'),
    people('wrong'),
    people('lucky'),
    { id: 'offers', title: words.offers, blocks: offerBlocks(known, pen) },
    people('surprise'),
    people('lessons'),
    { id: 'items', title: words.items, blocks: itemBlocks(known, pen) },
    { id: 'proposals', title: words.proposals, blocks: proposalBlocks(known, pen) },
    { id: 'timeline', title: words.timeline, blocks: [timelineBlock(known, pen)] },
  ];
}

/** What a model has made of the events, clearly apart from what is proven. */
function narrationBlocks({ narration }: PostMortem, { words, say, language }: Pen): readonly Block[] {
  if (narration === null) return [];
  const { model, atMs, sentences, dropped } = narration;
  const left = reasonsText(dropped, language);
  return [
    { kind: 'heading', text: `${words.narration} ${shownText(model)}, ${momentUtc(atMs)} UTC` },
    { kind: 'lines', lines: [uncited(left === '' ? words.narrationNote : `${words.narrationNote}. ${words.leftOut}: ${left}`)] },
    { kind: 'list', lines: sentences.map(({ text, seqs }) => ({ text: say(text), seqs })) },
  ];
}

function triggerBlocks({ causes }: PostMortem, { words, say }: Pen): readonly Block[] {
  if (causes.length === 0) return [{ kind: 'lines', lines: [uncited(words.noTrigger)] }];
  return causes.flatMap(({ kind, strength, said, evidence, refutedBy }): readonly Block[] => [
    { kind: 'heading', text: `${words.kinds[kind]}: ${say(said)}` },
    { kind: 'lines', lines: [uncited(`${words.strength}: ${words.strengths[strength]}`)] },
    {
      kind: 'list',
      lines: [
        ...evidence.map(({ text, seq }): Cited => ({ text: say(text), seqs: seq === null ? [] : [seq] })),
        uncited(`${words.refuted}: ${say(refutedBy)}`),
      ],
    },
  ]);
}

function detectionBlock({ detection, clocks }: PostMortem, { words, figures, language }: Pen): Block {
  if (!detection) return { kind: 'lines', lines: [uncited(words.unknown)] };
  const { alert, origin, said, latencyMs, before, ofBudget } = detection;
  const seq = clocks.find(({ name }) => name === 'detected')?.seq ?? null;
  const isEnglish = language === 'en';
  const lines: Cited[] = [
    { text: `${shownText(alert)} (${shownText(origin)}): ${shownText(said)}`, seqs: seq === null ? [] : [seq] },
  ];
  if (latencyMs !== null) {
    const after = figures.span(latencyMs);
    const isSaid = clocks[0]?.basis === 'person';
    lines.push(
      uncited(
        isEnglish
          ? `${after} after the beginning ${isSaid ? 'as people say' : 'that the counts show'}`
          : `через ${after} после начала, ${isSaid ? 'названного людьми' : 'которое видно по счётчикам'}`,
      ),
    );
  }
  if (before)
    lines.push(
      uncited(
        isEnglish
          ? `${figures.n(before.bad)} of ${figures.n(before.total)} events were bad by then${ofBudget === null ? '' : `, ${figures.share(ofBudget)} of the budget`}`
          : `к этому времени плохих событий было ${figures.n(before.bad)} из ${figures.n(before.total)}${ofBudget === null ? '' : `, это ${figures.share(ofBudget)} бюджета`}`,
      ),
    );
  return { kind: 'list', lines };
}

function actionBlock({ actions }: PostMortem, { words, figures, say }: Pen): Block {
  if (actions.length === 0) return { kind: 'lines', lines: [uncited(words.none)] };
  return {
    kind: 'table',
    label: words.resolution,
    head: [words.moment, words.action, words.said, words.outcome, words.helped],
    rows: actions.map(({ begunAtMs, kind, id, said, outcome, help, seq }) => [
      { text: momentUtc(begunAtMs), seqs: seq === null ? [] : [seq] },
      uncited(`${words.actions[kind]} (${shownText(id)})`),
      uncited(say(said)),
      uncited(outcome === null ? words.unknown : words.outcomes[outcome]),
      uncited(
        help.length === 0
          ? words.unknown
          : help
              .map(
                ({ objective, verdict, before, after }) =>
                  `${shownText(objective)}: ${verdict === null ? words.unknown : words.verdicts[verdict]} (${figures.n(before.bad)}/${figures.n(before.total)} → ${figures.n(after.bad)}/${figures.n(after.total)})`,
              )
              .join('; '),
      ),
    ]),
  };
}

function responderBlock({ responders, ackedMs }: PostMortem, { words, figures, say, language }: Pen): Block {
  if (responders.length === 0) return { kind: 'lines', lines: [uncited(words.none)] };
  const cost =
    ackedMs === null
      ? []
      : [
          [
            uncited(
              language === 'en'
                ? `Time of people, about ${figures.span(ackedMs)}`
                : `Время людей, примерно ${figures.span(ackedMs)}`,
            ),
            ...Array.from({ length: 4 }, () => uncited('')),
          ],
        ];
  return {
    kind: 'table',
    label: words.responders,
    head: [words.person, words.way, words.lag, words.state, words.said],
    rows: [
      ...responders.map(({ person, notifier, lagMs, state, said }) => [
        uncited(shownText(person ?? notifier)),
        uncited(shownText(notifier)),
        uncited(figures.span(lagMs)),
        uncited(words.toldStates[state]),
        uncited(say(said)),
      ]),
      ...cost,
    ],
  };
}

function updateBlock({ updates }: PostMortem, { words, figures, say }: Pen): Block {
  if (updates.length === 0) return { kind: 'lines', lines: [uncited(words.none)] };
  return {
    kind: 'table',
    label: words.communication,
    head: [words.moment, words.lag, words.who, words.text],
    rows: updates.map(({ atMs, lagMs, by, text, seq }) => [
      { text: momentUtc(atMs), seqs: seq === null ? [] : [seq] },
      uncited(figures.span(lagMs)),
      uncited(shownText(by)),
      uncited(say(text)),
    ]),
  };
}

function offerBlocks({ offers }: PostMortem, { words, say }: Pen): readonly Block[] {
  if (offers.length === 0) return [{ kind: 'lines', lines: [uncited(words.none)] }];
  const sides = ['well', 'wrong', 'lucky'] as const;
  return [
    { kind: 'lines', lines: [uncited(words.offersNote)] },
    ...sides.flatMap((side): readonly Block[] => {
      const own = offers.filter((offer) => offer.side === side);
      if (own.length === 0) return [];
      return [
        { kind: 'heading', text: words.sides[side] },
        { kind: 'list', lines: own.map(({ text, seqs }) => ({ text: say(text), seqs })) },
      ];
    }),
  ];
}

function proposalBlocks({ proposals }: PostMortem, { words, say }: Pen): readonly Block[] {
  if (proposals.length === 0) return [{ kind: 'lines', lines: [uncited(words.none)] }];
  return [
    { kind: 'lines', lines: [uncited(words.proposalsNote)] },
    ...proposals.flatMap(({ said, proof, seqs, diff }): readonly Block[] => [
      { kind: 'heading', text: capitalized(say(said)) },
      { kind: 'lines', lines: [{ text: `${words.proof}: ${say(proof)}`, seqs }] },
      ...(diff === null ? [] : [{ kind: 'code', lines: diff.split('\n').map(shownText) } as const]),
    ]),
  ];
}

function timelineBlock({ entries, entriesLeftOut }: PostMortem, { words, figures, say, language }: Pen): Block {
  const more =
    language === 'en'
      ? `${figures.n(entriesLeftOut)} more events are in the log`
      : `в журнале есть и другие события: ${figures.n(entriesLeftOut)}`;
  return {
    kind: 'timeline',
    head: [words.time, words.who, words.what, words.record],
    rows: entries.map(({ seq, atMs, who, text, url, isNote }) => ({
      seq,
      time: momentUtc(atMs),
      who: shownText(who),
      text: say(text),
      url,
      isNote,
    })),
    more: entriesLeftOut === 0 ? null : more,
  };
}
