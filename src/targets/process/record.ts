import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { replaceFile, syncFolder } from '../../system/replace-file.ts';

const count = z.int().min(0);

/**
 * What has to survive the controller about one instance. `life` without `process` is an intent: a process with this `RAMPART_INSTANCE`
 * is about to be started, or was and nobody wrote it down. Neither command nor environment are kept here: they may hold secrets.
 */
const InstanceRecord = z.object({
  format: z.literal(1),
  service: z.string(),
  version: z.string(),
  ordinal: count,
  /** Loopback port, the same over all restarts. */
  port: z.int().min(1).max(65_535),
  /** Unique id of this start, in the environment of the process as RAMPART_INSTANCE; `null` while there is nothing to run. */
  life: z.string().nullable(),
  /** The process, recognised by its start; `startedAtMs` is for people. */
  process: z.object({ pid: z.int().min(2), mark: z.string().min(1), startedAtMs: count }).nullable(),
  /** Size of the log when it was started (bytes): what is before belongs to earlier lives. */
  logFromByte: count,
  /** Its process is being ended because somebody has asked for a restart: its end is no crash. Absent in records of before. */
  isAskedToEnd: z.boolean().default(false),
  restarts: count,
  /** Ends in a row, for the back-off. */
  ends: count,
  /** Unix ms of the next start while it waits. */
  retryAtMs: count.nullable(),
  wasReady: z.boolean(),
  readySinceMs: count.nullable(),
  lastEnd: z.string().nullable(),
  /** The parts of the definition that are needed to watch and end it without its document. Times in ms. */
  rules: z.object({
    health: z.object({ path: z.string(), timeout: count, interval: count, unhealthyAfter: count }),
    liveness: z.object({ path: z.string(), timeout: count, interval: count, failures: count }).nullable(),
    stop: z.object({ signal: z.string(), deadline: count }),
    restart: z.object({ backoff: count, max: count }),
    logs: z.object({ maxSize: count, keep: count }),
  }),
});
export type InstanceRecord = z.output<typeof InstanceRecord>;

/** How an instance is watched and ended. */
export type Rules = InstanceRecord['rules'];

/**
 * Reads a record; `null` when there is none.
 *
 * @throws UserError `E_RECORD_DAMAGED`: going on without it could start a second process; `E_DATA_FOLDER` when it cannot be read.
 */
export async function readRecord(file: string): Promise<InstanceRecord | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw folderError(file, error);
  }
  try {
    return InstanceRecord.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError('E_RECORD_DAMAGED', `the record of an instance is damaged: ${file}`, {
      where: file,
      fix: 'End the process that has this instance in RAMPART_INSTANCE, if there is one, then remove the file.',
      cause: error,
    });
  }
}

/**
 * Writes a record in one piece: after a crash there is the old one or the new one.
 *
 * @throws UserError `E_DATA_FOLDER` when the folder takes no file; the old record is then untouched.
 */
export async function writeRecord(file: string, record: InstanceRecord): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, `${JSON.stringify(record)}\n`, { durable: true, mode: 0o600 });
  } catch (error) {
    throw folderError(file, error);
  }
}

/** Removes a record for good. Safe to repeat. @throws UserError `E_DATA_FOLDER`. */
export async function removeRecord(file: string): Promise<void> {
  try {
    await rm(file, { force: true });
    await syncFolder(dirname(file)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
  } catch (error) {
    throw folderError(file, error);
  }
}

/** A full disk, an unwritable or missing folder, as people need to hear it. */
export function folderError(file: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError('E_DATA_FOLDER', `cannot keep the instances of a version: ${messageOf(error)}`, {
    where: file,
    fix:
      systemCode(error) === 'ENOSPC'
        ? 'Make room on this disk.'
        : 'Let the user that Rampart runs as read and write this folder.',
    cause: error,
  });
}
