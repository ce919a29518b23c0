import { nextWakeMs } from './actions.ts';
import { backMs, isBack, notBack, turnsBack } from './back.ts';
import type { GroupCause, GroupDecision, GroupEvent, GroupOutcome, GroupRelease, GroupState, Member } from './types.ts';

/** Endings that are kept; older ones are in the log. */
const endedMax = 20;

/** How long a group tries to go back before it ends, and people have to see to what is left. */
const backMaxMs = 3_600_000;

type Move = { readonly live: GroupRelease; readonly said: string | null };

/** A group that nothing has happened to yet. */
export function newGroup(name: string): GroupState {
  return { name, live: null, ended: [], atMs: 0 };
}

/**
 * What happens next with a group. Pure: the same state and event always give the same decision, so the state is a fold over the log.
 * What to do about it follows from the state, see `actionsOf`.
 */
export function decide(before: GroupState, event: GroupEvent): GroupDecision {
  const taken = take(before, event);
  if (!taken) return { state: before, said: null };
  const said = taken.said === null ? [] : [taken.said];
  let { live } = taken;
  for (;;) {
    const move = advance(live, before.name, event.at);
    if (move.live === live) break;
    live = move.live;
    if (move.said !== null) said.push(move.said);
  }
  if (live === before.live) {
    // A moment at which nothing else changed has passed all the same: otherwise it would be waited for again, and be there at once.
    const isOver = event.kind === 'woke' && nextWakeMs(before) <= event.at;
    return { state: isOver ? { ...before, atMs: event.at } : before, said: null };
  }
  const state =
    live.phase.kind === 'ended'
      ? { ...before, atMs: event.at, live: null, ended: [live, ...before.ended].slice(0, endedMax) }
      : { ...before, atMs: event.at, live };
  return { state, said: said.length > 0 ? said.join('; ') : null };
}

/** Why an abort does nothing, in one sentence; null when it does something. */
export function abortRefusal({ name, live, ended }: GroupState): string | null {
  if (live) return live.phase.kind === 'rolling-back' ? `${name} is going back already: ${live.phase.cause.sentence}` : null;
  const [last] = ended;
  return last?.phase.kind === 'ended'
    ? `the release of ${name} has ended (${last.phase.outcome}); abort does nothing any more`
    : `${name} is not being released`;
}

/** The event itself, before anything that follows from it; null when it is about nothing that goes on. */
function take(state: GroupState, event: GroupEvent): Move | null {
  const { live } = state;
  if (event.kind === 'requested') return live ? null : begun(event);
  if (!live || (event.kind !== 'woke' && event.id !== live.id)) return null;
  const changed = (service: string, change: Partial<Member>): GroupRelease => ({
    ...live,
    members: live.members.map((member) => (member.service === service ? { ...member, ...change } : member)),
  });
  switch (event.kind) {
    case 'seen': {
      const member = live.members.find(({ service }) => service === event.service);
      if (!member || member.skipped) return null;
      const next = { ...member, sight: event.sight };
      return { live: changed(event.service, { sight: event.sight, isDoubtful: false }), said: seenText(member, next) };
    }
    case 'refused':
      return { live: changed(event.service, { refused: event.reason }), said: null };
    case 'aborted': {
      if (live.phase.kind === 'rolling-back') return null;
      const sentence = `aborted by ${event.by}${event.why ? `: ${event.why}` : ''}`;
      return back(live, { service: null, sentence }, event.at);
    }
    case 'woke':
      return { live, said: null };
  }
}

function begun({ id, members, barrierMs, by, why, at }: Extract<GroupEvent, { kind: 'requested' }>): Move {
  const live: GroupRelease = {
    id,
    by,
    why,
    requestedAtMs: at,
    barrierMs,
    members: members.map((member) => ({
      ...member,
      skipped: member.version === member.before,
      sight: { kind: 'absent' },
      isDoubtful: false,
      refused: null,
      backUntilMs: null,
    })),
    phase: { kind: 'gathering' },
  };
  const skipped = live.members.filter((member) => member.skipped);
  const told = (some: readonly Member[]): string => some.map(({ service, version }) => `${service} ${version}`).join(', ');
  const out = skipped.length === 0 ? '' : `; stable already, left out: ${told(skipped)}`;
  return { live, said: `release by ${by}${why ? `: ${why}` : ''}: ${told(live.members.filter((one) => !one.skipped))}${out}` };
}

