import type { IncidentEvent, IncidentRecorded } from '../incidents/events.ts';
import type { RunbookRun } from '../incidents/runbooks/types.ts';
import { type Text, textIn } from '../spec/text.ts';
import type { Post } from '../status/types.ts';
import { incidentText } from '../views/incident-view.ts';
import type { RoomNews } from './room-tasks.ts';

/** An event of an incident, with its position in the log. */
export type Placed = { readonly seq: number; readonly event: IncidentRecorded };

/** Lines of the output of a step; all of them are in the console. */
const outputMax = 5;

/** Which events people in a room are told. What the room shows by itself, and who exactly was sent what, they are not. */
const isNews: Readonly<Record<IncidentEvent['kind'], boolean>> = {
  'incident-opened': false,
  'incident-alert-joined': true,
  'incident-alert-changed': true,
  'incident-alert-ended': true,
  'incident-attributed': true,
  'incident-severity-changed': true,
  'incident-acknowledged': true,
  'incident-acknowledgement-ended': true,
  'incident-mitigated': true,
  'incident-resolved': true,
  'incident-reopened': true,
  'incident-reviewed': true,
  'incident-noted': true,
  'incident-responding': true,
  'incident-person-needed': true,
  'incident-action-begun': true,
  'incident-action-ended': true,
  'incident-policy-taken': false,
  'incident-escalated': true,
  'incident-told': false,
  'incident-room-opened': false,
  'incident-room-failed': false,
  'incident-room-archived': false,
  'incident-measured': false,
  'incident-diagnosed': true,
  'incident-learned': true,
  'incident-review-edited': false,
  'incident-action-item-set': true,
  'incident-start-corrected': true,
  'incident-narration-asked': false,
  'incident-narrated': false,
  'incident-narration-failed': false,
};

/** What a note is called that was written in a room; the same message there is the same note. */
export function roomNote(message: string): string {
  return `room-${message}`;
}

/**
 * What has happened since a room was told last, oldest first: events of the incident, what steps of runbooks have found, what customers
 * were told. Pure.
 *
 * @param events - Those after `told.upto`.
 * @param channel - The receiver's id of the room: what was written there is no news there.
 */
export function roomNews(
  told: { readonly upto: number; readonly keys: readonly string[] },
  channel: string,
  events: readonly Placed[],
  runs: readonly RunbookRun[],
  posts: readonly Post[],
): RoomNews {
  const known = new Set(told.keys);
  const others = [...runs.flatMap(stepNews), ...posts.flatMap(postNews)]
    .filter(({ key }) => !known.has(key))
    .toSorted((a, b) => a.atMs - b.atMs);
  const lines = [...events.flatMap(({ event }) => lineOf(event, channel) ?? []), ...others.map(({ line }) => line)];
  return { upto: events.at(-1)?.seq ?? told.upto, keys: others.map(({ key }) => key), lines };
}

function lineOf(event: IncidentRecorded, channel: string): Text | null {
  // What could not be told to somebody is for those to know who are there.
  if (event.kind === 'incident-told') return event.data.state === 'refused' ? incidentText(event) : null;
  if (!isNews[event.kind]) return null;
  if (event.kind !== 'incident-noted') return incidentText(event);
  if (event.data.note.startsWith(roomNote(`${channel}-`))) return null;
  return `${event.actor}: ${event.data.text}`;
}

type News = { readonly key: string; readonly atMs: number; readonly line: Text };

function stepNews({ name, title, steps }: RunbookRun): readonly News[] {
  return steps.flatMap((step, index): readonly News[] => {
    const { outcome } = step;
    if (outcome === null) return [];
    const shown = outcome.lines.slice(0, outputMax);
    const rest = outcome.lines.length - shown.length;
    const output = [...shown, ...(rest === 0 ? [] : [`… +${rest}`])].map((line) => ` · ${line}`).join('');
    const line = (language: 'en' | 'ru'): string =>
      `${textIn(title, language)}, ${index + 1}. ${textIn(step.title, language)}: ${textIn(outcome.said, language)}${output}`;
    // A step that was run again has told something else.
    const key = `runbook/${name}/${index}/${outcome.atMs}`;
    return [{ key, atMs: outcome.atMs, line: { en: line('en'), ru: line('ru') } }];
  });
}

function postNews({ id, updates }: Post): readonly News[] {
  return updates.map(({ id: update, atMs, by, state, body }) => ({
    key: `post/${id}/${update}`,
    atMs,
    line: {
      en: `status page (${state}), by ${by}: ${textIn(body, 'en')}`,
      ru: `страница статуса (${state}), ${by}: ${textIn(body, 'ru')}`,
    },
  }));
}
