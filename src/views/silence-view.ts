import type { Alert } from '../alerts/types.ts';
import { type KeptSilence, serviceOfSilence } from '../incidents/routing/silence-record.ts';
import { type EndOfAlert, endOf, silenceState } from '../incidents/routing/silences.ts';
import { matcherText } from '../spec/alert-matcher.ts';

/** A silence as people and programs read it. Unix milliseconds. */
export type SilenceView = {
  readonly id: string;
  readonly state: 'pending' | 'active' | 'expired';
  /** One of the lists has to hold, all of it. */
  readonly matchers: readonly (readonly string[])[];
  /** The service that it is about alone; null: it may be about any. */
  readonly service: string | null;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Id of the alert that it ends with, if that comes first. */
  readonly untilResolved: string | null;
  readonly by: string;
  readonly comment: string;
};

/** A silence in a list. */
export type SilenceRow = SilenceView & {
  /** Open alerts that it keeps still now, of the first thousand that the asker may see. */
  readonly alerts: number;
};

/** What a silence with such matchers would be about now. */
export type SilencePreview = Pick<SilenceView, 'matchers' | 'service'> & {
  /** Open alerts that are like it, of those that the asker may see, the first hundred of them. */
  readonly alerts: readonly Pick<Alert, 'id' | 'name' | 'service' | 'urgency' | 'state' | 'said'>[];
  readonly count: number;
};

/** @param endOfAlert - When the alert that it waits for has ended. */
export function silenceView(silence: KeptSilence, endOfAlert: EndOfAlert, nowMs: number): SilenceView {
  const { id, matcherSets, startsAtMs, endsAtMs, untilResolved, by, comment } = silence;
  const state = shownState(silence, endOfAlert, nowMs);
  return {
    id,
    state,
    matchers: matcherSets.map((matchers) => matchers.map(matcherText)),
    service: serviceOfSilence(silence),
    startsAtMs,
    // Of what is not known any more only that it has ended is known.
    endsAtMs: Math.max(startsAtMs, state === 'expired' ? endOf(silence, endOfAlert) || endsAtMs : endsAtMs),
    untilResolved,
    by,
    comment,
  };
}

/** How a silence stands. What is on record is never to come: the clock of the record may be ahead of the reader's by a moment. */
export function shownState(silence: KeptSilence, endOfAlert: EndOfAlert, nowMs: number): SilenceView['state'] {
  return silenceState(silence, Math.max(nowMs, silence.setAtMs), endOfAlert);
}
