import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import { type RoutingQuestion, routingAnswer } from './routing-answers.ts';

/** A thread that answers one question, so that nobody else waits for it. */
try {
  parentPort?.postMessage({ answer: routingAnswer(workerData as RoutingQuestion) });
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  const { code, message, where, fix } = error;
  parentPort?.postMessage({ refused: { code, message, where, fix } });
}
