import { decide, newService } from '../release/decide.ts';
import { type ReleaseNews, releaseNews } from '../release/news.ts';
import { phaseName } from '../release/phase-name.ts';
import { type ReleaseSummary, releaseSummary } from '../release/summary.ts';
import type { Decision, ReleaseState, ServiceEvent, ServiceState } from '../release/types.ts';
import type { ServiceSpec } from '../spec/types.ts';
import type { EventLog, LoggedEvent, NewEvent } from '../stores/log.ts';
import { specChanges } from '../views/spec-changes.ts';
import { type PackedSamples, packSamples, unpackSamples } from './packed-samples.ts';

/** What the log keeps of one event: the event itself, and what a reader of the timeline wants without folding. */
export type Recorded = {
  readonly event: ServiceEvent;
  readonly said: string | null;
  readonly phase: string | null;
  /** What people and programs are told of it, where they are. Absent: nothing, or a record of before it was kept. */
  readonly news?: readonly ReleaseNews[];
  /** What was before and after, where a person or a program has asked for something. Absent in records of before it was kept. */
  readonly audit?: Audit;
  /** The releases that ended with this event. Absent: none, or a record of before they were kept. */
  readonly ended?: readonly EndedRelease[];
  /**
   * How the service stood when a release was asked for and none was under way: that release can be folded from here, however much came
   * before it. Absent: another one was under way, or a record of before it was kept.
   */
  readonly basis?: Basis;
};

/** What of a service's state a release's course depends on. Releases that have ended are no part of it. */
export type Basis = Pick<ServiceState, 'stable' | 'instances' | 'route' | 'atMs' | 'retries'>;

export type Audit = { readonly before: unknown; readonly after: unknown };

/** A release as it was when it ended, so that it can be shown for ever without folding all that came before it. */
export type EndedRelease = {
  readonly summary: ReleaseSummary;
  /** When its version became the stable one, in unix milliseconds; null when it never did. */
  readonly stableAtMs: number | null;
  /** Its document is in the event that asked for it; the guard's own state is gone by then. */
  readonly release: Omit<ReleaseState, 'spec' | 'guard'>;
};

/** The same as it is stored: the counts of a release are most of a log, so they are packed. Old records have them as they came. */
type Stored = Omit<Recorded, 'event'> & { readonly event: StoredEvent };
type Sampled = Extract<ServiceEvent, { kind: 'sampled' }>;
type StoredEvent = Exclude<ServiceEvent, Sampled> | (Omit<Sampled, 'samples'> & (Pick<Sampled, 'samples'> | PackedSamples));

const pageSize = 500;

/** Name of a service's stream in the log. */
export function streamOf(service: string): string {
  return `service/${service}`;
}

/** An event and its decision in the form of the log. */
export function toRecord(event: ServiceEvent, before: ServiceState, decision: Decision): NewEvent {
  const release = decision.state.live ?? before.live;
  const id = 'release' in event ? event.release : (release?.id ?? null);
  const shown = id === null ? undefined : releaseIn(decision.state, id);
  const stored: Stored = {
    event: event.kind === 'sampled' ? { kind: event.kind, at: event.at, ...packSamples(event.samples) } : event,
    said: decision.said,
    phase: shown ? phaseName(shown) : null,
    ...newsOf(before, decision.state),
    ...audited(event, before, decision.state),
    ...endedBy(before, decision.state),
    ...basisOf(event, before),
  };
  return { at: event.at, kind: event.kind, release: id, actor: actorOf(event).toWellFormed(), data: stored };
}

function newsOf(before: ServiceState, after: ServiceState): { readonly news?: readonly ReleaseNews[] } {
  const news = releaseNews(before, after);
  return news.length === 0 ? {} : { news };
}

function basisOf({ kind }: ServiceEvent, before: ServiceState): { readonly basis?: Basis } {
  if (kind !== 'requested' || before.live !== null || before.queued !== null) return {};
  const { stable, instances, route, atMs, retries } = before;
  return { basis: { stable, instances, route, atMs, retries } };
}

/** The state that a release can be folded from, without the releases before it. */
export function stateOn(basis: Basis, name: string): ServiceState {
  return { ...newService(name), ...basis };
}

