import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readJson } from '../../system/read-json.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { markOf } from './found.ts';
import type { Mark } from './handler.ts';

/** The latest mark that was written from this data folder, for the time after a restart of Caddy that has lost its own. */
export class Floor {
  readonly #folder: string;
  #turn: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(): Promise<Mark | null> {
    return markOf(await readJson(this.#file));
  }

  /** Keeps the later of this mark and the one that is kept: of two writes at once the earlier may come here last. */
  async raise(mark: Mark): Promise<void> {
    const turn = this.#turn.then(() => this.#raise(mark));
    this.#turn = turn.catch(() => {});
    await turn;
  }

  async #raise(mark: Mark): Promise<void> {
    const kept = await this.read();
    const raised = later(mark, kept);
    if (isDeepStrictEqual(raised, kept)) return;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await replaceFile(this.#file, JSON.stringify(raised), { durable: true, mode: 0o600 });
  }

  get #file(): string {
    return join(this.#folder, 'caddy.json');
  }
}

/** The mark that says more: of the later writer. Its token is the highest that either has seen. */
export function later(a: Mark | null, b: Mark | null): Mark | null {
  if (!a || !b) return a ?? b;
  const [x, y] = [a.fence, b.fence];
  const newer = x.token > y.token || (x.token === y.token && x.seq >= y.seq) ? a : b;
  return { ...newer, tokenSeen: Math.max(a.tokenSeen, b.tokenSeen) };
}
