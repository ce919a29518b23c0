import { isCommitted } from './phase-name.ts';
import { causeText, heldText } from './reason.ts';
import { approvalText, stepText } from './step-text.ts';
import { endReason, releaseSummary } from './summary.ts';
import type { ReleaseState, ServiceState, Step, Verb } from './types.ts';
import { verbRefusal } from './verbs.ts';

/** What people and programs may be told of a release. `planned` comes from its timeline. */
export const releaseNewsKinds = [
  'planned',
  'started',
  'step',
  'held',
  'resumed',
  'rolling-back',
  'back-failing',
  'rolled-back',
  'succeeded',
  'failed',
] as const;
export type ReleaseNewsKind = (typeof releaseNewsKinds)[number];

type Both = { readonly en: string; readonly ru: string };

/** Something that has happened to a release, with everything that is told of it: it is on record beside the event that it follows from. */
export type ReleaseNews = {
  readonly kind: ReleaseNewsKind;
  readonly release: string;
  readonly version: string;
  readonly stable: string | null;
  readonly strategy: string;
  readonly by: string;
  readonly why: string;
  /** The step that it is at, from 1; null: none. */
  readonly step: number | null;
  readonly steps: number;
  /** Sentences, without a full stop at the end. */
  readonly said: Both;
  /** What is of use now, the one that helps first. */
  readonly verbs: readonly Verb[];
  /** It waited for somebody, or for something, and does no more: whoever was told of that is told of this. */
  readonly wasHeld?: true;
  /** Nothing happens with it any more, and what it has cost. */
  readonly end?: {
    readonly secondsToSafety: number | null;
    readonly failedRequests: number;
    readonly candidateRequests: number;
    /** Somebody can take it back: there is a version to go back to. */
    readonly hasWayBack: boolean;
  };
};

/**
 * What there is to tell of an event: of each release that it has moved. Pure, like `decide`; the same transition always has the same news.
 * Steps that only look at what the one before has done are no news.
 */
export function releaseNews(before: ServiceState, after: ServiceState): readonly ReleaseNews[] {
  if (before === after || (before.live === after.live && before.queued === after.queued && before.ended === after.ended))
    return [];
  const ended = after.ended === before.ended ? [] : after.ended.filter((release) => !before.ended.includes(release)).toReversed();
  const now = [...ended, after.live, after.queued].filter((release) => release !== null);
  return now.flatMap((release) => {
    const was = [before.live, before.queued].find((one) => one?.id === release.id) ?? null;
    return was === release ? [] : newsOf(was, release, after);
  });
}

function newsOf(was: ReleaseState | null, is: ReleaseState, service: ServiceState): readonly ReleaseNews[] {
  const { phase, plan } = is;
  const wasHeld = was !== null && holdOf(was) !== null;
  const told = (kind: ReleaseNewsKind, said: Both, more: Partial<ReleaseNews> = {}): ReleaseNews => ({
    ...about(is),
    kind,
    said,
    verbs: verbsOf(kind, is, service),
    ...(wasHeld && kind !== 'held' ? { wasHeld: true } : {}),
    ...more,
  });
  if (phase.kind === 'ended') {
    // Nobody has heard of it, and nothing has come of it.
    const isUnheard = !hasBegun(was) && (phase.outcome === 'superseded' || phase.outcome === 'cancelled') && !wasHeld;
    if (isUnheard) return [];
    const { outcome } = phase;
    const kind = outcome === 'succeeded' || outcome === 'rolled-back' ? outcome : 'failed';
    const said = { en: endReason(is, phase, 'en'), ru: endReason(is, phase, 'ru') };
    return [told(kind, said, { end: endOf(is, service) })];
  }
  const hold = holdOf(is);
  if (hold !== null) return was !== null && holdOf(was) === hold ? [] : [told('held', heldSaid(is))];
  if (phase.kind === 'rolling-back') {
    const cause = { en: causeText(is, phase.cause, 'en'), ru: causeText(is, phase.cause, 'ru') };
    if (was?.phase.kind !== 'rolling-back') return [told('rolling-back', cause)];
    if (phase.failing && !was.phase.failing)
      return [told('back-failing', failing[phase.part === 'database' ? 'database' : 'route'])];
    return [];
  }
  if (!hasBegun(is)) return [];
  const started = hasBegun(was) ? [] : [told('started', startedSaid(is))];
  const step = phase.kind === 'stepping' ? plan.steps[phase.step] : undefined;
  const isNew = step && phase.kind === 'stepping' && stepOf(was) !== phase.step && !isQuiet(step);
  if (isNew) return [...started, told('step', stepSaid(step, plan.stable))];
  if (started.length > 0) return started;
  return wasHeld ? [told('resumed', goesOn)] : [];
}

