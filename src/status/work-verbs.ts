import { UserError } from '../errors.ts';
import { nearest } from '../spec/nearest.ts';
import type { StatusPageSpec } from '../spec/status-page.ts';
import type { Text } from '../spec/text.ts';
import type { AnnouncedWork, StatusEvent, StatusState } from './types.ts';
import { isOver, nextWorkId, workMaxMs, workSaid, worksToComeMax, workTitle } from './works.ts';

/** What a person announces. `title`, `body`: null for the usual words. */
export type Announcement = {
  readonly title: Text | null;
  readonly body: Text | null;
  readonly components: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
};

/** What a person changes of it. `body`: what customers read; null for the usual words. Null of a moment: as it was. */
export type WorkVerb =
  | { readonly verb: 'move'; readonly fromMs: number | null; readonly untilMs: number | null; readonly body: Text | null }
  | { readonly verb: 'end'; readonly body: Text | null }
  | { readonly verb: 'cancel'; readonly why: string; readonly body: Text | null };

/** Whoever says "now" has said it a moment ago. */
const lateMs = 60_000;
const aheadMaxMs = 366 * 86_400_000;

/**
 * Announces maintenance.
 *
 * @throws UserError `E_INPUT`; `E_REFUSED` where too many are to come.
 */
export function announceWork(
  page: StatusPageSpec,
  state: StatusState,
  given: Announcement,
  nowMs: number,
): Extract<StatusEvent, { kind: 'status-work-announced' }> {
  const names = page.components.map(({ name }) => name);
  for (const name of given.components)
    if (!names.includes(name)) {
      const near = nearest(name, names);
      throw input(
        `there is no component ${name}`,
        'components',
        near === undefined ? `name some of ${names.join(', ')}` : `did you mean ${near}?`,
      );
    }
  const components = page.components.filter(({ name }) => given.components.includes(name));
  if (components.length === 0) throw input('no component is named', 'components', `name some of ${names.join(', ')}`);
  if (given.fromMs < nowMs - lateMs)
    throw input('maintenance cannot begin in the past', 'from', 'name a moment to come: what is past is on the page already');
  mustBeTimes(given.fromMs, given.untilMs, nowMs);
  if ([...state.works.values()].filter((work) => !isOver(work)).length >= worksToComeMax)
    throw new UserError('E_REFUSED', `${worksToComeMax} maintenances are announced already`, {
      where: 'maintenance',
      fix: 'cancel those that do not take place',
    });
  const title = given.title ?? workTitle(components);
  const { fromMs, untilMs } = given;
  const id = nextWorkId(state.works, nowMs);
  const said = given.body ?? title;
  return {
    kind: 'status-work-announced',
    data: { id, title, components: components.map(({ name }) => name), fromMs, untilMs, said },
  };
}

/**
 * What a person's word makes of a maintenance.
 *
 * @throws UserError `E_UNKNOWN_MAINTENANCE`, `E_INPUT`; `E_REFUSED` where it is too early or too late for that.
 */
export function changeWork(state: StatusState, id: string, given: WorkVerb, nowMs: number): StatusEvent {
  const work = state.works.get(id);
  if (!work)
    throw new UserError('E_UNKNOWN_MAINTENANCE', `there is no maintenance ${id.slice(0, 200)}`, {
      where: 'maintenance',
      fix: `the last ones are ${[...state.works.keys()].slice(-5).join(', ') || 'none'}; a planned release is moved with rampart timeline`,
    });
  if (isOver(work)) throw refused(`${id} is over`, 'announce another one');
  switch (given.verb) {
    case 'move': {
      const { fromMs, untilMs } = moved(work, given, nowMs);
      return { kind: 'status-work-moved', data: { id, fromMs, untilMs, said: given.body ?? workSaid.moved } };
    }
    case 'end':
      if (work.state === 'scheduled') throw refused(`${id} has not begun`, 'cancel it');
      return { kind: 'status-work-ended', data: { id, atMs: nowMs, said: given.body ?? workSaid.ended } };
    case 'cancel':
      if (work.state !== 'scheduled') throw refused(`${id} has begun`, 'end it');
      return { kind: 'status-work-cancelled', data: { id, why: given.why, said: given.body ?? workSaid.cancelled } };
  }
}

/** One that is moved keeps its length where nothing else is said. */
function moved(
  work: AnnouncedWork,
  { fromMs, untilMs }: Extract<WorkVerb, { verb: 'move' }>,
  nowMs: number,
): { readonly fromMs: number; readonly untilMs: number } {
  if (fromMs === null && untilMs === null) throw input('no other time is named', 'from', 'name from, until, or both');
  if (work.state === 'in_progress') {
    if (fromMs !== null) throw refused(`${work.id} has begun`, 'name only when it ends');
    mustBeTimes(work.fromMs, untilMs ?? work.untilMs, nowMs);
    return { fromMs: work.fromMs, untilMs: untilMs ?? work.untilMs };
  }
  if (fromMs !== null && fromMs < nowMs - lateMs)
    throw input('maintenance cannot begin in the past', 'from', 'name a moment to come');
  const begin = fromMs ?? work.fromMs;
  const end = untilMs ?? begin + (work.untilMs - work.fromMs);
  mustBeTimes(begin, end, nowMs);
  return { fromMs: begin, untilMs: end };
}

function mustBeTimes(fromMs: number, untilMs: number, nowMs: number): void {
  if (untilMs <= fromMs || untilMs <= nowMs)
    throw input('maintenance has to end after it begins, and not in the past', 'until', 'name a later moment');
  if (untilMs - fromMs > workMaxMs)
    throw input(`maintenance takes at most ${workMaxMs / 86_400_000} days`, 'until', 'announce it in parts');
  if (fromMs > nowMs + aheadMaxMs) throw input('that is more than a year from now', 'from', 'name an earlier moment');
}

function input(what: string, where: string, fix: string): UserError {
  return new UserError('E_INPUT', what, { where, fix });
}

function refused(what: string, fix: string): UserError {
  return new UserError('E_REFUSED', what, { where: 'maintenance', fix });
}
