import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode, UserError } from '../errors.ts';
import type { Backend, Endpoint } from './router.ts';

/** A signal for one call in a test. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

/** Waits until something is so; looks every few milliseconds, and fails when it never is. */
export async function until(isSo: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadlineMs, `not so within ${withinMs} ms: ${isSo}`);
    await pause(10);
  }
}

/** Asserts that a call is refused with a `UserError` of this code. */
export async function rejects(call: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(error.fix.length > 0 && error.where.length > 0);
    return true;
  });
}

/** Starts a server of this test on a free port of 127.0.0.1. */
export async function serve(t: TestContext, handle: http.RequestListener): Promise<{ server: http.Server; endpoint: Endpoint }> {
  const server = http.createServer(handle);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

/** Two versions that name themselves in `x-version`: `/fail` answers 500, `/slow` takes 25 ms, else 200 after the whole body. */
export async function versions(t: TestContext): Promise<{ stable: Backend; candidate: Backend }> {
  const version = async (name: string): Promise<Backend> => {
    const { endpoint } = await serve(t, (request, response) => {
      request.resume().on('end', () => {
        response.setHeader('x-version', name);
        response.statusCode = request.url === '/fail' ? 500 : 200;
        if (request.url === '/slow') setTimeout(() => response.end(name), 25);
        else response.end(name);
      });
    });
    return { version: name, endpoints: [endpoint] };
  };
  return { stable: await version('1.0.0'), candidate: await version('1.1.0') };
}

export type Answer = { status: number; version: string; headers: http.IncomingHttpHeaders; body: string };

const agents = new WeakMap<TestContext, http.Agent>();

/** Of tests whose router `resetsIdle`: how many idle connections were closed just as a request was sent on them. */
export const resetsSeen = new WeakMap<TestContext, number>();

/**
 * Sends one request, once: whatever goes wrong rejects. Connections are kept for the test. Where the router says that it `resetsIdle`,
 * a kept connection that closes before one byte of an answer is counted, and the request sent again.
 */
export async function get(
  t: TestContext,
  where: Endpoint,
  headers: http.OutgoingHttpHeaders = {},
  more: { path?: string; method?: string; body?: string | Buffer } = {},
): Promise<Answer> {
  for (;;) {
    const answer = await getOnce(t, where, headers, more);
    if (answer !== 'reset') return answer;
    resetsSeen.set(t, (resetsSeen.get(t) ?? 0) + 1);
  }
}

async function getOnce(
  t: TestContext,
  where: Endpoint,
  headers: http.OutgoingHttpHeaders,
  more: { path?: string; method?: string; body?: string | Buffer },
): Promise<Answer | 'reset'> {
  let agent = agents.get(t);
  if (!agent) {
    agent = new http.Agent({ keepAlive: true });
    agents.set(t, agent);
    t.after(() => agent?.destroy());
  }
  const { path = '/', method = 'GET', body } = more;
  return await new Promise((resolve, reject) => {
    let isAnswered = false;
    const request = http.request({ ...where, agent, headers, path, method }, (response) => {
      isAnswered = true;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          version: String(response.headers['x-version'] ?? ''),
          headers: response.headers,
          body: text,
        }),
      );
    });
    request.on('error', (error) => {
      const isReset = ['ECONNRESET', 'EPIPE'].includes(systemCode(error) ?? '');
      if (isReset && request.reusedSocket && !isAnswered && resetsSeen.has(t)) resolve('reset');
      else reject(error);
    });
    request.end(body);
  });
}

/** Percent of requests of users without a cookie that this version answers. */
export async function shareOf(t: TestContext, where: Endpoint, version: string, requests: number): Promise<number> {
  let hits = 0;
  for (let i = 0; i < requests; i++) {
    const answer = await get(t, where);
    assert.equal(answer.status, 200);
    if (answer.version === version) hits++;
  }
  return (hits / requests) * 100;
}
