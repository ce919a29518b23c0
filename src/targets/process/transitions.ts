import { type End, endText } from '../end-text.ts';
import { endsInRow, restartDelayMs } from './back-off.ts';
import type { VersionPlace } from './places.ts';
import type { InstanceRecord, Rules } from './record.ts';
import type { ProcessDefinition } from './schema.ts';

/** An instance that never ran. */
export function newRecord(place: VersionPlace, ordinal: number, port: number, definition: ProcessDefinition): InstanceRecord {
  return {
    format: 1,
    service: place.service,
    version: place.version,
    ordinal,
    port,
    life: null,
    process: null,
    logFromByte: 0,
    isAskedToEnd: false,
    restarts: 0,
    ends: 0,
    retryAtMs: null,
    wasReady: false,
    readySinceMs: null,
    lastEnd: null,
    rules: rulesOf(definition),
  };
}

/** The parts of a definition that outlive its document. */
export function rulesOf({ health, liveness, stop, restart, logs }: ProcessDefinition): Rules {
  return { health, liveness: liveness ?? null, stop, restart, logs };
}

/** The record just before a process is started: whoever finds it looks for a process of this life first. */
export function intentRecord(before: InstanceRecord, life: string, logFromByte: number): InstanceRecord {
  const restarts = before.restarts + (before.retryAtMs === null ? 0 : 1);
  return {
    ...before,
    life,
    process: null,
    logFromByte,
    isAskedToEnd: false,
    restarts,
    retryAtMs: null,
    wasReady: false,
    readySinceMs: null,
  };
}

/** The record of an instance that is to be started at once, because somebody has asked for it. */
export function freshRecord(before: InstanceRecord): InstanceRecord {
  return {
    ...before,
    life: null,
    process: null,
    isAskedToEnd: false,
    ends: 0,
    retryAtMs: null,
    wasReady: false,
    readySinceMs: null,
    lastEnd: null,
  };
}

/** The record after its process ended by itself: it waits for its restart. */
export function endedRecord(before: InstanceRecord, end: End, output: readonly string[], nowMs: number): InstanceRecord {
  const { process, readySinceMs, rules } = before;
  const ends = endsInRow(before.ends, readySinceMs === null ? null : nowMs - readySinceMs);
  // Nobody knows when a process ended that ended unseen before this controller started, and the log does not say.
  const livedMs = process && end.kind !== 'lost' ? Math.max(0, nowMs - process.startedAtMs) : null;
  return {
    ...before,
    life: null,
    process: null,
    ends,
    retryAtMs: nowMs + restartDelayMs(ends, rules.restart),
    wasReady: false,
    readySinceMs: null,
    lastEnd: endText(end, livedMs, output),
  };
}

/** The record after a restart that could not even begin. */
export function refusedRecord(before: InstanceRecord, problem: string, nowMs: number): InstanceRecord {
  const ends = before.ends + 1;
  return { ...before, ends, retryAtMs: nowMs + restartDelayMs(ends, before.rules.restart), lastEnd: problem };
}
