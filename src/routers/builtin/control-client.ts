import http from 'node:http';
import { messageOf, UserError } from '../../errors.ts';
import { now } from './machine.ts';

/** Header with when a command was sent, in milliseconds of the machine's monotonic clock: its lease runs from there. */
export const sentAtHeader = 'rampart-sent-at-ms';

/** Longest wait for one answer of the router process. */
const answerWithinMs = 10_000;

/**
 * Asks the router process over its control socket. Rejects with the router's own `UserError`, with `E_ROUTER_UNREACHABLE` when
 * no answer comes, and with the signal's reason when that aborts.
 */
export async function ask(
  socketPath: string,
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  body: unknown,
  signal: AbortSignal,
  withinMs = answerWithinMs,
): Promise<unknown> {
  signal.throwIfAborted();
  let answer: { status: number; text: string };
  try {
    answer = await exchange(socketPath, method, path, body, AbortSignal.any([signal, AbortSignal.timeout(withinMs)]));
  } catch (error) {
    signal.throwIfAborted();
    throw new UserError('E_ROUTER_UNREACHABLE', `the built-in router does not answer: ${messageOf(error)}`, {
      where: socketPath,
      fix: 'It is started again when the controller opens it; router.log beside its state tells why it ended.',
      cause: error,
    });
  }
  if (path === '/metrics' && answer.status === 200) return answer.text;
  const value: unknown = JSON.parse(answer.text);
  if (answer.status < 300) return value;
  const { error } = value as { error: { code: `E_${string}`; what: string; where: string; fix: string } };
  throw new UserError(error.code, error.what, { where: error.where, fix: error.fix });
}

async function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  return await new Promise((resolve, reject) => {
    const headers = { [sentAtHeader]: now().monotonicMs };
    const request = http.request({ socketPath, method, path, headers, agent: false, signal }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
