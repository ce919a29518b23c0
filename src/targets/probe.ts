import { request } from 'node:http';
import { systemCode } from '../errors.ts';
import type { Endpoint } from '../routers/router.ts';

/** Result of one check over HTTP: `detail` says what was found when it is not ok. */
export type CheckResult = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/**
 * Asks an instance over HTTP whether it is well. Any 2xx is a yes; a redirect is not. Never rejects: no answer is an answer.
 *
 * @param timeoutMs - For the whole check, until the head of the answer.
 */
export function probe({ host, port }: Endpoint, path: string, timeoutMs: number, signal: AbortSignal): Promise<CheckResult> {
  return new Promise((resolve) => {
    const no = (detail: string) => resolve({ ok: false, detail });
    // A connection of its own each time: one kept open would hide that nobody accepts new ones.
    const sent = request({
      host,
      port,
      path,
      agent: false,
      signal,
      headers: { 'user-agent': 'rampart', connection: 'close' },
    });
    const timer = setTimeout(() => {
      no(`GET ${path} was not answered within ${timeoutMs} ms`);
      sent.destroy();
    }, timeoutMs);
    timer.unref();
    sent.on('response', (answer) => {
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status <= 299) resolve({ ok: true });
      else no(`GET ${path} answered ${status}`);
      // The body does not matter, and may never end.
      answer.on('error', () => undefined);
      sent.destroy();
    });
    sent.on('error', (error) => no(failureText(path, port, error)));
    sent.on('close', () => {
      clearTimeout(timer);
      no(`GET ${path} got no answer`);
    });
    sent.end();
  });
}

function failureText(path: string, port: number, error: Error): string {
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return `nothing listens on port ${port}`;
    case 'ECONNRESET':
      return `GET ${path}: the connection was cut`;
    default:
      return `GET ${path}: ${error.message}`;
  }
}