function about({ id, version, plan, by, why, phase }: ReleaseState) {
  const step = phase.kind === 'stepping' || phase.kind === 'held' ? phase.step + 1 : null;
  const { stable, strategy, steps } = plan;
  return { release: id, version, stable, strategy, by, why, step, steps: steps.length };
}

/** Whether anything of it has begun, or somebody has said that it may. */
function hasBegun(release: ReleaseState | null): boolean {
  return release !== null && !['queued', 'validating', 'awaiting-approval'].includes(release.phase.kind);
}

/** What it waits for that somebody should know of: the same text while it waits for the same; null: nothing. */
function holdOf({ phase, plan }: ReleaseState): string | null {
  if (phase.kind === 'awaiting-approval') return 'approval';
  if (phase.kind === 'held') return `held ${phase.reason} ${phase.sinceMs}`;
  if (phase.kind === 'rolling-back') return phase.part === 'decide' ? 'decide' : null;
  if (phase.kind !== 'stepping') return null;
  const kind = plan.steps[phase.step]?.kind;
  if (kind === 'approve' && phase.part.kind === 'asking') return `approval ${phase.step}`;
  return phase.part.kind === 'waiting' && phase.part.asked ? `pause ${phase.step}` : null;
}

function stepOf(release: ReleaseState | null): number {
  const { phase } = release ?? {};
  return phase?.kind === 'stepping' || phase?.kind === 'held' ? phase.step : -1;
}

function isQuiet({ kind }: Step): boolean {
  return kind === 'observe';
}

/** `2026-11-29 01:20 UTC`. */
function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function heldSaid(release: ReleaseState): Both {
  const { phase, plan } = release;
  if (phase.kind === 'awaiting-approval' && plan.approval) {
    const until = moment(phase.untilMs);
    return {
      en: `it waits for ${approvalText(plan.approval)}, until ${until}`,
      ru: `ждёт одобрения${plan.approval.by === 'another' ? ' не того, кто начал выпуск' : ''} до ${until}`,
    };
  }
  if (phase.kind === 'stepping') {
    const step = plan.steps[phase.step];
    const until = 'untilMs' in phase.part ? moment(phase.part.untilMs) : '';
    return {
      en: `${step ? stepText(step, plan.stable) : 'it waits'}; until ${until}`,
      ru: `${step ? stepText(step, plan.stable, 'ru') : 'ждёт'}; до ${until}`,
    };
  }
  const [en, ru] = [heldText(release, 'en') ?? '', heldText(release, 'ru') ?? ''];
  if (phase.kind !== 'held') return { en, ru };
  const until = moment(phase.untilMs);
  return plan.hold.then === 'rollback'
    ? { en: `${en}; it goes back at ${until} if that does not change`, ru: `${ru}; в ${until} откатится, если это не изменится` }
    : { en, ru };
}

function startedSaid({ plan }: ReleaseState): Both {
  const from = plan.stable === null ? { en: '', ru: '' } : { en: ` in place of ${plan.stable}`, ru: ` вместо ${plan.stable}` };
  return { en: `${plan.candidate}${from.en}`, ru: `${plan.candidate}${from.ru}` };
}

function stepSaid(step: Step, stable: string | null): Both {
  return { en: stepText(step, stable), ru: stepText(step, stable, 'ru') };
}

const goesOn: Both = { en: 'it goes on', ru: 'продолжается' };

const failing: Readonly<Record<'route' | 'database', Both>> = {
  route: {
    en: 'the router does not confirm the way back; it is tried again and again',
    ru: 'маршрутизатор не подтверждает возврат; попытки продолжаются',
  },
  database: {
    en: 'the database does not go back; it is tried again and again',
    ru: 'база данных не возвращается; попытки продолжаются',
  },
};

/** Past the gate of a checklist one goes with a reason: that is no button. */
function verbsOf(kind: ReleaseNewsKind, { id, phase }: ReleaseState, service: ServiceState): readonly Verb[] {
  const isGate = phase.kind === 'held' && phase.reason === 'gate';
  const wanted: readonly Verb[] =
    kind === 'held'
      ? ['approve', ...(isGate ? (['retry'] as const) : (['resume'] as const)), 'abort']
      : kind === 'back-failing'
        ? ['retry']
        : ['abort'];
  return wanted.filter((verb) => verbRefusal(service, id, verb, null) === null);
}

function endOf(release: ReleaseState, { previous }: ServiceState): NonNullable<ReleaseNews['end']> {
  const summary = releaseSummary(release);
  return {
    secondsToSafety: summary?.secondsToSafety ?? null,
    failedRequests: summary?.failedRequests ?? 0,
    candidateRequests: summary?.candidateRequests ?? 0,
    hasWayBack: isCommitted(release) && previous.length > 0,
  };
}
