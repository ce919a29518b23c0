import { chmodSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';
import { sentAtHeader } from './control-client.ts';
import { now } from './machine.ts';
import type { RouterSettings } from './settings.ts';

/** What the control socket can be asked. Answers are sent as JSON. */
export type ControlActions = {
  health(): unknown;
  /** `sentAtMs`: when it was sent, on the machine's monotonic clock. */
  setRoute(body: unknown, sentAtMs: number): Promise<unknown>;
  readRoute(): Promise<unknown>;
  renewLease(token: number, sentAtMs: number): Promise<unknown>;
  samples(query: z.output<typeof SamplesQuery>): Promise<unknown>;
  traffic(): Promise<unknown>;
  setLimits(limits: Pick<RouterSettings, 'edgesMs' | 'leaseMs'>): Promise<void>;
  metrics(): Promise<string>;
  /** Begins to end; answers before it has. */
  shutdown(): void;
};

const bodyBytesMax = 4_194_304;
const SamplesQuery = z.object({
  stable: z.string().nullable(),
  candidate: z.string().nullable(),
  afterSecond: z.int(),
  limit: z.int().min(0).max(10_000),
});
const Limits = z.object({ edgesMs: z.array(z.number().positive()).max(64), leaseMs: z.number().positive() });
const Renewal = z.object({ token: z.int() });

/** Serves the control protocol on a unix socket that only this user can open. Replaces what a dead process has left there. */
export async function serveControl(socketPath: string, actions: ControlActions): Promise<http.Server> {
  const server = http.createServer((request, response) => void answer(actions, request, response));
  await rm(socketPath, { force: true });
  const umask = process.umask(0o177);
  try {
    await listening(server, { path: socketPath });
  } finally {
    process.umask(umask);
  }
  chmodSync(socketPath, 0o600);
  return server;
}

/** Serves the metrics, and nothing else, where Prometheus can reach them. */
export async function serveMetrics(host: string, port: number, metrics: () => Promise<string>): Promise<http.Server> {
  const server = http.createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      sendMetrics(response, await metrics());
    } catch (error) {
      response.writeHead(500).end(messageOf(error));
    }
  });
  await listening(server, { host, port });
  return server;
}

async function listening(server: http.Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(actions: ControlActions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    switch (`${request.method} ${request.url}`) {
      case 'GET /health':
        return send(response, 200, actions.health());
      case 'GET /route':
        return send(response, 200, await actions.readRoute());
      case 'PUT /route':
        return send(response, 200, await actions.setRoute(await bodyOf(request), sentAtOf(request)));
      case 'POST /lease':
        return send(response, 200, await actions.renewLease(Renewal.parse(await bodyOf(request)).token, sentAtOf(request)));
      case 'POST /samples':
        return send(response, 200, await actions.samples(SamplesQuery.parse(await bodyOf(request))));
      case 'GET /traffic':
        return send(response, 200, await actions.traffic());
      case 'PUT /limits':
        await actions.setLimits(Limits.parse(await bodyOf(request)));
        return send(response, 200, null);
      case 'GET /metrics':
        return sendMetrics(response, await actions.metrics());
      case 'POST /shutdown':
        send(response, 202, null);
        return actions.shutdown();
      default:
        return send(response, 404, null);
    }
  } catch (error) {
    if (!(error instanceof UserError)) console.error(error);
    const { code, where, fix } =
      error instanceof UserError
        ? error
        : { code: 'E_ROUTER_FAILED', where: 'router process', fix: 'See router.log in the folder of the router.' };
    send(response, 409, { error: { code, what: messageOf(error), where, fix } });
  }
}

/** Nobody sends from the future; a client that does not say it is taken at its arrival. */
function sentAtOf(request: IncomingMessage): number {
  const { monotonicMs } = now();
  const said = Number(request.headers[sentAtHeader] ?? Number.NaN);
  return Number.isFinite(said) ? Math.min(said, monotonicMs) : monotonicMs;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) throw new Error(`a message of more than ${bodyBytesMax} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(value));
}

function sendMetrics(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(text);
}
