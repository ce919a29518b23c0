import type { IncidentRecord } from '../../incidents/events.ts';
import { recordedRussian } from '../../release/recorded-russian.ts';
import { incidentText } from '../incident-view.ts';
import type { TimelineEntry } from './types.ts';

/** An event of the incident as the log has it. */
export type LoggedIncident = IncidentRecord & { readonly seq: number };

/** An event of a release, and what there is to tell of it. */
export type LoggedRelease = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly said: string | null;
};

/** Rows that a timeline has room for; of more the first and the last ones are shown. */
const rowsMax = 1_000;

/** What happened, in the order of time: events of the incident and of its release. */
export function timelineOf(
  incidents: readonly LoggedIncident[],
  releases: readonly LoggedRelease[],
  urlOf: (seq: number, source: 'incident' | 'release') => string | null,
): { readonly entries: readonly TimelineEntry[]; readonly leftOut: number } {
  const all = [
    ...incidents.map((one) => incidentEntry(one, urlOf(one.seq, 'incident'))),
    ...releases.flatMap((one) => releaseEntry(one, urlOf(one.seq, 'release'))),
  ].sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
  const leftOut = Math.max(0, all.length - rowsMax);
  return { entries: leftOut === 0 ? all : [...all.slice(0, rowsMax / 2), ...all.slice(-rowsMax / 2)], leftOut };
}

function releaseEntry({ seq, at, kind, actor, said: what }: LoggedRelease, url: string | null): readonly TimelineEntry[] {
  if (what === null) return [];
  const text = { en: what, ru: recordedRussian(what) };
  return [{ seq, atMs: at, source: 'release', kind, who: actor, text, url, isNote: false }];
}

function incidentEntry(record: LoggedIncident, url: string | null): TimelineEntry {
  const { seq, at, kind, actor } = record;
  const source = kind.startsWith('incident-alert-') ? 'alert' : kind === 'incident-told' ? 'message' : 'incident';
  return { seq, atMs: at, source, kind, who: actor, text: incidentText(record), url, isNote: kind === 'incident-noted' };
}
