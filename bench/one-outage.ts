import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from './parts/figure.ts';
import { alertsPerSecond, withToldReceiver } from './parts/told-receiver.ts';
import { until } from './parts/wait.ts';

const intervalS = 30;

/** The policy calls once; the routing tells at once and has news at most this often. */
const documents = `apiVersion: rampart/v1
kind: EscalationPolicy
metadata: { name: all }
spec: { steps: [ { notify: [ { notifier: hook } ] } ] }
---
apiVersion: rampart/v1
kind: AlertRouting
metadata: { name: default }
spec: { route: { policy: all, notifiers: [hook], groupBy: [alertname], groupInterval: ${intervalS}s } }
`;

/** 100,000 different alerts of one outage come in over HTTP: they are one incident, and a program hears as often as is set up. */
export const bench: Bench = async (options) => {
  const seconds = options.quick ? 10 : 100;
  const heard: string[] = [];
  const result = await withToldReceiver(
    options,
    documents,
    ({ event }) => heard.push(event),
    async ({ ask, storm }) => {
      const begunMs = performance.now();
      await storm(
        seconds,
        () => 'Outage',
        () => {},
      );
      const list = () => ask<{ incidents: readonly { readonly state: string }[] }>('GET', '/api/v1/incidents');
      const isOver = async (): Promise<true | null> =>
        (await list()).incidents.every(({ state }) => state === 'resolved') ? true : delay(200, null);
      await until('the incident is over', 60_000, options.signal, isOver);
      // What ends is told, by the policy and by the routing, the latter with the next news of its group.
      const ends = (): number => heard.filter((event) => event === 'resolve').length;
      const endMs = (intervalS + 30) * 1_000;
      await until('both are told of the end', endMs, options.signal, async () => (ends() >= 2 ? true : delay(200, null)));
      return { incidents: (await list()).incidents.length, tookS: (performance.now() - begunMs) / 1_000 };
    },
  );
  // The call and its end; the group at once, then once in each interval that has begun, the last of which is its end.
  const messagesMax = 2 + 1 + Math.ceil(result.tookS / intervalS);
  const alerts = seconds * alertsPerSecond;
  return [
    {
      figure: 'one-outage',
      limit: { incidents: { atMost: 1 }, messages: { atMost: messagesMax }, triggers: { atLeast: 2 } },
      measured: {
        ...{ alerts, incidents: result.incidents, messages: heard.length, messagesMax },
        triggers: heard.filter((event) => event === 'trigger').length,
      },
      text: `${alerts} alerts of one outage, ${alertsPerSecond} a second over HTTP: ${result.incidents} incident, ${heard.length} messages (${heard.join(', ')}) by a policy and by a routing that has news every ${intervalS} s, which allows ${messagesMax}`,
    },
  ];
};
