import https from 'node:https';
import { connect } from 'node:net';

/**
 * Whether a program of the Prometheus family answers that it is ready.
 *
 * @param secured - What a request to it needs; null: it speaks plain HTTP.
 */
export async function isReady(url: string, secured: https.RequestOptions | null): Promise<boolean> {
  const ready = `${url}/-/ready`;
  if (secured) return await isAnswering(ready, secured);
  try {
    const response = await fetch(ready, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

function isAnswering(url: string, options: https.RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.get(url, { ...options, timeout: 1_000, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

/** Whether somebody takes connections at a port of this machine. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
