import { said } from '../../analysis/figures.ts';
import type { Severity } from '../../incidents/types.ts';
import { textIn } from '../../spec/text.ts';
import type { Offer, PostMortem, PostMortemInput } from './types.ts';

/** How soon a person or a channel has to know, by severity; null: on the next working day. */
const tellWithinMs: Readonly<Record<Severity, number | null>> = { P0: 300_000, P1: 1_800_000, P2: null };
/** Part of the budget that the usual page lets be spent before it fires: 2 %. */
const budgetBeforeMax = 0.02;

type Known = Omit<PostMortem, 'offers' | 'proposals'>;

/** Facts that people may find good, bad or lucky, each with its numbers and its events. */
export function offersOf(known: Known, input: PostMortemInput): readonly Offer[] {
  return [
    ...detected(known),
    ...told(known, input),
    ...acted(known),
    ...asked(input),
    ...published(known),
    ...limited(known),
    ...guarded(known),
  ];
}

function detected({ detection }: Known): readonly Offer[] {
  if (detection?.ofBudget == null || detection.before === null) return [];
  const { ofBudget, before } = detection;
  const text = said(
    ({ share, n }) => `it was detected after ${share(ofBudget)} of the budget (${n(before.bad)} bad events)`,
    ({ share, n }) => `обнаружено после расхода ${share(ofBudget)} бюджета (плохих событий: ${n(before.bad)})`,
  );
  return [{ side: ofBudget <= budgetBeforeMax ? 'well' : 'wrong', text, seqs: [] }];
}

function told({ severity, responders, clocks, incident: _ }: Known, { incident }: PostMortemInput): readonly Offer[] {
  const offers: Offer[] = [];
  const limitMs = tellWithinMs[severity];
  const clock = clocks.find(({ name }) => name === 'told');
  const delayMs = incident.toldAtMs === null ? null : incident.toldAtMs - incident.openedAtMs;
  if (delayMs !== null && limitMs !== null)
    offers.push({
      side: delayMs <= limitMs ? 'well' : 'wrong',
      text: said(
        ({ span }) => `the first one was told ${span(delayMs)} after it was detected; ${severity} allows ${span(limitMs)}`,
        ({ span }) =>
          `первое сообщение доставлено через ${span(delayMs)} после обнаружения; для ${severity} допускается ${span(limitMs)}`,
      ),
      seqs: seqOf(clock?.seq),
    });
  const refused = responders
    .filter(({ state }) => state === 'refused')
    .map(({ person, notifier, said: why }) =>
      said(
        () => `${person ?? notifier} was not reached by ${notifier}: ${why}`,
        () => `${person ?? notifier}: сообщение через ${notifier} не доставлено: ${why}`,
      ),
    );
  // Several messages may have been refused for the same reason.
  for (const text of new Map(refused.map((one) => [textIn(one, 'en'), one])).values())
    offers.push({ side: 'wrong', text, seqs: [] });
  const steps = Math.max(-1, ...responders.map(({ step }) => step ?? -1));
  if (steps > 0)
    offers.push({
      side: 'wrong',
      text: said(
        ({ n }) => `it was escalated to step ${n(steps + 1)}: nobody took it before that`,
        ({ n }) => `эскалация дошла до шага ${n(steps + 1)}: на предыдущих инцидент никто не взял`,
      ),
      seqs: [],
    });
  if (incident.resolvedAtMs !== null && incident.acknowledgedAtMs === null && responders.some(({ person }) => person !== null))
    offers.push({
      side: 'well',
      text: said(
        () => 'it was over before anybody took it: a page may not have been needed',
        () => 'всё закончилось раньше, чем кто-либо взял инцидент: вызов, возможно, был не нужен',
      ),
      seqs: [],
    });
  return offers;
}

