import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import type { StatusFiles } from '../../views/status/files.ts';
import type { StatusAnswer } from './answer.ts';
import type { SubscriptionRequest } from './subscribe.ts';

const startMs = 10_000;

/** What the thread is told. */
export type ToThread =
  | { readonly kind: 'files'; readonly files: StatusFiles | null; readonly takesSubscriptions: boolean }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: StatusAnswer };

/** What the thread tells. */
export type FromThread =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string }
  /** Nobody waits for the answer after `untilMs`. */
  | ({ readonly kind: 'asked'; readonly number: number; readonly untilMs: number } & Asked);

/** A request about subscriptions, and the addresses that say where it comes from. */
export type Asked = {
  readonly remote: string;
  readonly forwarded: string | undefined;
  readonly request: Omit<SubscriptionRequest, 'address'>;
};

/** The status page on an address of its own, served by a thread of its own. */
export type StatusServer = {
  readonly url: string;
  /** What is served from now on; null: there is no page. */
  give(files: StatusFiles | null): void;
  close(): Promise<void>;
};

/**
 * @param answer - Answers what is asked of subscriptions; never rejects. Null: there are none.
 * @param answerWithinMs - After that whoever has asked is told that the controller is busy.
 * @throws UserError `E_PORT_TAKEN` when it cannot listen there.
 */
export async function startStatusServer(
  { host, port }: { readonly host: string; readonly port: number },
  answer: ((asked: Asked) => Promise<StatusAnswer>) | null = null,
  answerWithinMs = 5_000,
): Promise<StatusServer> {
  const worker = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: { host, port, answerWithinMs },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    const refuse = (why: string): void =>
      reject(
        new UserError('E_PORT_TAKEN', `the status page cannot listen on ${host}:${port}: ${why}`, {
          where: 'StatusPage, spec.listen',
          fix: 'name a free port, or leave `listen` out: the page is under /status of the API as well',
        }),
      );
    const timer = setTimeout(() => refuse(`no answer within ${startMs / 1_000} s`), startMs);
    worker.once('message', (message: FromThread) => {
      clearTimeout(timer);
      if (message.kind === 'listening') resolve(message.port);
      else refuse(message.kind === 'failed' ? message.code : 'unknown');
    });
    worker.once('error', (error) => {
      clearTimeout(timer);
      refuse(error.message);
    });
  }).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  const say = (message: ToThread): void => worker.postMessage(message);
  worker.on('message', (message: FromThread) => {
    // Whoever has waited too long was told to try again: what they asked for is not done behind their back.
    if (message.kind === 'asked' && answer && Date.now() < message.untilMs)
      void answer(message).then((given) => say({ kind: 'answer', number: message.number, answer: given }));
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    give: (files) => say({ kind: 'files', files, takesSubscriptions: answer !== null }),
    close: async () => void (await worker.terminate()),
  };
}
