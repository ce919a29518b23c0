import type { OwnDrill } from '../../checks/own-view.ts';
import { messageOf } from '../../errors.ts';
import { blockersOf } from '../../readiness/blockers.ts';
import type { ItemState } from '../../readiness/types.ts';
import type { ReleaseState, ServiceState } from '../../release/types.ts';
import { type Text, textIn } from '../../spec/text.ts';
import type { HookAction } from '../../spec/types.ts';
import { percentText } from '../../spec/unit-text.ts';
import type { HookOutcome } from '../ports.ts';
import type { ReadinessAnswer, ReadinessRuns } from './ports.ts';

type ChecklistAction = Extract<HookAction, { kind: 'checklist' }>;
type DrillAction = Extract<HookAction, { kind: 'drill' }>;

/** Answers what a checklist or a drill says to a release. May reject: then it has not passed. */
export type ChecklistGates = (
  action: ChecklistAction | DrillAction,
  service: string,
  signal: AbortSignal,
) => Promise<HookOutcome>;

export type ChecklistWorld = {
  /** null: nobody runs checklists, so none passes. */
  readonly runs: ReadinessRuns | null;
  readonly service: (name: string) => ServiceState | undefined;
  readonly drill: (service: string, sharePpm: number, signal: AbortSignal) => Promise<OwnDrill>;
};

/** Items that are named before the rest is counted: a reason has to be read. */
const namedMax = 5;

/** What checklists say to releases. Whatever is not known to be ready does not pass. */
export function checklistGates(world: ChecklistWorld): ChecklistGates {
  return async (action, service, signal) => {
    const live = world.service(service)?.live;
    if (!live) return { ok: false, detail: `no release of ${service} is under way` };
    return action.kind === 'drill' ? await askDrill(world, action, service, signal) : await ask(world, action, live, signal);
  };
}

async function ask(
  { runs }: ChecklistWorld,
  { of, checklist, phases, signOffs }: ChecklistAction,
  { id, version, spec }: ReleaseState,
  signal: AbortSignal,
): Promise<HookOutcome> {
  if (!runs) return { ok: false, detail: 'nobody runs checklists here' };
  const why = `${of} of release ${id}`;
  // A verification is about what runs now: what was found before all of the traffic came says nothing of that.
  const again = of === 'verify';
  const answer = await runs.run({ service: spec.name, version, spec, checklist, phases, again, by: 'controller', why }, signal);
  const reasons = [...blockerReasons(answer).map((reason) => textIn(reason, 'en')), ...signatureReasons(answer, signOffs)];
  const score = answer.report.score === null ? '' : `, ${answer.report.score} of 10`;
  if (reasons.length > 0)
    return { ok: false, detail: `checklist ${checklist} is not ready: ${reasons.join('; ')} (run ${answer.run})` };
  return {
    ok: true,
    detail: `checklist ${checklist} is ${answer.report.verdict.replaceAll('-', ' ')}${score} (run ${answer.run})`,
  };
}

/** What stops a release, each in a few words; nothing: it may go on. */
export function blockerReasons({ report }: Pick<ReadinessAnswer, 'report'>): readonly Text[] {
  const items = report.phases.flatMap((phase) => phase.items);
  const missing = blockersOf(report);
  const named = missing.slice(0, namedMax).map(reason);
  const more = missing.length - namedMax;
  if (more > 0) named.push({ en: `${more} more`, ru: `и ещё ${more}` });
  if (missing.length === 0 && report.verdict === 'not-ready')
    return [{ en: 'its verdict is not ready', ru: 'его вердикт: не готово' }];
  // A checklist that applies to nothing has proven nothing.
  if (items.every(({ status }) => status === 'skipped')) return [nothingApplies];
  return named;
}

/** Reasons in one sentence. */
export function joined(reasons: readonly Text[]): { readonly en: string; readonly ru: string } {
  const inOne = (language: 'en' | 'ru') => reasons.map((reason) => textIn(reason, language)).join('; ');
  return { en: inOne('en'), ru: inOne('ru') };
}

const nothingApplies: Text = {
  en: 'nothing of it applies here, so it proves nothing',
  ru: 'ничего из него здесь не применимо, поэтому он ничего не доказывает',
};

function reason({ id, status, why }: ItemState): Text {
  const isFailed = status === 'fail';
  return {
    en: `${id} ${isFailed ? 'fails' : 'is unproven'}: ${textIn(why, 'en')}`,
    ru: `${id}: ${isFailed ? 'провалено' : 'не доказано'}, ${textIn(why, 'ru')}`,
  };
}

function signatureReasons({ signOffs, unsigned }: ReadinessAnswer, asked: readonly string[] | 'all'): readonly string[] {
  const signed = new Set(signOffs.map(({ role }) => role));
  const missing = asked === 'all' ? unsigned : asked.filter((role) => !signed.has(role));
  return missing.length === 0 ? [] : [`the signature of ${missing.join(', ')} is missing`];
}

async function askDrill(
  { drill }: ChecklistWorld,
  { sharePpm, withinMs }: DrillAction,
  service: string,
  signal: AbortSignal,
): Promise<HookOutcome> {
  try {
    const { thereMs, backMs, requests, errors } = await drill(service, sharePpm, signal);
    const told = `${percentText(sharePpm)} of the traffic was there after ${thereMs} ms and back after ${backMs} ms, ${errors} of ${requests} requests failed`;
    return { ok: thereMs <= withinMs && backMs <= withinMs && errors === 0, detail: told };
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  }
}
