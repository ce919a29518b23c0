import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, startHost } from '../../server/host.ts';
import { controllerDefaults } from '../../spec/controller.ts';
import { freePort } from '../../system/free-port.ts';
import { doorFile } from '../api-client.ts';
import { environment } from '../environment.ts';
import { rampartVersion } from '../version.ts';
import { demoOn } from './on-controller.ts';
import { exampleFolder, type Scene } from './story.ts';

/** The demo while it runs: a real shop, real users, a real controller, all in a folder of its own. */
export type Stage = Scene & { readonly host: Host; readonly data: string };

/** Builds the stage, plays `play` on it, and leaves nothing behind, however it ends. */
export async function onStage<T>(play: (stage: Stage) => Promise<T>, warn: (text: string) => void): Promise<T> {
  const data = await mkdtemp(join(tmpdir(), 'rampart-demo-'));
  try {
    const port = await freePort();
    const host = await startHost({
      data,
      listen: { host: '127.0.0.1', port: 0 },
      user: 'demo',
      environment: environment.all,
      doorFile,
      demo: demoOn,
      settings: controllerDefaults,
      version: rampartVersion,
      warn: (_service, text) => warn(text),
    });
    try {
      const file = join(exampleFolder, 'setup.yaml');
      const text = await readFile(file, 'utf8');
      await host.setup.apply({ files: [{ file, text }], by: 'demo', why: '', replaces: null });
      return await play({ host, controller: host.controller, port, data });
    } finally {
      await host.controller.agent('shop')?.dismantle(AbortSignal.timeout(20_000));
      await host.close();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
