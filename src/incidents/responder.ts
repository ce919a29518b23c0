import type { RespondPolicy, Response } from '../spec/incident-response.ts';
import type { Text } from '../spec/text.ts';
import { durationText } from '../spec/unit-text.ts';
import type { IncidentEvent } from './events.ts';
import { isOver } from './severity.ts';
import type { Incident, ResponderAction } from './types.ts';

/** A way back or a restart that takes longer has failed, as far as users are concerned; it goes on all the same. */
export const actionMaxMs = 10 * 60_000;

/** Alerts of other programs are joined with releases by the next evaluation: before that nobody knows whether one is in reach. */
const attributedWithinMs = 15_000;

/** One objective of the incident that fires. */
export type Burn = {
  /** `checkout/availability P0`. */
  readonly name: string;
  /** S: the short window, which has to forget what was. */
  readonly shortMs: number;
  /** F: it fires above this burn. */
  readonly factor: number;
  /** b: burn in the short window; null: nothing is known of now. */
  readonly burn: number | null;
  /** In how long the budget is gone at this burn, milliseconds; null: not known, or never. */
  readonly exhaustedInMs: number | null;
};

/** How the last action that was begun is going. */
export type Progress = { readonly kind: 'under-way' } | { readonly kind: 'done' | 'failed'; readonly said: string };

/** What is known of the service of an incident, now. */
export type Evidence = {
  readonly burns: readonly Burn[];
  /** The release that it comes from and that can be taken back, and what comes back then; `isBack`: it was. Null: none is in reach. */
  readonly release: { readonly id: string; readonly version: string; readonly to: string; readonly isBack: boolean } | null;
  /** Instances of the stable version. */
  readonly instances: { readonly ready: number; readonly wanted: number };
  /** Whether what runs them can start them anew, and nothing stands against it now. */
  readonly canRestart: boolean;
  /** Of the action that is under way; null: none is, or nothing was begun of it yet. */
  readonly progress: Progress | null;
  /** When an action of a kind ended last in any incident of the service, unix milliseconds; and whether one of another incident is under way. */
  readonly lastEndedMs: Readonly<Partial<Record<Response, number>>>;
  readonly isBusy: boolean;
  /** The release that it is attributed to, or that one of its alerts tells of, goes back already, and nothing refuses that. */
  readonly isGoingBack: boolean;
};

/**
 * What comes on record of an incident that the machine tries to end by itself: what it begins, how that ended, and that a person has to come.
 * One action at a time; each is followed by a look whether the burn falls in the time that it needs. Pure; with nothing to do it answers nothing.
 *
 * Reset after the errors stop: S(1 − F/b).
 *
 * @see Google SRE Workbook, "Alerting on SLOs": the short window must forget what was above the threshold.
 */
export function respond(incident: Incident, evidence: Evidence, nowMs: number): readonly IncidentEvent[] {
  const { response: policy } = incident;
  if (policy === null) return [];
  const open = incident.actions.filter(({ endedAtMs }) => endedAtMs === null);
  const look = open.find(({ kind }) => kind === 'verify');
  const act = open.find(({ kind }) => kind !== 'verify');
  if (isUnwatched(incident)) return [person(incident.id, unwatched)];
  if (incident.firing === 0 || isOver(incident)) return over(incident, open, evidence, nowMs);
  const early = incident.person === null ? personNow(incident, policy, evidence) : [];
  if (look) return [...early, ...(nowMs < (look.untilMs ?? 0) ? [] : didNotHelp(incident, open))];
  if (act) return [...early, ...going(incident, policy, act, evidence, nowMs)];
  // Whoever has taken it decides what is done now.
  if (incident.state !== 'open') return early;
  return [...early, ...next(incident, policy, evidence, nowMs, early.length > 0)];
}

/** What a person has opened without an alert: nothing would say whether anything helps. */
function isUnwatched(incident: Incident): boolean {
  return incident.openedBy !== null && incident.alertCount === 0 && incident.person === null && !isOver(incident);
}

const unwatched: Text = {
  en: 'it was opened by hand, and no alert would say whether anything helps',
  ru: 'открыт вручную: нет тревоги, по которой видно, помогло ли что-нибудь',
};

/** How long it takes until what was is forgotten, with the margin: the longest of its objectives. */
export function verifyWithinMs(policy: RespondPolicy, burns: readonly Burn[]): number {
  const known = burns.flatMap(({ burn, factor, shortMs }) =>
    burn !== null && burn > factor ? [Math.ceil(shortMs * (1 - factor / burn))] : [],
  );
  return (known.length === 0 ? policy.verifyMs : Math.max(...known)) + policy.marginMs;
}

