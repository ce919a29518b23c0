import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startHost } from '../src/server/host.ts';
import { controllerDefaults } from '../src/spec/controller.ts';
import type { Bench } from './parts/figure.ts';
import { instantWorld } from './parts/instant-world.ts';
import { workplace } from './parts/processes.ts';
import { spreadOf } from './parts/spread.ts';
import { until } from './parts/wait.ts';

const perSecond = 1_000;
const perMessage = 50;
/** So many seconds' alerts are open at once. */
const openSeconds = 2;

/** Who tells the receiver: a policy, or the routing, where each outage is a group. */
const ways = {
  policy: {
    figure: 'alert-to-first-notifier',
    documents: `apiVersion: rampart/v1
kind: EscalationPolicy
metadata: { name: all }
spec: { steps: [ { notify: [ { notifier: hook } ] } ] }
`,
  },
  routing: {
    figure: 'alert-to-first-notifier-of-a-group',
    documents: `apiVersion: rampart/v1
kind: AlertRouting
metadata: { name: default }
spec: { route: { notifiers: [hook], groupBy: [alertname] } }
`,
  },
} as const;

/** Alerts come in over HTTP, one outage a second with a thousand alerts each, and a program is told of each outage. */
export const bench: Bench = async (options) => [...(await measured(options, 'policy')), ...(await measured(options, 'routing'))];

async function measured(
  { quick, signal, say }: Parameters<Bench>[0],
  way: keyof typeof ways,
): Promise<Awaited<ReturnType<Bench>>> {
  const seconds = quick ? 10 : 60;
  const place = workplace('told');
  const told = new Map<string, number>();
  let messages = 0;
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { title, event } = JSON.parse(body) as { title: string; event: string };
      if (event === 'trigger') messages += 1;
      if (!told.has(title)) told.set(title, performance.now());
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
    const ask = async (method: string, path: string, body: unknown): Promise<void> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${host.url}${path}`, { method, headers, body: JSON.stringify(body), signal });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    };
    const { port } = receiver.address() as AddressInfo;
    await ask('PUT', '/api/v1/incidents/setup', {
      files: [{ file: 'setup.yaml', text: `${notifier(port)}---\n${ways[way].documents}` }],
    });
    const begun = new Map<string, number>();
    const begunMs = performance.now();
    const perTurn = perSecond / perMessage;
    const answers: Promise<void>[] = [];
    for (let number = 0; number < (seconds + openSeconds) * perTurn; number += 1) {
      await delay(Math.max(0, begunMs + (number * 1_000) / perTurn - performance.now()), undefined, { signal });
      const begins = number < seconds * perTurn ? alertsOf(number, perTurn) : [];
      const name = begins[0]?.labels.alertname;
      if (name !== undefined && !begun.has(name)) begun.set(name, performance.now());
      const ends = alertsOf(number - openSeconds * perTurn, perTurn).map((alert) => ({
        ...alert,
        endsAt: new Date().toISOString(),
      }));
      answers.push(ask('POST', '/api/v2/alerts', [...begins, ...ends]));
    }
    await Promise.all(answers);
    await until('everybody is told', 60_000, signal, async () => (told.size >= begun.size ? true : delay(50, null)));
    const { n, p50, p99, max } = spreadOf([...begun].map(([name, atMs]) => ((told.get(name) ?? Number.NaN) - atMs) / 1_000));
    const measured = { outages: n, messages, alerts: seconds * perSecond, p50Seconds: p50, p99Seconds: p99, maxSeconds: max };
    return [
      {
        figure: ways[way].figure,
        limit: { p99Seconds: { atMost: 1 }, messages: { atMost: n } },
        measured,
        text: `${n} outages of ${perSecond} alerts each, ${perSecond} alerts a second over HTTP: a receiver is told by ${way === 'policy' ? 'a policy' : 'the routing'} of the first alert after ${p50} s (p50), ${p99} s (p99), ${messages} messages`,
      },
    ];
  } finally {
    await host.close();
    receiver.closeAllConnections();
    receiver.close();
    await place.remove();
  }
}

function alertsOf(message: number, perTurn: number) {
  if (message < 0) return [];
  return Array.from({ length: perMessage }, (_, index) => ({
    labels: { alertname: `Outage-${Math.floor(message / perTurn)}`, instance: `${message}-${index}`, severity: 'critical' },
    annotations: { summary: 'Too many requests fail: 12.4 % in the last 5 minutes, 1 % is allowed' },
  }));
}

function notifier(port: number): string {
  return `apiVersion: rampart/v1
kind: Notifier
metadata: { name: hook }
spec: { webhook: { url: "http://127.0.0.1:${port}/" } }
`;
}