/** One transition that follows from the state and the time, or the same release when everything waits. */
function advance(live: GroupRelease, name: string, atMs: number): Move {
  const { phase, members } = live;
  const stay: Move = { live, said: null };
  const taking = members.filter(({ skipped }) => !skipped);
  if (phase.kind === 'ended') return stay;
  if (phase.kind === 'rolling-back') return advanceBack(live, phase.cause, phase.untilMs, atMs);
  const cause = causeOf(taking);
  if (cause) return back(live, cause, atMs);
  if (phase.kind === 'gathering' && taking.every(({ sight }) => sight.kind === 'ready' && sight.passing))
    return { live: { ...live, phase: { kind: 'promoting' } }, said: 'all are ready and pass: they get all traffic, in order' };
  if (phase.kind === 'promoting' && taking.every(({ sight }) => sight.kind === 'baked' && sight.passing))
    return { live: { ...live, phase: { kind: 'finishing' } }, said: 'all have baked and pass: they become stable' };
  if (taking.every(({ sight }) => sight.kind === 'stable'))
    return end(live, 'succeeded', `all of ${name} are stable: ${versionsText(taking)}`, null, atMs);
  return stay;
}

/** What takes the whole group back: the first member that will not get there; null while all may. */
function causeOf(members: readonly Member[]): GroupCause | null {
  for (const { service, version, sight, refused } of members) {
    const cause = (what: string): GroupCause => ({ service, sentence: `${service} ${version} ${what}` });
    if (refused !== null) return cause(`was refused: ${refused}`);
    if (sight.kind === 'going-back') return cause(`went back: ${sight.cause}`);
    if (sight.kind === 'gone')
      return cause(`${sight.outcome === 'rolled-back' ? 'went back' : `was ${sight.outcome}`}: ${sight.cause}`);
    // Somebody has brought the version before back, by hand.
    if (sight.kind === 'restored' || sight.kind === 'restoring' || sight.kind === 'not-restored')
      return cause('was taken back by hand');
  }
  return null;
}

function back(live: GroupRelease, cause: GroupCause, atMs: number): Move {
  const phase = { kind: 'rolling-back', cause, untilMs: atMs + backMaxMs } as const;
  // Why a release could not begin is no reason why the version before could not come back.
  const members = live.members.map((member) => ({
    ...member,
    refused: null,
    isDoubtful: !member.skipped && member.sight.kind === 'absent',
  }));
  return { live: { ...live, members, phase }, said: `all go back, last ones first: ${cause.sentence}` };
}

function advanceBack(live: GroupRelease, cause: GroupCause, untilMs: number, atMs: number): Move {
  const { members } = live;
  if (members.every(isBack)) {
    const lost = members.map(notBack).filter((text) => text !== null);
    return lost.length === 0
      ? end(live, 'rolled-back', `all went back: ${cause.sentence}`, cause, atMs)
      : end(live, 'rollback-failed', `${lost.join('; ')}; the group went back because ${cause.sentence}`, cause, atMs);
  }
  if (atMs >= untilMs) {
    const left = members.filter((member) => !isBack(member)).map(({ service }) => service);
    return end(
      live,
      'rollback-failed',
      `not back in time: ${left.join(', ')}; the group went back because ${cause.sentence}`,
      cause,
      atMs,
    );
  }
  const turns = turnsBack(members, atMs);
  const isDue = (member: Member): boolean =>
    member.backUntilMs === null && (turns.includes(member) || member.sight.kind === 'going-back');
  if (!members.some(isDue)) return { live, said: null };
  return {
    live: {
      ...live,
      members: members.map((member) => (isDue(member) ? { ...member, backUntilMs: atMs + backMs(member) } : member)),
    },
    said: null,
  };
}

function end(live: GroupRelease, outcome: GroupOutcome, sentence: string, cause: GroupCause | null, atMs: number): Move {
  return { live: { ...live, phase: { kind: 'ended', outcome, atMs, sentence, cause } }, said: `${outcome}: ${sentence}` };
}

/** What a person wants to know of a member that stands elsewhere now. */
function seenText({ sight: was }: Member, { sight, service, version, before }: Member): string | null {
  if (was.kind === sight.kind) return null;
  switch (sight.kind) {
    case 'moving':
      return `${service} ${version} begins`;
    case 'ready':
      return `${service} ${version} is ready, and waits for the others`;
    case 'promoted':
      return `${service} ${version} has all traffic`;
    case 'baked':
      return `${service} ${version} has baked, and waits for the others`;
    case 'stable':
      return `${service} ${version} is stable`;
    case 'gone':
      return `${service} ${version}: ${sight.outcome}`;
    case 'restored':
      return `${service} is on ${before} again`;
    case 'restoring':
      return `${before} of ${service} is brought back`;
    case 'going-back':
    case 'not-restored':
    case 'absent':
    case 'promoting':
    case 'finishing':
      return null;
  }
}

function versionsText(members: readonly Member[]): string {
  return members.map(({ service, version }) => `${service} ${version}`).join(', ');
}