/** Reasons for a person that do not wait for what the machine does. */
function personNow({ id }: Incident, policy: RespondPolicy, { burns }: Evidence): readonly IncidentEvent[] {
  if (policy.page === 'always')
    return [person(id, { en: 'the service asks for a person each time', ru: 'сервис каждый раз просит позвать человека' })];
  const blind = burns.find(({ burn }) => burn === null);
  if (blind) return [person(id, { en: `there is no data of ${blind.name}`, ru: `нет данных по ${blind.name}` })];
  const withinMs = verifyWithinMs(policy, burns);
  const short = burns.find(({ exhaustedInMs }) => exhaustedInMs !== null && exhaustedInMs < withinMs);
  if (!short) return [];
  const left = durationText(Math.max(0, Math.floor((short.exhaustedInMs ?? 0) / 1_000) * 1_000));
  const is = durationText(Math.ceil(withinMs / 1_000) * 1_000);
  const isGone = (short.exhaustedInMs ?? 0) <= 0;
  return [
    person(
      id,
      isGone
        ? { en: `the budget of ${short.name} is spent`, ru: `бюджет ${short.name} исчерпан` }
        : {
            en: `the budget of ${short.name} is gone in ${left}, and help takes ${is}`,
            ru: `бюджет ${short.name} закончится через ${left}, а помощь займёт ${is}`,
          },
    ),
  ];
}

/** The alerts do not fire any more: what was done has helped. What is not done yet is waited for, so that its end is on record. */
function over(
  { id }: Incident,
  open: readonly ResponderAction[],
  { progress }: Evidence,
  nowMs: number,
): readonly IncidentEvent[] {
  const isDone = open.some(({ kind }) => kind === 'verify') || progress?.kind === 'done';
  return open.flatMap(({ id: action, said, begunAtMs }): readonly IncidentEvent[] => {
    const ends = (outcome: 'helped' | 'failed', more: string): readonly IncidentEvent[] => [
      { kind: 'incident-action-ended', data: { id, action, outcome, said: `${said}: ${more}` } },
    ];
    if (isDone) return ends('helped', 'its alerts do not fire any more');
    if (progress?.kind === 'failed') return ends('failed', progress.said);
    return nowMs - begunAtMs > actionMaxMs ? ends('failed', `it was not done within ${durationText(actionMaxMs)}`) : [];
  });
}

/** The time is over in which the burn had to fall. */
function didNotHelp(incident: Incident, open: readonly ResponderAction[]): readonly IncidentEvent[] {
  const { id, firing } = incident;
  return open.map(({ id: action, said }): IncidentEvent => {
    const more = firing === 1 ? 'an alert still fires' : `${firing} alerts still fire`;
    return { kind: 'incident-action-ended', data: { id, action, outcome: 'no-help', said: `${said}: ${more}` } };
  });
}

/** An action that is under way: once it is done it is looked whether it helps. */
function going(
  incident: Incident,
  policy: RespondPolicy,
  act: ResponderAction,
  { progress, burns }: Evidence,
  nowMs: number,
): readonly IncidentEvent[] {
  const { id } = incident;
  const fail = (said: string): readonly IncidentEvent[] => [
    { kind: 'incident-action-ended', data: { id, action: act.id, outcome: 'failed', said } },
    ...(incident.person === null
      ? [person(id, { en: `${act.kind} has failed: ${said}`, ru: `${namesRu[act.kind]} — не удалось: ${said}` })]
      : []),
  ];
  if (progress?.kind === 'failed') return fail(progress.said);
  if (progress?.kind === 'done') {
    const withinMs = verifyWithinMs(policy, burns);
    const what = burns.length === 0 ? 'its alerts have to end' : 'the burn has to fall';
    const said = `${progress.said}; ${what} within ${durationText(Math.ceil(withinMs / 1_000) * 1_000)}`;
    const action = nameOf(incident, 'verify');
    return [{ kind: 'incident-action-begun', data: { id, action, does: 'verify', said, untilMs: nowMs + withinMs } }];
  }
  if (nowMs - act.begunAtMs > actionMaxMs) return fail(`it was not done within ${durationText(actionMaxMs)}`);
  return [];
}

