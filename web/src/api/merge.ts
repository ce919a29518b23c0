import type { IncidentEvents, Mark, Series, SeriesPoint, TimelineEvent } from './schema.ts';
import type { StreamEntry, StreamSeries } from './types.ts';

export type CachedSeries = Series;
/** A line of the timeline of an incident. */
export type IncidentHappening = IncidentEvents['events'][number];

/** Newest points that are kept: an hour, as the server does. */
const pointsMax = 3_600;

/** A timeline with one more record; the same when it is there already, or when the timeline itself was not asked for yet. Pure. */
export function withEntry(old: readonly TimelineEvent[] | undefined, entry: StreamEntry): readonly TimelineEvent[] | undefined {
  const { seq, at, kind, actor, said, state } = entry;
  return withRecord<TimelineEvent>(old, { seq, at, kind, actor, said, state, hash: '' });
}

/** The same of an incident. Pure. */
export function withHappening(
  old: readonly IncidentHappening[] | undefined,
  { seq, at, kind, actor, said }: StreamEntry,
): readonly IncidentHappening[] | undefined {
  return withRecord<IncidentHappening>(old, { seq, at, kind, actor, said: said ?? '', hash: '' });
}

function withRecord<Event extends { readonly seq: number }>(
  old: readonly Event[] | undefined,
  event: Event,
): readonly Event[] | undefined {
  if (!old || old.some(({ seq }) => seq === event.seq)) return old;
  // Nearly always the newest, but a replay after a reconnect may bring what a plain answer has left out.
  return [...old, event].sort((a, b) => a.seq - b.seq);
}

/** An answer with the records that the stream has brought while it was on its way. Pure. */
export function withNewer<Event extends { readonly seq: number }>(
  answer: readonly Event[],
  known: readonly Event[] | undefined,
): readonly Event[] {
  const last = answer.at(-1)?.seq ?? 0;
  return [...answer, ...(known ?? []).filter(({ seq }) => seq > last)];
}

/** A series with newer points and marks; one whose span was not over takes the place of the one before. Pure. */
export function withSeries(
  old: Series | undefined,
  { points, marks }: Pick<StreamSeries, 'points' | 'marks'>,
): Series | undefined {
  if (!old) return old;
  if (points.length === 0 && marks.length === 0) return old;
  const merged = new Map(old.points.map((point) => [point.from, point]));
  for (const point of points) {
    const known = merged.get(point.from);
    if (!known || known.second <= point.second) merged.set(point.from, point);
  }
  const sorted = [...merged.values()].sort((a, b) => a.from - b.from);
  return {
    ...old,
    points: sorted.slice(-pointsMax),
    marks: withMarks(old.marks, marks),
    seconds: Math.max(
      old.seconds,
      sorted.reduce((sum: number, { seconds }: SeriesPoint) => sum + seconds, 0),
    ),
  };
}

/** What is kept of a series with an answer about its newest part: points and marks of both, everything else as it was answered. Pure. */
export function withNewAnswer(kept: Series, answer: Series): Series {
  const { points, marks, seconds } = withSeries(kept, answer) ?? answer;
  return { ...answer, points, marks, complete: kept.complete && answer.complete, seconds: Math.max(seconds, answer.seconds) };
}

function withMarks(old: readonly Mark[], added: readonly Mark[]): readonly Mark[] {
  const isKnown = (mark: Mark) =>
    old.some((one) => one.kind === mark.kind && one.second === mark.second && one.step === mark.step);
  const fresh = added.filter((mark) => !isKnown(mark));
  return fresh.length === 0 ? old : [...old, ...fresh].sort((a, b) => a.second - b.second);
}
