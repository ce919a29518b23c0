import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from './parts/figure.ts';
import { spreadOf } from './parts/spread.ts';
import { alertsPerSecond, withToldReceiver } from './parts/told-receiver.ts';
import { until } from './parts/wait.ts';

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

async function measured(options: Parameters<Bench>[0], way: keyof typeof ways): Promise<Awaited<ReturnType<Bench>>> {
  const { quick, signal } = options;
  const seconds = quick ? 10 : 60;
  const told = new Map<string, number>();
  let messages = 0;
  const heard = ({ title, event }: { title: string; event: string }): void => {
    if (event === 'trigger') messages += 1;
    if (!told.has(title)) told.set(title, performance.now());
  };
  return await withToldReceiver(options, ways[way].documents, heard, async ({ storm }) => {
    const begun = new Map<string, number>();
    await storm(
      seconds,
      (second) => `Outage-${second}`,
      (name) => {
        if (!begun.has(name)) begun.set(name, performance.now());
      },
    );
    await until('everybody is told', 60_000, signal, async () => (told.size >= begun.size ? true : delay(50, null)));
    const { n, p50, p99, max } = spreadOf([...begun].map(([name, atMs]) => ((told.get(name) ?? Number.NaN) - atMs) / 1_000));
    return [
      {
        figure: ways[way].figure,
        limit: { p99Seconds: { atMost: 1 }, messages: { atMost: n } },
        measured: {
          ...{ outages: n, messages, alerts: seconds * alertsPerSecond },
          ...{ p50Seconds: p50, p99Seconds: p99, maxSeconds: max },
        },
        text: `${n} outages of ${alertsPerSecond} alerts each, ${alertsPerSecond} alerts a second over HTTP: a receiver is told by ${way === 'policy' ? 'a policy' : 'the routing'} of the first alert after ${p50} s (p50), ${p99} s (p99), ${messages} messages`,
      },
    ];
  });
}
