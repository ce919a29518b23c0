import type { Connection } from '../spec/connection.ts';
import type { Answer } from './answers.ts';
import type { CheckContext } from './check.ts';
import { httpClient, isFailure, type Question, type Answer as Reply } from './http-client.ts';
import { notReached } from './unreachable.ts';

export type { Reply };

/** A server that cannot be reached, or is not trusted. What it comes to is an answer like any other. */
export class NotReached extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super('the server cannot be reached');
    this.answer = answer;
  }
}

/** Sends requests to one server until it is closed. */
export type Requests = {
  /**
   * Any answer of the server, whatever its status.
   *
   * @throws NotReached
   */
  send(request: Omit<Question, 'withinMs' | 'text'>): Promise<Reply>;
  close(): void;
};

/** @param withinMs - Longest that one request may take. */
export function requests(tls: Connection['tls'], withinMs: number, context: CheckContext): Requests {
  const client = httpClient(tls, context);
  return {
    async send(request) {
      const answer = await client.ask({ ...request, withinMs, text: true });
      if (!isFailure(answer)) return answer;
      throw new NotReached(notReached(answer));
    },
    close: () => client.close(),
  };
}

/** The same for what has to be done when nobody waits for it any more: so long it may take, and whether it works nobody is told. */
export async function afterwards(
  tls: Connection['tls'],
  withinMs: number,
  context: CheckContext,
  work: (server: Requests) => Promise<unknown>,
): Promise<void> {
  const server = requests(tls, withinMs, { ...context, signal: AbortSignal.timeout(withinMs) });
  await work(server).catch(() => {});
  server.close();
}
