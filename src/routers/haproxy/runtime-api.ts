import { connect } from 'node:net';
import { messageOf, systemCode, UserError } from '../../errors.ts';

/** Longest silence of HAProxy before it is taken for dead. */
const silenceMs = 5_000;
/** Commands on one line: HAProxy reads a line into one buffer (16 KiB by default). */
const commandsPerLine = 50;
/** A backend with thousands of servers stays far below this. */
const answerBytesMax = 16 * 1_048_576;

/**
 * Sends commands to HAProxy's runtime API, in their order, and answers with all that it says to them.
 *
 * @throws UserError `E_ROUTER_UNREACHABLE` when the socket is not there, may not be used, or says nothing; the signal's reason when
 *   that aborts.
 */
export async function say(socketPath: string, commands: readonly string[], signal: AbortSignal): Promise<string> {
  let answer = '';
  for (let i = 0; i < commands.length; i += commandsPerLine)
    answer += await exchange(socketPath, commands.slice(i, i + commandsPerLine).join(';'), signal);
  return answer;
}

async function exchange(path: string, line: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  try {
    return await new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      // Not ended by us: HAProxy gives up what it has not done yet when its client hangs up.
      const socket = connect({ path, allowHalfOpen: true }, () => socket.write(`${line}\n`));
      const give = (error: unknown): void => {
        reject(error);
        socket.destroy();
      };
      const stop = (): void => give(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      socket.setTimeout(silenceMs, () => give(new Error(`it said nothing for ${silenceMs / 1_000} s`)));
      socket.on('data', (part) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > answerBytesMax) give(new Error('its answer has no end'));
      });
      socket.on('error', reject);
      socket.on('end', () => {
        socket.end();
        // A command is always answered, if only with an empty line.
        if (bytes === 0) reject(new Error('it hung up without an answer'));
        else resolve(Buffer.concat(parts).toString('utf8'));
      });
      socket.on('close', () => {
        signal.removeEventListener('abort', stop);
        reject(new Error('the connection was lost'));
      });
    });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(path, error);
  }
}

const fixes: Readonly<Record<string, string>> = {
  ENOENT: 'Start HAProxy, or name the path of its `stats socket` in router.haproxy.socket.',
  ECONNREFUSED: 'HAProxy does not run, or another program has taken its socket over: start HAProxy.',
  EACCES:
    'Let this user use the socket: `stats socket … user USER mode 600 level admin` in the `global` section, then reload HAProxy.',
  ENOTSOCK: 'router.haproxy.socket has to be the path of a `stats socket`.',
};

function unreachable(path: string, error: unknown): UserError {
  const code = systemCode(error) ?? '';
  const why = {
    ENOENT: 'there is no such socket',
    EACCES: 'this user may not use its socket',
    ECONNREFUSED: 'nobody listens on its socket',
  };
  const what = Object.hasOwn(why, code) ? why[code as keyof typeof why] : messageOf(error);
  return new UserError('E_ROUTER_UNREACHABLE', `HAProxy cannot be reached at ${path}: ${what}`, {
    where: path,
    fix: fixes[code] ?? 'See whether HAProxy runs and answers on this socket; it is asked again.',
    cause: error,
  });
}
