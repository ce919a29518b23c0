import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import type { RouterContext } from '../router.ts';
import { withWriteLock } from '../write-lock.ts';
import { fileError, type IncludeOnDisk, readInclude, writeInclude } from './include-file.ts';
import { includeText } from './include-text.ts';
import type { RouteRecord } from './record.ts';
import type { NginxConfig } from './schema.ts';

/** The include file of one service with its copy in Rampart's own folder, and the lock under which both are written. */
export class KeptInclude {
  readonly #config: NginxConfig;
  readonly #context: RouterContext;
  readonly #copy: string;
  /** Writes of this process wait for each other in the order in which they came; those of others are kept out by the lock. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(config: NginxConfig, context: RouterContext) {
    this.#config = config;
    this.#context = context;
    this.#copy = join(context.folder, 'nginx-include.conf');
  }

  /** The file as it lies there; null: there is none. */
  read(): Promise<IncludeOnDisk | null> {
    return readInclude(this.#config.include, this.#context.service);
  }

  /** @throws UserError `E_ROUTER_UNREACHABLE` when there is none. */
  async needed(): Promise<IncludeOnDisk> {
    const found = await this.read();
    if (found) return found;
    const { include } = this.#config;
    throw new UserError('E_ROUTER_UNREACHABLE', `${include} is gone`, {
      where: include,
      fix: 'Rampart writes it anew when it opens the router again; then reload nginx.',
    });
  }

  /** The whole file for a record. */
  text(key: string, record: RouteRecord | null, tokenSeen: number): string {
    const { service, leaseMs } = this.#context;
    return includeText({ service, key, config: this.#config, leaseMs, record, tokenSeen });
  }

  /** Only in turn. */
  async write(text: string): Promise<void> {
    // With Lua whoever can read the file can write routes.
    await writeInclude(this.#config.include, text, this.#config.mode === 'lua' ? 0o640 : 0o644);
    await mkdir(this.#context.folder, { recursive: true, mode: 0o700 });
    await writeInclude(this.#copy, text, 0o600);
  }

  /** Makes a file that is missing: as it was last written, because a running nginx knows it by its key, or else the first one. */
  async restore(signal: AbortSignal): Promise<void> {
    await this.inTurn(signal, async () => {
      // Of two that make it at once, the second would give it a key that nginx does not know.
      if (await this.read()) return;
      const copy = await readInclude(this.#copy, this.#context.service);
      const isUsable = copy?.isIntact && copy.mode === this.#config.mode;
      await this.write(isUsable ? copy.text : this.text(randomBytes(16).toString('hex'), null, -1));
    });
  }

  /** Does `work` while nobody else on this machine writes: two that overlap would restore each other's file. */
  inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { include, timeout } = this.#config;
    const lock = {
      // Its name ends so that no `include *.conf` takes it in.
      file: `${include}.lock`,
      patienceMs: timeout,
      unusable: (cause: unknown) => fileError(include, cause),
    };
    const locked = () => withWriteLock(lock, signal, work);
    const mine = this.#writing.then(locked, locked);
    this.#writing = mine.catch(() => {});
    return mine;
  }
}
