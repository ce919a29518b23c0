import { decide, newService } from '../release/decide.ts';
import { phaseName } from '../release/phase-name.ts';
import type { Decision, ServiceEvent, ServiceState } from '../release/types.ts';
import type { EventLog, LoggedEvent, NewEvent } from '../stores/log.ts';
import { type PackedSamples, packSamples, unpackSamples } from './packed-samples.ts';

/** What the log keeps of one event: the event itself, and what a reader of the timeline wants without folding. */
export type Recorded = { readonly event: ServiceEvent; readonly said: string | null; readonly phase: string | null };

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
  const shown =
    id === null
      ? null
      : [decision.state.live, decision.state.queued, ...decision.state.ended].find((candidate) => candidate?.id === id);
  const stored: Stored = {
    event: event.kind === 'sampled' ? { kind: event.kind, at: event.at, ...packSamples(event.samples) } : event,
    said: decision.said,
    phase: shown ? phaseName(shown) : null,
  };
  return { at: event.at, kind: event.kind, release: id, actor: actorOf(event), data: stored };
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
      return event.by;
    case 'sampled':
      return 'guard';
    case 'instances':
    case 'ensure-failed':
    case 'retired':
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
