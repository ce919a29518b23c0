import { messageOf } from '../../errors.ts';
import type { StatusKeeper } from '../../runtime/status/status-keeper.ts';
import { statusFiles } from '../../views/status/files.ts';
import type { StatusPageView } from '../../views/status/page-view.ts';
import type { StatusAnswer } from './answer.ts';
import { type Asked, type StatusServer, startStatusServer } from './status-server.ts';

/** Serves the status page on the address that its document names, and follows the document. Answers how to stop. */
export function serveOnOwnAddress(
  keeper: Pick<StatusKeeper, 'listen'>,
  answer: (asked: Asked) => Promise<StatusAnswer>,
  warn: (text: string) => void,
): () => Promise<void> {
  let server: StatusServer | null = null;
  let at = '';
  let latest: StatusPageView | null = null;
  let warned = '';
  let isBusy = false;
  let isNew = false;
  let isOver = false;
  let work: Promise<void> = Promise.resolve();

  const follow = async (): Promise<void> => {
    while (isNew) {
      isNew = false;
      const view = isOver ? null : latest;
      const listen = view?.page.listen ?? null;
      const wanted = listen ? JSON.stringify(listen) : '';
      if (wanted !== at) {
        await server?.close();
        server = null;
        at = '';
      }
      if (!view || !listen) continue;
      try {
        server ??= await startStatusServer(listen, answer);
        at = wanted;
        warned = '';
        server.give(statusFiles(view, ''));
      } catch (error) {
        // It is tried again with the next view.
        const text = messageOf(error);
        if (text !== warned) warn(text);
        warned = text;
      }
    }
    isBusy = false;
  };
  const stop = keeper.listen((view) => {
    latest = view;
    isNew = true;
    if (isBusy) return;
    isBusy = true;
    work = follow();
  });
  return async () => {
    stop();
    isOver = true;
    await work;
    await server?.close();
  };
}
