import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { Link } from '../chain.ts';

/**
 * The last acknowledged event, written down outside of SQLite's files. Events and head live in one file and its WAL, so both go when
 * the WAL is deleted or when SQLite drops its damaged end, as it does silently; this witness then still knows better.
 */
export type Tip = {
  /** `null` when nothing is on record: no evidence against the log. */
  read(): Link | null;
  write(link: Link): void;
  close(): void;
};

const pattern = /^(\d{16}) ([0-9a-f]{64})\n/;

/** Opens `file` (made with mode 0600 when it is missing). Throws Node's system errors. */
export function openTip(file: string): Tip {
  const fd = openOrCreate(file);
  return {
    read() {
      const buffer = Buffer.alloc(128);
      const text = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
      const match = pattern.exec(text);
      return match === null ? null : { seq: Number(match[1]), hash: match[2] ?? '' };
    },
    write({ seq, hash }) {
      try {
        // Not synced: it is written after the commit that it tells of, so after a power failure it is at most older than the log,
        // which proves less but nothing wrong.
        writeSync(fd, `${String(seq).padStart(16, '0')} ${hash}\n`, 0, 'latin1');
      } catch {
        // The append is durable and must not be reported as failed; the next one writes the witness again.
      }
    },
    close() {
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    },
  };
}

function openOrCreate(file: string): number {
  try {
    return openSync(file, 'r+');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return openSync(file, 'w+', 0o600);
  }
}
