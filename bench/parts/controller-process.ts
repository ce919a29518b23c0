import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReleaseView } from '../../src/views/service-view.ts';
import { outputIn, type Workplace } from './processes.ts';
import { until } from './wait.ts';

const command = fileURLToPath(new URL('../../bin/rampart.js', import.meta.url));
/** On a machine with much other work. */
const startMaxMs = 120_000;
const answerMaxMs = 5_000;

/** A real controller, `rampart up`, in a process of its own that can be killed. */
export type ControllerProcess = {
  readonly pid: number;
  request(document: string, folder: string, version: string): Promise<string>;
  release(id: string): Promise<ReleaseView>;
  /** Any other request under `/api/v1`. Rejects where the answer is no success. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
};

/** Starts the controller of the data folder `data`, and waits until its API answers. */
export async function startController(place: Workplace, data: string, signal: AbortSignal): Promise<ControllerProcess> {
  const child: ChildProcess = place.start(process.execPath, [command, 'up', '--data', data, '--listen', '127.0.0.1:0', '--json']);
  const pid = child.pid ?? 0;
  const door = await until('the API of the controller', startMaxMs, signal, () => {
    if (child.exitCode !== null) throw new Error(`the controller ended with ${child.exitCode}: ${outputIn(place)}`);
    return doorOf(data, pid);
  });
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${door.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${door.token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMaxMs)]),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer as T;
  };
  return {
    pid,
    async request(document, folder, version) {
      const answer = await call<{ release: string }>('POST', '/releases', {
        document,
        file: 'shop.yaml',
        folder,
        version,
        by: 'bench',
      });
      return answer.release;
    },
    ask: call,
    release: (id) => call<ReleaseView>('GET', `/releases/${encodeURIComponent(id)}`),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

type Door = { readonly url: string; readonly token: string; readonly pid: number };

/** The file is there from the controller before, too: only this process's own entry counts. */
function doorOf(data: string, pid: number): Door | null {
  try {
    const door = JSON.parse(readFileSync(join(data, 'api.json'), 'utf8')) as Door;
    return door.pid === pid ? door : null;
  } catch {
    return null;
  }
}
