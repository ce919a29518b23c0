import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startHost } from '../../src/server/host.ts';
import { controllerDefaults } from '../../src/spec/controller.ts';
import type { BenchOptions } from './figure.ts';
import { instantWorld } from './instant-world.ts';
import { workplace } from './processes.ts';

export const alertsPerSecond = 1_000;
const perMessage = 50;
/** So many seconds' alerts are open at once. */
const openSeconds = 2;

export type ToldAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

/** A controller with its API on the disk, and a program that it tells. */
export type ToldReceiver = {
  ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Sends alerts over HTTP, a thousand a second, fifty in a message, each over two seconds later. Resolves when all are answered. */
  storm(seconds: number, named: (second: number) => string, sent: (name: string) => void): Promise<void>;
};

/** What the program is told: the beginning of something, more of it, or its end. */
export type Told = { readonly title: string; readonly event: string };

/**
 * @param documents - Of the setup, beside the notifier `hook`, which is the program.
 * @param heard - Called with each message as it comes.
 */
export async function withToldReceiver<Result>(
  { signal, say }: Pick<BenchOptions, 'signal' | 'say'>,
  documents: string,
  heard: (told: Told) => void,
  work: (receiver: ToldReceiver) => Promise<Result>,
): Promise<Result> {
  const place = workplace('told');
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      heard(JSON.parse(body) as Told);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const data = join(place.folder, 'data');
  const host = await startHost({
    data,
    listen: { host: '127.0.0.1', port: 0 },
    user: 'bench',
    environment: {},
    doorFile: 'api.json',
    settings: { ...controllerDefaults, receivedAlerts: { ...controllerDefaults.receivedAlerts, max: 4_000 } },
    demo: () => ({ status: { state: 'absent', said: null, service: null }, start() {}, stop: async () => {} }),
    ports: instantWorld([500]).ports,
    version: '0.0.0',
    warn: (_service, text) => say(text),
  });
  try {
    const { token } = JSON.parse(readFileSync(join(data, 'api.json'), 'utf8')) as { token: string };
    const ask = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const sent = body === undefined ? null : JSON.stringify(body);
      const answer = await fetch(`${host.url}${path}`, { method, headers, body: sent, signal });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return (text === '' ? null : JSON.parse(text)) as Answer;
    };
    const { port } = receiver.address() as AddressInfo;
    const hook = `apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: hook }\nspec: { webhook: { url: "http://127.0.0.1:${port}/" } }\n`;
    await ask('PUT', '/api/v1/incidents/setup', { files: [{ file: 'setup.yaml', text: `${hook}---\n${documents}` }] });
    return await work({
      ask,
      async storm(seconds, named, sent) {
        const perTurn = alertsPerSecond / perMessage;
        const begunMs = performance.now();
        const answers: Promise<unknown>[] = [];
        for (let number = 0; number < (seconds + openSeconds) * perTurn; number += 1) {
          await delay(Math.max(0, begunMs + (number * 1_000) / perTurn - performance.now()), undefined, { signal });
          const begins = number < seconds * perTurn ? alertsOf(number, perTurn, named) : [];
          if (begins.length > 0) sent(named(Math.floor(number / perTurn)));
          const ends = alertsOf(number - openSeconds * perTurn, perTurn, named);
          const over = ends.map((alert) => ({ ...alert, endsAt: new Date().toISOString() }));
          answers.push(ask('POST', '/api/v2/alerts', [...begins, ...over]));
        }
        await Promise.all(answers);
      },
    });
  } finally {
    await host.close();
    receiver.closeAllConnections();
    receiver.close();
    await place.remove();
  }
}

function alertsOf(message: number, perTurn: number, named: (second: number) => string): readonly ToldAlert[] {
  if (message < 0) return [];
  return Array.from({ length: perMessage }, (_, index) => ({
    labels: { alertname: named(Math.floor(message / perTurn)), instance: `${message}-${index}`, severity: 'critical' },
    annotations: { summary: 'Too many requests fail: 12.4 % in the last 5 minutes, 1 % is allowed' },
  }));
}