/** What is tried next; with nothing left a person has to come. */
function next(
  incident: Incident,
  policy: RespondPolicy,
  evidence: Evidence,
  nowMs: number,
  isCalled: boolean,
): readonly IncidentEvent[] {
  const { id, severity, actions, person: called } = incident;
  if (evidence.isBusy) return [];
  const list = policy[severity];
  // Users are hurt, and the release that does it is known: nothing else is worth the time.
  const isAtOnce = severity === 'P0' && evidence.release !== null && list.includes('rollback');
  const ordered: readonly Response[] = isAtOnce ? ['rollback', ...list.filter((one) => one !== 'rollback')] : list;
  for (const does of ordered) {
    const tried = actions.filter(({ kind }) => kind === does);
    if (tried.length >= policy.tries) continue;
    const lastMs = evidence.lastEndedMs[does];
    // A look at the health does nothing, so it needs no rest.
    if (does !== 'check' && lastMs !== undefined && nowMs - lastMs < policy.cooldownMs) continue;
    const action = nameOf(incident, does);
    if (does === 'check') return checked(id, action, evidence);
    if (does === 'rollback' && evidence.release === null) continue;
    if (does === 'restart' && policy.restart === null && !evidence.canRestart) continue;
    return [{ kind: 'incident-action-begun', data: { id, action, does, said: saidOf(does, incident, policy, evidence) } }];
  }
  if (called !== null || isCalled || evidence.isGoingBack) return [];
  const sinceMs = incident.reopenedAtMs ?? incident.openedAtMs;
  if (list.includes('rollback') && incident.attribution === null && nowMs - sinceMs < attributedWithinMs) return [];
  return [person(id, nothingLeft(incident, list, evidence))];
}

function checked(id: string, action: string, { instances: { ready, wanted } }: Evidence): readonly IncidentEvent[] {
  const said = healthSaid(ready, wanted);
  return [
    { kind: 'incident-action-begun', data: { id, action, does: 'check', said: 'looks how many instances are ready' } },
    { kind: 'incident-action-ended', data: { id, action, outcome: 'no-help', said } },
  ];
}

function healthSaid(ready: number, wanted: number): string {
  if (wanted === 0) return 'no instance of a stable version is known';
  if (ready < wanted) return `${ready} of ${wanted} ${wanted === 1 ? 'instance is' : 'instances are'} ready`;
  return `${wanted === 1 ? 'the only instance is' : `all ${wanted} instances are`} ready, and users are hurt all the same`;
}

function saidOf(does: 'restart' | 'rollback', { attribution }: Incident, policy: RespondPolicy, { release }: Evidence): string {
  if (does === 'restart')
    return `the instances are started anew${policy.restart ? ` by ${policy.restart.name}` : ', one after another'}`;
  const why = attribution ? `: ${attribution.said}` : '';
  return `${release?.version ?? 'the release'} is taken back, ${release?.to ?? 'the version before'} gets all traffic${why}`;
}

function nothingLeft({ severity, service, actions, attribution }: Incident, list: readonly Response[], evidence: Evidence): Text {
  const tried = actions.filter(({ kind }) => kind === 'restart' || kind === 'rollback');
  if (list.length === 0) {
    const { release } = evidence;
    // After a way back the same verb would take back what is good.
    if (release?.isBack)
      return {
        en: `for ${severity} the team decides: ${release.version} is taken back already, and its alerts still fire`,
        ru: `при ${severity} решает команда: ${release.version} уже откатили, а тревоги продолжаются`,
      };
    // The team decides, and finds the verb that helps at hand.
    const verb = release ? `: rampart rollback ${service}` : '';
    return {
      en: `for ${severity} the team decides${verb}`,
      ru: `при ${severity} решает команда${verb}`,
    };
  }
  if (tried.length > 0) {
    const inVain = tried.filter(({ outcome }) => outcome !== 'helped');
    const names = [...new Set((inVain.length > 0 ? inVain : tried).map(({ kind }) => kind))];
    const namesOf = { en: names.join(' and '), ru: names.map((kind) => namesRu[kind]).join(' и ') };
    if (inVain.length > 0) return { en: `${namesOf.en} did not help`, ru: `не помогло: ${namesOf.ru}` };
    return {
      en: `it fires again: ${namesOf.en} helped before, and may not be tried again now`,
      ru: `снова горит: раньше помогло (${namesOf.ru}), сейчас повторять нельзя`,
    };
  }
  const rested = Object.values(evidence.lastEndedMs).length > 0;
  if (evidence.release !== null && rested)
    return {
      en: 'what may be tried was tried a short time ago in another incident of the service',
      ru: 'всё разрешённое недавно уже пробовали в другом инциденте сервиса',
    };
  if (attribution?.release || !list.includes('rollback'))
    return { en: 'nothing of what may be tried can be done now', ru: 'ничего из разрешённого сейчас сделать нельзя' };
  return { en: 'no release is in reach that could be taken back', ru: 'откатывать нечего: подходящего выпуска нет' };
}

const namesRu: Readonly<Record<ResponderAction['kind'], string>> = {
  check: 'проверка состояния',
  restart: 'перезапуск',
  rollback: 'откат',
  verify: 'проверка результата',
  runbook: 'регламент',
};

function nameOf({ actions }: Incident, kind: ResponderAction['kind']): string {
  return `${kind}-${actions.filter((one) => one.kind === kind).length + 1}`;
}

function person(id: string, why: Text): IncidentEvent {
  return { kind: 'incident-person-needed', data: { id, why } };
}
