import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { label } from './container.ts';
import type { Docker } from './docker.ts';

/** Something happened to a container of a service. */
export type EngineEvent = {
  readonly service: string;
  readonly id: string;
  /** Exit code of a container that has ended; null for everything else. */
  readonly exitCode: number | null;
};

/** A stream ends by itself after this, so that none stays behind a controller that was killed. */
const streamS = 600;
const againMs = 1_000;
const lineMax = 65_536;

const line = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

/** One stream for each engine and owner, however many services listen to it. */
const streams = new Map<string, EngineEvents>();

/**
 * Calls `listener` when a container of this owner has begun, ended, changed its health or is gone; answers how to stop that. What
 * happens while a stream begins is not told: whoever needs to know looks now and then.
 */
export function listenToEngine({ env, owner }: Docker, listener: (event: EngineEvent) => void): () => void {
  const key = JSON.stringify([owner, env]);
  const stream = streams.get(key) ?? new EngineEvents(env, owner);
  streams.set(key, stream);
  const own = (event: EngineEvent): void => listener(event);
  stream.listeners.add(own);
  return () => {
    stream.listeners.delete(own);
    if (stream.listeners.size > 0 || streams.get(key) !== stream) return;
    streams.delete(key);
    stream.close();
  };
}

class EngineEvents {
  readonly listeners = new Set<(event: EngineEvent) => void>();
  readonly #env: Readonly<Record<string, string>>;
  readonly #owner: string;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(env: Readonly<Record<string, string>>, owner: string) {
    this.#env = env;
    this.#owner = owner;
    this.#begin();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#child?.removeAllListeners('close').kill('SIGKILL');
  }

  #begin(): void {
    const nowS = Math.floor(Date.now() / 1_000);
    // "health_status" stands for all of its kinds. What healthchecks run in a container are events, too, many of them.
    const kinds = ['start', 'die', 'oom', 'destroy', 'pause', 'unpause', 'health_status'];
    const child = spawn(
      'docker',
      [
        'events',
        '--format={{json .}}',
        `--since=${nowS}`,
        `--until=${nowS + streamS}`,
        `--filter=label=${label.owner}=${this.#owner}`,
        '--filter=type=container',
        ...kinds.map((kind) => `--filter=event=${kind}`),
      ],
      { env: this.#env, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    this.#child = child;
    child.unref();
    createInterface({ input: child.stdout }).on('line', (text) => this.#take(text));
    child.once('error', () => undefined); // Calls to the same program say what is wrong with it.
    child.once('close', () => {
      this.#timer = setTimeout(() => this.#begin(), againMs);
      this.#timer.unref();
    });
  }

  #take(text: string): void {
    if (text.length > lineMax) return;
    let event: z.output<typeof line>;
    try {
      event = line.parse(JSON.parse(text));
    } catch {
      return; // Not one of ours: a look finds out whatever has happened.
    }
    const { ID, Attributes } = event.Actor;
    const service = Attributes[label.service];
    if (service === undefined) return;
    const code = event.Action === 'die' ? Number(Attributes.exitCode) : Number.NaN;
    for (const listener of this.listeners) listener({ service, id: ID, exitCode: Number.isInteger(code) ? code : null });
  }
}
