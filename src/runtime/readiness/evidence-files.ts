import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';
import type { Evidence } from '../../readiness/types.ts';
import { replaceFile } from '../../system/replace-file.ts';

/** Largest file that proves something. */
export const evidenceBytesMax = 10 * 1_048_576;

/** Files that people have given as proof, by what is in them. */
export class EvidenceFiles {
  readonly #folder: string;

  /** @param folder - Made when there is something to keep. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Keeps a file.
   *
   * @throws UserError `E_EVIDENCE` when it is too large or cannot be kept.
   */
  async keep(name: string, bytes: Buffer): Promise<Evidence> {
    if (bytes.length === 0 || bytes.length > evidenceBytesMax)
      throw new UserError('E_EVIDENCE', `${name} has ${bytes.length} bytes`, {
        where: 'evidence',
        fix: `give a file of 1 to ${evidenceBytesMax} bytes, or the address of a larger one`,
      });
    const sha256 = hashOf(bytes);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await replaceFile(join(this.#folder, sha256), bytes, { durable: true, mode: 0o600 });
    } catch (error) {
      throw new UserError('E_LOG_FAILING', `${name} cannot be kept`, {
        where: 'data folder',
        fix: 'make room on the disk of the data folder',
        cause: error,
      });
    }
    return { kind: 'file', name, bytes: bytes.length, sha256 };
  }

  /** What is in a file; null: it is not there any more as it was given. */
  async read(sha256: string): Promise<Buffer | null> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
    try {
      const bytes = await readFile(join(this.#folder, sha256));
      return hashOf(bytes) === sha256 ? bytes : null;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