/** What was asked for, seen from before and from after it. */
function audited(event: ServiceEvent, before: ServiceState, after: ServiceState): { readonly audit?: Audit } {
  switch (event.kind) {
    case 'requested': {
      const { stable } = before;
      // Nothing runs yet: there is nothing that the document changes.
      const changes = specChanges(stable?.spec ?? event.spec, event.spec);
      const more = changes.more === 0 ? {} : { more: changes.more };
      return {
        audit: {
          before: { version: stable?.version ?? null, document: changes.before },
          after: { version: event.version, document: changes.after, ...more },
        },
      };
    }
    case 'verb':
      return { audit: { before: stateOf(before, event.release), after: stateOf(after, event.release) } };
    default:
      return {};
  }
}

function stateOf(service: ServiceState, id: string): { readonly state: string } | null {
  const release = releaseIn(service, id);
  return release ? { state: phaseName(release) } : null;
}

function releaseIn({ live, queued, ended }: ServiceState, id: string): ReleaseState | undefined {
  return [live, queued, ...ended].find((release) => release?.id === id) ?? undefined;
}

/** The releases that ended between two states. */
function endedBy(before: ServiceState, after: ServiceState): { readonly ended?: readonly EndedRelease[] } {
  if (after.ended === before.ended) return {};
  const ended = after.ended
    .filter((release) => !before.ended.includes(release))
    .map((release) => endedRelease(release, after))
    .filter((kept) => kept !== null);
  return ended.length === 0 ? {} : { ended };
}

/** A release that has ended, in the form that is kept; null while it lives. `service`: right after its end. */
export function endedRelease(release: ReleaseState, service: ServiceState): EndedRelease | null {
  const summary = releaseSummary(release);
  if (summary === null) return null;
  const { spec: _document, guard: _evidence, ...kept } = release;
  return { summary, stableAtMs: service.stable?.release === release.id ? service.stable.sinceMs : null, release: kept };
}

/** The release itself again, with the document that it was asked for with. */
export function releaseOf({ release }: EndedRelease, spec: ServiceSpec): ReleaseState {
  return { ...release, spec, guard: null };
}

/**
 * The event of a record.
 *
 * @throws UserError `E_LOG_CORRUPT` when a newer version has written it in a way that is not known here.
 */
export function recordedIn(logged: LoggedEvent): Recorded {
  const { event, ...rest } = logged.data as Stored;
  if (event.kind !== 'sampled') return { ...rest, event };
  return { ...rest, event: { kind: event.kind, at: event.at, samples: unpackSamples(event) } };
}

/** Rises whenever the shape of a service's state or what a fold makes of an event changes: an older snapshot is then no longer a fold. */
const snapshotFormat = 2;

/** A state in the form of a snapshot. */
export function toSnapshot(state: ServiceState): unknown {
  return { format: snapshotFormat, state };
}

/** Folds a stream into the service's state, from its snapshot when there is one. */
export async function loadService(
  log: EventLog,
  name: string,
): Promise<{ readonly state: ServiceState; readonly version: number }> {
  const snapshot = await log.readSnapshot(streamOf(name));
  const kept = snapshot?.state as { readonly format?: number; readonly state: ServiceState } | undefined;
  const isUsable = kept?.format === snapshotFormat;
  let state = isUsable ? kept.state : newService(name);
  let version = isUsable ? (snapshot?.version ?? 0) : 0;
  for (;;) {
    const page = await log.read(streamOf(name), version, pageSize);
    for (const logged of page) state = decide(state, recordedIn(logged).event).state;
    version += page.length;
    if (page.length < pageSize) return { state, version };
  }
}

function actorOf(event: ServiceEvent): string {
  switch (event.kind) {
    case 'requested':
    case 'verb':
    case 'barrier-opened':
    case 'drill-asked':
    case 'drill-ended':
    case 'restart-asked':
    case 'restart-stopped':
      return event.by;
    case 'sampled':
      return 'guard';
    case 'instances':
    case 'ensure-failed':
    case 'retired':
    case 'restart-accepted':
      return 'target';
    case 'route-accepted':
    case 'route-read':
      return 'router';
    case 'validated':
    case 'controller-started':
    case 'hook-ended':
    case 'smoked':
    case 'effect-failed':
    case 'woke':
      return 'controller';
  }
}
