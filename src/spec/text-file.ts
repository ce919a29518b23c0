import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { messageOf, systemCode, UserError } from '../errors.ts';
import { SpecError } from './problem.ts';
import { sourceBytesMax } from './source-limit.ts';

/** Reads a file of documents as text, bounded in size. */
export async function documentText(file: string, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    // Not readFile: of an endless file (a device, a pipe) only the first byte too many is read.
    for await (const chunk of createReadStream(file, { end: sourceBytesMax, ...(signal && { signal }) }))
      chunks.push(chunk as Buffer);
  } catch (error) {
    if (signal?.aborted) throw error;
    const what = systemCode(error) === 'ENOENT' ? `there is no file ${file}` : `cannot read ${file}: ${messageOf(error)}`;
    const fix = 'name an existing file; `rampart init` writes one';
    throw new UserError('E_SPEC_UNREADABLE', what, { where: file, fix, cause: error });
  }
  const bytes = Buffer.concat(chunks);
  const problem = (message: string) => new SpecError([{ file, line: 1, column: 1, path: '', message }], '');
  if (bytes.length > sourceBytesMax) throw problem(`the file has more than ${sourceBytesMax} bytes, the most that is read`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw problem('the file is not UTF-8 text');
  }
}

/** Larger than any token or key. */
const secretBytesMax = 65_536;

/**
 * Reads the file of a secret that a document names, for `secretValue`. Never waits: of what is no plain file (a pipe, a device)
 * nothing is read.
 */
export function readSecretFile(file: string): string {
  return plainFileText(file, secretBytesMax);
}

/**
 * Text of a file that may not be large. Of a pipe or a device nothing is read: it may never end, and nothing else goes on meanwhile.
 *
 * @throws Error of the system, or one that says that it is no plain file, or too large.
 */
function plainFileText(file: string, bytesMax: number): string {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(opened);
    if (!found.isFile()) throw new Error('it is no plain file');
    if (found.size > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`);
    return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
}

/** Larger than the authorities of any system. */
const pemBytesMax = 4 * 1_048_576;

/** Text of a file of certificates, or of their key. Throws when it cannot be read, or is none. */
export function pemFileText(file: string): string {
  return plainFileText(file, pemBytesMax);
}
