import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemCode, UserError } from '../../errors.ts';

const chunkBytes = 1_048_576;
/** How much of a log is read when it is opened, and at most in one call; what is further behind is passed over. */
const backlogBytesMax = 32 * chunkBytes;
/** A log that nobody reads for so long is closed, so that a follower that was forgotten holds nothing. */
const idleMs = 30_000;
/** A longer line is none of Caddy's attempts. */
const lineCharsMax = 256 * 1_024;

/**
 * Follows a log by its name: also over a rotation, where the file under that name becomes another one, and over a file that was cut
 * to nothing. Holds one piece of it in memory at a time.
 */
export class LogFollower {
  readonly #file: string;
  #handle: FileHandle | null = null;
  #inode = 0;
  #at = 0;
  #rest = Buffer.alloc(0);
  #idle: NodeJS.Timeout | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Hands on every whole line that has come since the last call.
   *
   * @returns Whether lines were passed over: what was counted before is then not the whole.
   * @throws UserError `E_ROUTER_LOG` when the log cannot be read.
   */
  async read(take: (line: string) => void): Promise<boolean> {
    clearTimeout(this.#idle);
    try {
      let skipped = this.#handle ? await this.#drain(this.#handle, take) : false;
      const now = await stat(this.#file).catch((error: unknown) => {
        // Caddy makes the file with its first line, and goes on with one whose name was taken away.
        if (systemCode(error) === 'ENOENT') return null;
        throw error;
      });
      if (now && !(this.#handle && now.ino === this.#inode && now.size >= this.#at)) {
        // What is left of a file that was closed and has another name now is not looked for.
        skipped ||= !this.#handle && this.#inode !== 0 && now.ino !== this.#inode;
        skipped = (await this.#drain(await this.#open(), take)) || skipped;
      }
      this.#idle = setTimeout(() => void this.close(), idleMs).unref();
      return skipped;
    } catch (error) {
      throw new UserError('E_ROUTER_LOG', `the log of Caddy cannot be read: ${systemCode(error) ?? String(error)}`, {
        where: this.#file,
        fix: 'Let this user read it, or leave spec.router.caddy.log out and give spec.source what counts.',
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  /** Opens what has the name now: from its start, or from where it was read to. */
  async #open(): Promise<FileHandle> {
    await this.close();
    const handle = await open(this.#file, 'r');
    this.#handle = handle;
    const { ino, size } = await handle.stat();
    if (ino === this.#inode && size >= this.#at) return handle;
    this.#inode = ino;
    this.#at = 0;
    this.#rest = Buffer.alloc(0);
    return handle;
  }

  async #drain(handle: FileHandle, take: (line: string) => void): Promise<boolean> {
    const { size } = await handle.stat();
    const skipped = size - this.#at > backlogBytesMax;
    if (skipped) {
      this.#at = size - backlogBytesMax;
      this.#rest = Buffer.alloc(0);
    }
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, size - this.#at)));
    while (this.#at < size) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - this.#at), this.#at);
      if (bytesRead === 0) break;
      this.#at += bytesRead;
      this.#lines(Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]), take);
    }
    return skipped;
  }

  #lines(data: Buffer, take: (line: string) => void): void {
    let from = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
      if (end - from <= lineCharsMax) take(data.toString('utf8', from, end));
      from = end + 1;
    }
    const rest = data.subarray(from);
    this.#rest = rest.length > lineCharsMax ? Buffer.alloc(0) : Buffer.from(rest);
  }
}
