import { UserError } from '../errors.ts';
import { blockersOf } from './actions.ts';
import { isOver } from './moments.ts';
import type { Asked, PlannedEntry, PlannedRelease, TimelineEvent } from './types.ts';

/** Furthest that a release may be planned ahead. */
const aheadMaxMs = 366 * 86_400_000;

/**
 * What people ask of a planned release, as what is put on record for it. Pure.
 *
 * @throws UserError `E_REFUSED` with the reason when it cannot be, `E_UNKNOWN_ENTRY`.
 */
export type Deed = (planned: PlannedRelease) => TimelineEvent;

/** Moves the start, and with it everything that has not been done yet. */
export function moving(asked: Asked, startMs: number, nowMs: number): Deed {
  return (planned) => {
    mustCome(planned.service, startMs, nowMs);
    mustGoOn(planned);
    if (planned.state.kind === 'started') throw refusal(planned.service, 'it has started', 'abort the release instead');
    return { kind: 'timeline-moved', data: { ...asked, startMs } };
  };
}

/** Nothing of it happens any more. A release that it has started goes on. */
export function cancelling(asked: Asked): Deed {
  return (planned) => {
    mustGoOn(planned);
    return { kind: 'timeline-cancelled', data: asked };
  };
}

/** Leaves an entry out. */
export function skipping(asked: Asked, entry: string): Deed {
  return (planned) => {
    mustGoOn(planned);
    const { state, does } = entryOf(planned, entry);
    if (does.kind === 'start') throw refusal(planned.service, 'the start cannot be left out', 'cancel it instead');
    if (state.kind === 'done' || state.kind === 'skipped' || state.kind === 'running')
      throw refusal(planned.service, `${entry} is ${state.kind} already`, 'see `rampart timeline`');
    return { kind: 'timeline-entry-skipped', data: { ...asked, entry } };
  };
}

/** Runs an entry now, also one that was run before. The start: whatever stands against it. */
export function running(asked: Asked, entry: string): Deed {
  return (planned) => {
    mustGoOn(planned);
    const { service } = planned;
    const { state, does, offsetMs } = entryOf(planned, entry);
    const isStarted = planned.state.kind === 'started';
    if (state.kind === 'running') throw refusal(service, `${entry} is running already`, 'see `rampart timeline`');
    if (does.kind === 'start' && isStarted) throw refusal(service, 'it has started already', 'see `rampart status`');
    if (offsetMs > 0 && !isStarted)
      throw refusal(
        service,
        `${entry} is for the time after the start`,
        `start it with \`rampart timeline run ${service} T-0\`, or wait`,
      );
    return { kind: 'timeline-entry-asked', data: { ...asked, entry } };
  };
}

/** Whether a person needs the right to approve to leave an entry out, or to run it: it stands against the start. */
export function isOverride(planned: PlannedRelease, entry: string, deed: 'run' | 'skip'): boolean {
  const { does, offsetMs } = entryOf(planned, entry);
  if (deed === 'skip') return offsetMs <= 0 && does.kind !== 'notify';
  return does.kind === 'start' && blockersOf(planned) !== null;
}

/** @throws UserError `E_REFUSED` when nobody can plan a start at that moment. Unix milliseconds. */
export function mustCome(service: string, startMs: number, nowMs: number): void {
  if (startMs <= nowMs) throw refusal(service, `${new Date(startMs).toISOString()} is past`, 'name a moment to come');
  if (startMs - nowMs > aheadMaxMs) throw refusal(service, 'that is more than a year ahead', 'name a nearer moment');
}

/** @throws UserError `E_REFUSED` when a service has a release that is planned and has not started. */
export function mustBeOnly(service: string, all: Iterable<PlannedRelease>): void {
  const other = [...all].find((one) => one.service === service && !isOver(one) && one.state.kind !== 'started');
  if (!other) return;
  throw refusal(
    service,
    `release ${other.version} is planned already (${other.id})`,
    `move it with \`rampart timeline move ${service} --at …\`, or cancel it`,
  );
}

/** There is no planned release of a name. */
export function unknownTimeline(name: string): UserError {
  return new UserError('E_UNKNOWN_TIMELINE', `there is no planned release ${name}`, {
    where: 'timeline',
    fix: 'see `rampart timeline` for those there are',
  });
}

function mustGoOn(planned: PlannedRelease): void {
  if (isOver(planned)) throw refusal(planned.service, `${planned.id} is over`, 'plan another one');
}

function entryOf(planned: PlannedRelease, entry: string): PlannedEntry {
  const found = planned.entries.find(({ id }) => id === entry);
  if (found) return found;
  throw new UserError('E_UNKNOWN_ENTRY', `the timeline of ${planned.service} has no entry ${entry}`, {
    where: 'entry',
    fix: `use one of ${planned.entries.map(({ id }) => id).join(', ')}`,
  });
}

function refusal(service: string, what: string, fix: string): UserError {
  return new UserError('E_REFUSED', `${service}: ${what}`, { where: `service ${service}`, fix });
}