function acted({ actions, clocks }: Known): readonly Offer[] {
  const acknowledged = clocks.find(({ name }) => name === 'acknowledged')?.atMs ?? null;
  return actions.flatMap(({ id, help, endedAtMs, outcome }): readonly Offer[] => {
    if (outcome === 'failed')
      return [
        {
          side: 'wrong',
          text: said(
            () => `${id} could not be carried out`,
            () => `действие ${id} выполнить не удалось`,
          ),
          seqs: [],
        },
      ];
    const helped = help.find(({ verdict }) => verdict === 'helped');
    if (helped && endedAtMs !== null) {
      const alone = acknowledged === null || acknowledged > endedAtMs;
      return [
        {
          side: 'well',
          text: alone
            ? said(
                () => `${id} helped before any person had to act`,
                () => `действие ${id} помогло раньше, чем понадобился человек`,
              )
            : said(
                () => `${id} helped`,
                () => `действие ${id} помогло`,
              ),
          seqs: [],
        },
      ];
    }
    if (help.length > 0 && help.every(({ verdict }) => verdict === 'no-help'))
      return [
        {
          side: 'wrong',
          text: said(
            () => `${id} did not help: users were hurt all the same`,
            () => `действие ${id} не помогло: пользователям лучше не стало`,
          ),
          seqs: [],
        },
      ];
    return [];
  });
}

/** Why the machine did not get on by itself. */
function asked({ incident: { person }, entries }: PostMortemInput): readonly Offer[] {
  if (person === null) return [];
  const seq = entries.findLast(({ kind }) => kind === 'incident-person-needed')?.seq;
  return [
    {
      side: 'wrong',
      text: said(
        () => `the machine had to ask for a person: ${textIn(person.why, 'en')}`,
        () => `автоматике понадобился человек: ${textIn(person.why, 'ru')}`,
      ),
      seqs: seqOf(seq),
    },
  ];
}

function published({ updates }: Known): readonly Offer[] {
  const [first] = updates;
  if (!first) return [];
  return [
    {
      side: first.lagMs <= 1_800_000 ? 'well' : 'wrong',
      text: said(
        ({ span }) => `the first public word came ${span(first.lagMs)} after the beginning`,
        ({ span }) => `первое публичное сообщение появилось через ${span(first.lagMs)} после начала`,
      ),
      seqs: seqOf(first.seq),
    },
  ];
}

/** What the limit of the candidate's share has spared: at its own ratio, had it had all requests. */
function limited({ release, impact }: Known): readonly Offer[] {
  return impact.flatMap(({ counts, byVersion }): readonly Offer[] => {
    const ours = byVersion.find(({ version }) => version === release?.version);
    if (!release || !ours || ours.total === 0 || ours.total === counts.during.total) return [];
    const all = Math.round((ours.bad * counts.during.total) / ours.total);
    if (all <= counts.during.bad) return [];
    const share = ours.total / counts.during.total;
    return [
      {
        side: 'lucky',
        text: said(
          (f) =>
            `${release.version} had ${f.share(share)} of the events of ${counts.name}: with all of them ${f.n(all)} would have been bad in place of ${f.n(counts.during.bad)}, at the same ratio`,
          (f) =>
            `${release.version} получала ${f.share(share)} событий цели ${counts.name}: со всеми событиями при той же доле плохих было бы ${f.n(all)} вместо ${f.n(counts.during.bad)}`,
        ),
        seqs: [],
      },
    ];
  });
}

/** A way back that the release has begun by itself. */
function guarded({ release }: Known): readonly Offer[] {
  if (release?.safeAtMs == null || release.backBy !== 'guard') return [];
  const { safeAtMs } = release;
  return [
    {
      side: 'well',
      text: said(
        () =>
          `the guard of release ${release.id} took traffic back by itself: all of it was on the stable version at ${moment(safeAtMs)}`,
        () => `защита выпуска ${release.id} сама вернула трафик: весь он был на стабильной версии в ${moment(safeAtMs)}`,
      ),
      seqs: [],
    },
  ];
}

function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

function seqOf(seq: number | null | undefined): readonly number[] {
  return seq == null ? [] : [seq];
}
