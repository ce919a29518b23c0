import type { Origin } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { type EndOfAlert, mayChange, type Silence, silenceProblem, silenceState } from './silences.ts';

/** The service that a silence is about alone; null: it may be about any. */
export function serviceOfSilence({ matcherSets }: Pick<Silence, 'matcherSets'>): string | null {
  const services = matcherSets.map(
    (matchers) => matchers.find(({ name, op }) => name === 'service' && op === '=')?.value ?? null,
  );
  const [first = null] = services;
  return services.every((service) => service === first) ? first : null;
}

/** What comes on record of silences. That their time is up does not: it follows. */
export type SilenceEvent =
  | {
      readonly kind: 'silence-set';
      /** `replaces`: id of the one that it was made from and that has ended with it; null: it is new, or changed under its own id. */
      readonly data: Silence & { readonly replaces: string | null; readonly from: Origin | null };
    }
  | {
      readonly kind: 'silence-ended';
      readonly data: { readonly id: string; readonly why: string; readonly from: Origin | null };
    };

/** A silence with when it was set or changed last (unix milliseconds). */
export type KeptSilence = Silence & { readonly setAtMs: number };

/** By id, the oldest first; those that are over are forgotten after five days. */
export type SilencesState = ReadonlyMap<string, KeptSilence>;

export const noSilences: SilencesState = new Map();

/** Alertmanager keeps them as long. */
const keptMs = 5 * 86_400_000;
/** Silences that are not over yet, and all that are kept. */
const liveMax = 1_000;
const keptMax = 5_000;
/** One that lasts longer is a change of the routing. */
export const longestMs = 366 * 86_400_000;

/** The silences after an event. */
export function takeSilence(state: SilencesState, event: SilenceEvent & { readonly at: number }): SilencesState {
  const next = new Map(state);
  changeSilence(next, event);
  const over = [...next.values()].filter(({ endsAtMs }) => endsAtMs <= event.at);
  const tooMany = Math.max(0, next.size - keptMax);
  for (const [at, { id, endsAtMs }] of over.entries()) if (at < tooMany || endsAtMs < event.at - keptMs) next.delete(id);
  return next;
}

/** All silences that there have ever been, with the times in which they were silent. */
export function recordedSilences(events: Iterable<SilenceEvent & { readonly at: number }>): readonly Silence[] {
  const all = new Map<string, KeptSilence>();
  for (const event of events) changeSilence(all, event);
  return [...all.values()];
}

function changeSilence(silences: Map<string, KeptSilence>, event: SilenceEvent & { readonly at: number }): void {
  if (event.kind === 'silence-set') {
    const { replaces: _, from: __, ...silence } = event.data;
    silences.set(silence.id, { ...silence, setAtMs: event.at });
    return;
  }
  const before = silences.get(event.data.id);
  if (!before) return;
  const startsAtMs = Math.min(before.startsAtMs, event.at);
  silences.set(before.id, { ...before, startsAtMs, endsAtMs: event.at, setAtMs: event.at });
}

/** A silence as somebody asks for it. */
export type AskedSilence = Omit<Silence, 'id'> & {
  /** The one that is to be changed; null: a new one. */
  readonly id: string | null;
  readonly from: Origin | null;
};

/**
 * What comes on record when somebody asks for a silence, and its id. A change that would make it another one ends the old one.
 *
 * @param newId - Id for a new one.
 * @throws UserError `E_INPUT`, `E_UNKNOWN_SILENCE`, `E_REFUSED` when there are too many.
 */
export function setSilence(
  state: SilencesState,
  { id, from, ...asked }: AskedSilence,
  newId: string,
  endOfAlert: EndOfAlert,
  nowMs: number,
): { readonly id: string; readonly events: readonly SilenceEvent[] } {
  const before = id === null ? null : knownSilence(state, id);
  const isSame = before !== null && mayChange(before, { ...asked, id: before.id }, nowMs);
  // What is silent begins now at the earliest: it was not silent before.
  const startsAtMs = isSame ? asked.startsAtMs : Math.max(asked.startsAtMs, nowMs);
  const silence = { ...asked, startsAtMs, id: isSame ? before.id : newId };
  const problem = silenceProblem(silence, isLabelName) ?? timeProblem(silence, nowMs);
  if (problem !== null)
    throw new UserError('E_INPUT', problem, {
      where: 'silence',
      fix: 'give matchers that choose something, and an end that is to come',
    });
  if (!isSame && [...state.values()].filter((one) => silenceState(one, nowMs, endOfAlert) !== 'expired').length >= liveMax)
    throw new UserError('E_REFUSED', `there are ${liveMax} silences, the most that there may be`, {
      where: 'silence',
      fix: 'end some of them, or mute these alerts in the routing',
    });
  const isReplaced = before !== null && !isSame && silenceState(before, nowMs, endOfAlert) !== 'expired';
  const ended: SilenceEvent[] = isReplaced
    ? [{ kind: 'silence-ended', data: { id: before.id, why: `replaced by ${newId}`, from } }]
    : [];
  const replaces = isSame ? null : (before?.id ?? null);
  return { id: silence.id, events: [...ended, { kind: 'silence-set', data: { ...silence, replaces, from } }] };
}

/**
 * What comes on record when somebody ends a silence; nothing when it is over already.
 *
 * @throws UserError `E_UNKNOWN_SILENCE`.
 */
export function endSilence(
  state: SilencesState,
  id: string,
  why: string,
  from: Origin | null,
  endOfAlert: EndOfAlert,
  nowMs: number,
): readonly SilenceEvent[] {
  const silence = knownSilence(state, id);
  return silenceState(silence, nowMs, endOfAlert) === 'expired' ? [] : [{ kind: 'silence-ended', data: { id, why, from } }];
}

/** @throws UserError `E_UNKNOWN_SILENCE`. */
export function knownSilence(state: SilencesState, id: string): KeptSilence {
  const silence = state.get(id);
  if (silence) return silence;
  throw unknownSilence(id);
}

/** What is said where there is no silence of that id. */
export function unknownSilence(id: string): UserError {
  return new UserError('E_UNKNOWN_SILENCE', `there is no silence ${id.slice(0, 100)}`, {
    where: 'silence',
    fix: 'see `rampart silences`; those that have ended are forgotten after five days',
  });
}

/** Programs that are no Prometheus have labels such as `host.name`, and their alerts are to be kept still, too. */
function isLabelName(name: string): boolean {
  return name !== '' && name.isWellFormed();
}

function timeProblem({ startsAtMs, endsAtMs }: Silence, nowMs: number): string | null {
  if (endsAtMs <= nowMs) return "end time can't be in the past";
  if (endsAtMs === startsAtMs) return 'start time must be before end time';
  return endsAtMs - startsAtMs > longestMs ? 'a silence lasts 366 days at most' : null;
}
