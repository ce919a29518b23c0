import type { Origin } from '../../access/types.ts';
import { momentUtc } from '../../analysis/figures.ts';
import { UserError } from '../../errors.ts';
import type { Answered } from '../../incidents/asked.ts';
import type { IncidentRecord } from '../../incidents/events.ts';
import type { NarrationSpec } from '../../spec/narration.ts';
import type { Text } from '../../spec/text.ts';
import { type NarrationStory, noStory, takeStory } from './story.ts';

const hourMs = 3_600_000;
/** Incidents whose narrations are kept in mind: more than there are incidents in mind. */
const storiesMax = 2_500;
/** Calls in an hour are counted up to this: more than any document allows. */
const callsMax = 1_000;
/** Incidents that were measured and not narrated since. */
const dueMax = 500;
/** From so many troubles one after the other the endpoint is left alone: for a minute, and twice as long after each further one. */
export const troublesMax = 3;
const restMs = 60_000;
const restMaxMs = 15 * 60_000;

/** What is on record of all narrations. Times are unix milliseconds. */
export type NarrationLedger = {
  /** By incident, the one that was asked for longest ago first. */
  readonly stories: ReadonlyMap<string, NarrationStory>;
  /** Incidents that were measured and have no narration asked for since, by when that was. */
  readonly due: ReadonlyMap<string, number>;
  /** When one was asked for in the last hour. */
  readonly calls: readonly number[];
  /** Troubles of the endpoint one after the other, and until when it is left alone. */
  readonly troubles: number;
  readonly notBeforeMs: number;
};

/** Nothing was ever narrated. */
export const noNarrations: NarrationLedger = { stories: new Map(), due: new Map(), calls: [], troubles: 0, notBeforeMs: 0 };

/** All narrations after an event of incidents. Pure: a fold. Most events change nothing. */
export function takeNarration(ledger: NarrationLedger, record: IncidentRecord): NarrationLedger {
  const { at } = record;
  const { id } = record.data;
  switch (record.kind) {
    case 'incident-learned':
      return { ...ledger, due: bounded(new Map(ledger.due).set(id, at), dueMax) };
    case 'incident-reopened':
      return ledger.due.has(id) ? { ...ledger, due: without(ledger.due, id) } : ledger;
    case 'incident-narration-asked': {
      const stories = without(ledger.stories, id);
      stories.set(id, takeStory(storyOf(ledger, id), record));
      const calls = [...ledger.calls.filter((ms) => ms > at - hourMs), at].slice(-callsMax);
      return { ...ledger, stories: bounded(stories, storiesMax), due: without(ledger.due, id), calls };
    }
    case 'incident-narrated':
    case 'incident-narration-failed': {
      const before = storyOf(ledger, id);
      const after = takeStory(before, record);
      if (after === before) return ledger;
      const stories = new Map(ledger.stories).set(id, after);
      if (record.kind === 'incident-narrated' || !record.data.isTrouble)
        return { ...ledger, stories, troubles: 0, notBeforeMs: record.kind === 'incident-narrated' ? 0 : ledger.notBeforeMs };
      const troubles = ledger.troubles + 1;
      const rest = troubles < troublesMax ? 0 : at + Math.min(restMaxMs, restMs * 2 ** Math.min(10, troubles - troublesMax));
      return { ...ledger, stories, troubles, notBeforeMs: Math.max(rest, record.data.notBeforeMs ?? 0) };
    }
    default:
      return ledger;
  }
}

/** What is known of the narrations of an incident. */
export function storyOf({ stories }: NarrationLedger, id: string): NarrationStory {
  return stories.get(id) ?? noStory;
}

/** Who asks for a narration of which incident, and when. */
export type NarrationAsking = {
  readonly id: string;
  readonly why: string;
  readonly from?: Origin;
  readonly language?: 'en' | 'ru';
  readonly atMs: number;
};

/**
 * What comes on record when somebody wants a narration: nothing where one is on its way already, where as many as allowed were asked for, or
 * while the endpoint is left alone. Nothing else ever waits for it.
 *
 * @throws UserError `E_REFUSED` where nothing is set up to narrate.
 */
export function narrating(ledger: NarrationLedger, spec: NarrationSpec | null, asking: NarrationAsking): Answered {
  if (spec === null)
    throw new UserError('E_REFUSED', 'nothing is set up to narrate', {
      where: 'narration',
      fix: 'describe an endpoint in a document of kind Narration, and apply it with the others: rampart incidents apply FILE…',
    });
  const { id, why, from, atMs, language = spec.language } = asking;
  const { asked, pending } = storyOf(ledger, id);
  if (pending !== null) return nothing('it is being written already', 'пересказ уже пишется');
  if (atMs < ledger.notBeforeMs) {
    const until = momentUtc(ledger.notBeforeMs);
    return nothing(
      `the endpoint is not well and is left alone until ${until} UTC`,
      `сервер не в порядке, до ${until} UTC его не спрашивают`,
    );
  }
  if (asked >= spec.perIncident)
    return nothing(
      `${id} was narrated ${asked} times, which is all that limits.perIncident allows`,
      `${id}: пересказ запрашивали столько раз (${asked}), сколько разрешает limits.perIncident`,
    );
  const calls = ledger.calls.filter((ms) => ms > atMs - hourMs);
  if (calls.length >= spec.perHour) {
    const until = momentUtc((calls.at(-spec.perHour) ?? atMs) + hourMs);
    return nothing(
      `limits.perHour allows ${spec.perHour}; the next one from ${until} UTC on`,
      `limits.perHour разрешает ${spec.perHour}; следующий – с ${until} UTC`,
    );
  }
  const data = { id, ask: `n${asked + 1}`, model: spec.model, language, why, ...(from ? { from } : {}) };
  return {
    events: [{ kind: 'incident-narration-asked', data }],
    done: true,
    said: { en: `${spec.model} is asked for a narration`, ru: `пересказ запрошен у модели ${spec.model}` },
  };
}

function nothing(en: string, ru: string): Answered {
  const said: Text = { en, ru };
  return { events: [], done: false, said };
}

function without<Value>(before: ReadonlyMap<string, Value>, id: string): Map<string, Value> {
  const after = new Map(before);
  after.delete(id);
  return after;
}

/** Those that came first are forgotten first. */
function bounded<Value>(all: Map<string, Value>, max: number): Map<string, Value> {
  for (const id of all.keys()) {
    if (all.size <= max) break;
    all.delete(id);
  }
  return all;
}
