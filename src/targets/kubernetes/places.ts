import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCode } from '../../errors.ts';
import { replaceFile } from '../../system/replace-file.ts';

const Place = z.object({ namespace: z.string(), kubeconfig: z.string().optional(), context: z.string().optional() });
const Stored = z.record(z.string(), Place);

/** Where versions of a service run. */
export type Place = z.output<typeof Place>;

/**
 * Remembers where the versions of each service run, because whoever wants to see or retire one has no document at hand. It stands on
 * disk before anything is created in the cluster, so that nothing is left behind unknown.
 */
export class Places {
  readonly #file: string;
  #known: Promise<Map<string, Place>> | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#file = join(folder, 'places.json');
  }

  /** The places of a service's versions, each once. */
  async of(service: string): Promise<readonly Place[]> {
    const places = await this.#all();
    const found = new Map<string, Place>();
    for (const [key, place] of places) if (key.startsWith(`${service}/`)) found.set(JSON.stringify(place), place);
    return [...found.values()];
  }

  async remember(service: string, version: string, place: Place): Promise<void> {
    const places = await this.#all();
    const key = `${service}/${version}`;
    if (JSON.stringify(places.get(key)) === JSON.stringify(place)) return;
    places.set(key, place);
    await this.#write(places);
  }

  async forget(service: string, version: string): Promise<void> {
    const places = await this.#all();
    if (places.delete(`${service}/${version}`)) await this.#write(places);
  }

  #all(): Promise<Map<string, Place>> {
    this.#known ??= this.#read();
    return this.#known;
  }

  async #read(): Promise<Map<string, Place>> {
    try {
      return new Map(Object.entries(Stored.parse(JSON.parse(await readFile(this.#file, 'utf8')))));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return new Map();
      this.#known = null;
      throw error;
    }
  }

  /** One after the other: two writes at a time would share their new file. */
  async #write(places: ReadonlyMap<string, Place>): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(places));
    const writing = this.#writing.then(async () => {
      await mkdir(join(this.#file, '..'), { recursive: true, mode: 0o700 });
      await replaceFile(this.#file, text, { durable: true, mode: 0o600 });
    });
    this.#writing = writing.catch(() => {});
    await writing;
  }
}
