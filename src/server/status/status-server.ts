import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import type { StatusFiles } from '../../views/status/files.ts';

const startMs = 10_000;

/** The status page on an address of its own, served by a thread of its own. */
export type StatusServer = {
  readonly url: string;
  /** What is served from now on; null: there is no page. */
  give(files: StatusFiles | null): void;
  close(): Promise<void>;
};

/**
 * @throws UserError `E_PORT_TAKEN` when it cannot listen there.
 */
export async function startStatusServer({ host, port }: { readonly host: string; readonly port: number }): Promise<StatusServer> {
  const worker = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), { workerData: { host, port } });
  const bound = await new Promise<number>((resolve, reject) => {
    const refuse = (why: string): void =>
      reject(
        new UserError('E_PORT_TAKEN', `the status page cannot listen on ${host}:${port}: ${why}`, {
          where: 'StatusPage, spec.listen',
          fix: 'name a free port, or leave `listen` out: the page is under /status of the API as well',
        }),
      );
    const timer = setTimeout(() => refuse(`no answer within ${startMs / 1_000} s`), startMs);
    worker.once('message', (message: { kind: string; port?: number; code?: string }) => {
      clearTimeout(timer);
      if (message.kind === 'listening' && message.port !== undefined) resolve(message.port);
      else refuse(message.code ?? 'unknown');
    });
    worker.once('error', (error) => {
      clearTimeout(timer);
      refuse(error.message);
    });
  }).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    give: (files) => worker.postMessage(files),
    close: async () => void (await worker.terminate()),
  };
}
