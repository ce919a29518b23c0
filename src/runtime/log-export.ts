import { setImmediate as breathe } from 'node:timers/promises';
import { eventHash, genesis, type Link } from '../stores/chain.ts';
import type { EventLog, LoggedEvent } from '../stores/log.ts';
import { redacted } from '../views/redacted.ts';
import type { Recorded } from './record.ts';

/** Records that are read in one go. Whoever reads the export decides how fast it goes: nothing more is read before it was taken. */
const pageSize = 100;

/** A record in an export, with all that is hashed, so that it can be checked without the log. */
export type ExportedRecord = {
  readonly seq: number;
  readonly stream: string;
  readonly version: number;
  readonly at: number;
  readonly kind: string;
  readonly release: string | null;
  readonly actor: string;
  /** The text of the data as it was hashed; where `hidden` says so, with secrets left out. */
  readonly data: string;
  /** Whether a secret was left out of `data`: its hash can then be followed, but not made again, without the log. */
  readonly hidden: boolean;
  /** Hash of the record before this one in the log, whether that is in the export or not. */
  readonly previous: string;
  readonly hash: string;
};

/**
 * Records of a log as lines of JSON, oldest first.
 *
 * @param isWanted - Which records; all of them are read, because each is checked by the one before it.
 */
export async function* exportLines(log: EventLog, isWanted: (logged: LoggedEvent) => boolean): AsyncGenerator<string> {
  let last: Link = genesis;
  for (;;) {
    const page = await log.readAll(last.seq, pageSize);
    let text = '';
    for (const logged of page) {
      if (isWanted(logged)) text += `${JSON.stringify(exported(logged, last.hash))}\n`;
      last = logged;
    }
    if (text !== '') yield text;
    if (page.length < pageSize) return;
    await breathe();
  }
}

function exported({ seq, stream, version, at, kind, release, actor, data, hash }: LoggedEvent, previous: string): ExportedRecord {
  // What was read from JSON has the text that it was read from: it was written by the same JSON.stringify.
  const text = JSON.stringify(data);
  const shown = isCountsOnly(kind, data) ? text : JSON.stringify(redacted(data));
  return { seq, stream, version, at, kind, release, actor, data: shown, hidden: shown !== text, previous, hash };
}

/** Most of a log, and without any text that somebody wrote. */
function isCountsOnly(kind: string, data: unknown): boolean {
  const { said, ended } = data as Partial<Recorded>;
  return kind === 'sampled' && (said ?? null) === null && ended === undefined;
}

/** What a check of an export found. */
export type ExportReport =
  | {
      readonly kind: 'intact';
      readonly events: number;
      /** Records out of which secrets were left: they are where they belong, but only the log can show what is in them. */
      readonly hidden: number;
      /** How often records are left out between two lines: by a filter, or by somebody. */
      readonly gaps: number;
      /** The last record's position and hash: the log, or an earlier note of it, has to agree. */
      readonly head: Link | null;
    }
  | { readonly kind: 'broken'; readonly line: number; readonly seq: number | null; readonly reason: string };

/** Checks the lines of an export: each hash against its record and the hash before it, and each line against the line before. */
export async function verifyExport(lines: AsyncIterable<string> | Iterable<string>): Promise<ExportReport> {
  let head = null as Link | null;
  let line = 0;
  let events = 0;
  let hidden = 0;
  let gaps = 0;
  const broken = (seq: number | null, reason: string): ExportReport => ({ kind: 'broken', line, seq, reason });
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const record = recordIn(text);
    if (record === null) return broken(null, 'it is no record of an export');
    const { seq, previous, hash } = record;
    if (head !== null && seq <= head.seq) return broken(seq, `it comes after record ${head.seq}`);
    if (seq === (head?.seq ?? 0) + 1) {
      if (previous !== (head?.hash ?? genesis.hash))
        return broken(seq, 'its link to the record before it is not that record’s hash');
    } else gaps += 1;
    if (record.hidden) hidden += 1;
    else if (eventHash(previous, record) !== hash)
      return broken(seq, 'its hash is not that of its content and the record before it');
    events += 1;
    head = { seq, hash };
  }
  return { kind: 'intact', events, hidden, gaps, head };
}

function recordIn(text: string): ExportedRecord | null {
  try {
    const value = JSON.parse(text) as Partial<ExportedRecord> | null;
    const isRecord =
      Number.isSafeInteger(value?.seq) &&
      typeof value?.data === 'string' &&
      typeof value.hidden === 'boolean' &&
      typeof value.previous === 'string' &&
      typeof value.hash === 'string';
    return isRecord ? (value as ExportedRecord) : null;
  } catch {
    return null;
  }
}
