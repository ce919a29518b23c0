import { said } from '../../analysis/figures.ts';
import type { Lesson } from '../../incidents/learning/types.ts';
import { textIn } from '../../spec/text.ts';
import { lessonGain } from './lesson-gain.ts';
import type { PostMortem, PostMortemInput, Proposal } from './types.ts';

type Known = Omit<PostMortem, 'offers' | 'proposals'>;

/** What is to be done and follows from the record alone: each with the numbers that prove it. */
export function provenProposals(known: Known, { incident }: PostMortemInput): readonly Proposal[] {
  return [...missingAlerts(known, incident), ...unreachable(known), ...drills(known), ...automatic(known, incident)];
}

/** Alerts that would have told of it earlier, as replaying its counts has shown. */
export function learnedProposals(lessons: readonly Lesson[]): readonly Proposal[] {
  return lessons.map((lesson): Proposal => {
    const { id, change, now, then, diff } = lesson;
    const gain = lessonGain(lesson);
    return {
      id: `detection/${id}`,
      kind: 'detection',
      said: change,
      proof: said(
        ({ n }) => `replayed: ${textIn(gain, 'en')} (${n(then.falseAlarms)} in place of ${n(now.falseAlarms)})`,
        ({ n }) => `проигрывание: ${textIn(gain, 'ru')} (${n(then.falseAlarms)} вместо ${n(now.falseAlarms)})`,
      ),
      seqs: [],
      diff,
    };
  });
}

/** Counts of an objective were worse than it allows, and none of its alerts is in the incident. */
function missingAlerts({ impact }: Known, { alerts }: PostMortemInput['incident']): readonly Proposal[] {
  return impact.flatMap(({ counts, ofBudget }): readonly Proposal[] => {
    const fired = alerts.some(({ key }) => key.startsWith(`${counts.id}/`));
    if (fired || ofBudget === null || ofBudget < 0.02 || counts.missedMs === 0) return [];
    return [
      {
        id: `missing-alert/${counts.id}`,
        kind: 'missing-alert',
        said: said(
          () => `give ${counts.id} an alert that fires on such an incident`,
          () => `настройте для ${counts.id} тревогу, которая сработает при таком инциденте`,
        ),
        proof: said(
          ({ n, share }) =>
            `${n(counts.during.bad)} of ${n(counts.during.total)} events were bad, ${share(ofBudget)} of the budget, and none of its alerts fired`,
          ({ n, share }) =>
            `плохих событий ${n(counts.during.bad)} из ${n(counts.during.total)}, это ${share(ofBudget)} бюджета, но ни одна её тревога не сработала`,
        ),
        seqs: [],
        diff: null,
      },
    ];
  });
}

/** Somebody who was to be told and never was, by any way. */
function unreachable({ responders }: Known): readonly Proposal[] {
  const names = [...new Set(responders.map(({ person, notifier }) => person ?? notifier))];
  return names.flatMap((name): readonly Proposal[] => {
    const own = responders.filter(({ person, notifier }) => (person ?? notifier) === name);
    const refused = own.filter(({ state }) => state === 'refused');
    if (refused.length === 0 || own.some(({ state }) => state === 'delivered')) return [];
    const ways = [...new Set(refused.map(({ notifier }) => notifier))].join(', ');
    return [
      {
        id: `unreachable-person/${name}`,
        kind: 'unreachable-person',
        said: said(
          () => `correct how ${name} is reached, and try it with \`rampart notify test\``,
          () => `исправьте способ связи с ${name} и проверьте его командой \`rampart notify test\``,
        ),
        proof: said(
          ({ count }) => `${count(refused.length, 'message', 'messages', 'messages')} refused (${ways}), none delivered`,
          ({ count }) =>
            `${count(refused.length, 'сообщение отклонено', 'сообщения отклонены', 'сообщений отклонено')} (${ways}), ни одно не доставлено`,
        ),
        seqs: [],
        diff: null,
      },
    ];
  });
}

/** A way back that failed. */
function drills({ actions, service }: Known): readonly Proposal[] {
  const failed = actions.filter(({ kind, outcome }) => kind === 'rollback' && outcome === 'failed');
  const [first] = failed;
  if (!first) return [];
  return [
    {
      id: 'rollback-drill',
      kind: 'rollback-drill',
      said: said(
        () => `ask for the check \`rollback-drill\` before releases of ${service ?? 'the service'}`,
        () => `требуйте проверку \`rollback-drill\` перед выпусками ${service ?? 'сервиса'}`,
      ),
      proof: said(
        () => `${first.id} failed: ${first.said}`,
        () => `${first.id} не удалось: ${first.said}`,
      ),
      seqs: [],
      diff: null,
    },
  ];
}

/** A way back that a person had to ask for, and that helped. */
function automatic(
  { release, actions, clocks, service, severity }: Known,
  { response }: PostMortemInput['incident'],
): readonly Proposal[] {
  const detected = clocks.find(({ name }) => name === 'detected')?.atMs ?? null;
  if (release?.safeAtMs == null || release.backBy !== 'operator' || response !== null) return [];
  if (detected === null || release.safeAtMs < detected) return [];
  if (actions.some(({ kind }) => kind === 'rollback')) return [];
  const { safeAtMs } = release;
  return [
    {
      id: 'automatic-rollback',
      kind: 'automatic-rollback',
      said: said(
        () => `let the first responder roll back releases of ${service ?? 'the service'} by itself`,
        () => `разрешите автоматический откат выпусков ${service ?? 'сервиса'}`,
      ),
      proof: said(
        ({ span }) =>
          `a person had traffic taken back: it was on the stable version ${span(safeAtMs - detected)} after the incident was detected`,
        ({ span }) => `трафик вернул человек: на стабильной версии он был через ${span(safeAtMs - detected)} после обнаружения`,
      ),
      seqs: [],
      diff: [
        `--- ${service ?? 'service'}`,
        `+++ ${service ?? 'service'}`,
        '@@ -0,0 +1 @@',
        `+  incidents: { respond: { ${severity}: [check, rollback] } }`,
      ].join('\n'),
    },
  ];
}
