import type { Text } from '../spec/text.ts';
import { durationText } from '../spec/unit-text.ts';
import { dueMs, isDue, isOver, isToCome } from './moments.ts';
import type { PlannedRelease } from './types.ts';

/** An entry that begins so much after its time is late: whoever relied on it should know. */
const lateMs = 60_000;

/** A release that could not start within this time does not start by itself any more: nobody expects it then. */
export const startWithinMs = 3_600_000;

/** How the release that was started stands; `back`: it ended in any other way than with success. */
export type StartedRelease = 'live' | 'succeeded' | 'back';

/** What follows for a planned release at a moment. */
export type TimelineAction =
  | { readonly kind: 'begin'; readonly entry: string; readonly late: boolean }
  | { readonly kind: 'miss'; readonly entry: string; readonly detail: Text }
  /** It cannot start now. */
  | { readonly kind: 'wait'; readonly detail: Text }
  | { readonly kind: 'start'; readonly entry: string }
  | { readonly kind: 'end'; readonly detail: Text };

/**
 * What follows from a planned release and the time: entries that are due begin, late ones too as long as they still make sense, and the
 * release starts when nothing of before it stands against that. Pure.
 *
 * @param release - null: it has not been started.
 */
export function actionsOf(planned: PlannedRelease, nowMs: number, release: StartedRelease | null): readonly TimelineAction[] {
  if (isOver(planned)) return [];
  return planned.state.kind === 'started' ? afterStart(planned, nowMs, release) : beforeStart(planned, nowMs);
}

function beforeStart(planned: PlannedRelease, nowMs: number): readonly TimelineAction[] {
  const { startMs, entries } = planned;
  const actions = entries
    .filter((entry) => isDue(planned, entry, nowMs) && entry.does.kind !== 'start')
    .map((entry): TimelineAction => {
      const behindMs = nowMs - dueMs(planned, entry);
      // Before the start it is still of use; behind it, only if it is no later than it takes to look.
      if (nowMs < startMs || behindMs <= lateMs) return { kind: 'begin', entry: entry.id, late: behindMs > lateMs };
      return { kind: 'miss', entry: entry.id, detail: missed };
    });
  const start = entries.find(({ does }) => does.kind === 'start');
  if (actions.length > 0 || nowMs < startMs || start?.state.kind !== 'planned') return actions;
  const against = blockersOf(planned);
  if (nowMs - startMs > startWithinMs) {
    const after = durationText(startWithinMs);
    const why = against === null ? { en: '', ru: '' } : { en: `: ${against.en}`, ru: `: ${against.ru}` };
    const detail = {
      en: `it could not start within ${after}${why.en}; move the start, or run it now`,
      ru: `не удалось начать за ${after}${why.ru}; перенесите начало или запустите сейчас`,
    };
    return [
      { kind: 'miss', entry: start.id, detail },
      { kind: 'wait', detail },
    ];
  }
  if (against === null) return [{ kind: 'start', entry: start.id }];
  return isSaid(planned, against) ? [] : [{ kind: 'wait', detail: against }];
}

function afterStart(planned: PlannedRelease, nowMs: number, release: StartedRelease | null): readonly TimelineAction[] {
  if (release === 'back')
    return [{ kind: 'end', detail: { en: 'the release went back or was ended', ru: 'выпуск откачен или прекращён' } }];
  const left = planned.entries.filter(({ state }) => state.kind === 'planned' || state.kind === 'running');
  if (left.length === 0) return [{ kind: 'end', detail: { en: 'all of it is done', ru: 'всё выполнено' } }];
  return left
    .filter((entry) => isDue(planned, entry, nowMs))
    .map((entry): TimelineAction => {
      const isOvertaken = planned.entries.some((other) => other.offsetMs > entry.offsetMs && nowMs >= dueMs(planned, other));
      const behindMs = nowMs - dueMs(planned, entry);
      if (isOvertaken && behindMs > lateMs) return { kind: 'miss', entry: entry.id, detail: overtaken };
      return { kind: 'begin', entry: entry.id, late: behindMs > lateMs };
    });
}

/** What stands against the start: checks of before it that failed, were missed or are not over; null: nothing. */
export function blockersOf({ entries }: PlannedRelease): { readonly en: string; readonly ru: string } | null {
  const reasons = entries.flatMap((entry): { en: string; ru: string }[] => {
    const { does, state, id, offsetMs } = entry;
    if (offsetMs > 0 || does.kind === 'start' || does.kind === 'notify') return [];
    switch (state.kind) {
      case 'failed':
        return [{ en: `${id} has failed`, ru: `${id} не пройдено` }];
      case 'missed':
        return [{ en: `${id} was missed`, ru: `${id} пропущено` }];
      case 'running':
        return [{ en: `${id} is still running`, ru: `${id} ещё выполняется` }];
      case 'planned':
        return [{ en: `${id} is still to come`, ru: `${id} ещё впереди` }];
      default:
        return [];
    }
  });
  if (reasons.length === 0) return null;
  return { en: reasons.map(({ en }) => en).join('; '), ru: reasons.map(({ ru }) => ru).join('; ') };
}

/** The first moment after `nowMs` at which something is due by time alone, unix milliseconds; `Infinity`: never. */
export function nextDueMs(planned: PlannedRelease, nowMs: number): number {
  if (isOver(planned)) return Number.POSITIVE_INFINITY;
  const moments = planned.entries.filter((entry) => isToCome(planned, entry)).map((entry) => dueMs(planned, entry));
  return Math.min(Number.POSITIVE_INFINITY, planned.startMs + startWithinMs + 1, ...moments.filter((ms) => ms > nowMs));
}

function isSaid({ state }: PlannedRelease, why: { readonly en: string }): boolean {
  return state.kind === 'waiting' && typeof state.why !== 'string' && state.why.en === why.en;
}

const missed = {
  en: 'nothing ran at its time, and the start came before it could be caught up',
  ru: 'в нужное время контроллер не работал, а догонять после начала выпуска уже поздно',
};
const overtaken = {
  en: 'nothing ran at its time, and the next entry was due before it could be caught up',
  ru: 'в нужное время контроллер не работал, и подошла очередь следующего пункта',
};
