import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { messageOf, UserError } from '../../errors.ts';
import type { Found } from './find.ts';
import type { Format } from './schema.ts';

/** What a backup is, and how it is packed. */
export type Content = {
  readonly format: Exclude<Format, 'auto'>;
  readonly packing: 'gzip' | 'zstd' | null;
};

const headBytes = 1_024;
/** What is looked at of the end: the last line of a dump, the empty blocks of a tar archive. */
const tailBytes = 4_096;

/**
 * Looks into a backup.
 *
 * @param wanted - What it has to be; null: whatever it is.
 * @returns null when it is not what it has to be, or nothing that is known.
 * @throws UserError `E_CHECK_FILE` when it cannot be read.
 */
export async function contentOf(backup: Found, wanted: Content['format'] | null): Promise<Content | null> {
  if (backup.isFolder) return wanted === null || wanted === 'directory' ? { format: 'directory', packing: null } : null;
  if (wanted === 'opaque') return { format: 'opaque', packing: null };
  const raw = await head(backup.path);
  const packing = packingOf(raw);
  const format = formatOf(packing ? await unpackedHead(backup.path, packing) : raw);
  return format !== null && (wanted === null || wanted === format) ? { format, packing } : null;
}

/** How it is packed, by its first bytes. */
function packingOf(bytes: Buffer): Content['packing'] {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  return bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : null;
}

/** What it is, by its first bytes, unpacked; null: nothing that is known. */
export function formatOf(bytes: Buffer): Content['format'] | null {
  if (bytes.subarray(0, 5).toString('latin1') === 'PGDMP') return 'custom';
  if (bytes.subarray(257, 262).toString('latin1') === 'ustar') {
    // pg_dump puts its list of contents first.
    return bytes.subarray(0, 8).toString('latin1') === 'toc.dat\0' ? 'tar' : 'files';
  }
  const text = bytes.toString('utf8');
  return /^\s*(--|SET |BEGIN|CREATE |\\restrict|\/\*)/.test(text.replace(/^\ufeff/, '')) && !text.includes('\0') ? 'plain' : null;
}

/** A backup as it is read from its beginning to its end. */
export type Reading = {
  readonly stream: Readable;
  /** Why it could not be read to its end, such as a packing that is cut off; null: it could. */
  problem(): unknown;
  /** Its last bytes, unpacked, once it was read. */
  tail(): Buffer;
};

export function reading(path: string, packing: Content['packing']): Reading {
  let problem: unknown = null;
  let tail: Buffer = Buffer.alloc(0);
  const keep = new Transform({
    transform(part: Buffer, _encoding, done) {
      tail = part.length >= tailBytes ? part.subarray(-tailBytes) : Buffer.concat([tail, part]).subarray(-tailBytes);
      done(null, part);
    },
  });
  const failed = (error: unknown): void => {
    // That whoever reads it has seen enough is no problem of the backup.
    if (error && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') problem ??= error;
  };
  const source = createReadStream(path, { highWaterMark: 262_144 });
  const unpack = unpacker(packing);
  if (unpack) pipeline(source, unpack, keep, failed);
  else pipeline(source, keep, failed);
  return { stream: keep, problem: () => problem, tail: () => tail };
}

function unpacker(packing: Content['packing']) {
  return packing === 'gzip' ? createGunzip() : packing === 'zstd' ? createZstdDecompress() : null;
}

async function head(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw new UserError('E_CHECK_FILE', `the backup cannot be read: ${messageOf(error)}`, {
      where: path,
      fix: 'let the controller read it',
      cause: error,
    });
  }
}

/** Empty where its packing is broken: then it is nothing that is known. */
async function unpackedHead(path: string, packing: NonNullable<Content['packing']>): Promise<Buffer> {
  const { stream } = reading(path, packing);
  let bytes: Buffer = Buffer.alloc(0);
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, part]).subarray(0, headBytes);
      if (bytes.length === headBytes) break;
    }
  } catch {
    // Of what is cut off so early too little is there.
  }
  return bytes;
}

/** Whether a plain dump ends as pg_dump and pg_dumpall end it. */
export function isPlainEnd(tail: Buffer): boolean {
  return /^-- PostgreSQL database (cluster )?dump complete\s*$/m.test(tail.toString('utf8'));
}

/** Whether a tar archive ends with two empty blocks: one that lacks them was cut off between two files, which `tar` does not mind. */
export function isTarEnd(tail: Buffer): boolean {
  return tail.length >= 1_024 && tail.subarray(-1_024).every((byte) => byte === 0);
}
