import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { WireAlert } from '../src/alerts/told.ts';
import type { IncidentEvent } from '../src/incidents/events.ts';
import { groupByService } from '../src/incidents/group.ts';
import { AlertIntake } from '../src/runtime/alerts/alert-intake.ts';
import { alertRecording } from '../src/runtime/alerts/alert-records.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { IncidentKeeper } from '../src/runtime/incidents/incident-keeper.ts';
import { incidentRecording, incidentsStream } from '../src/runtime/incidents/incident-records.ts';
import { publishing } from '../src/runtime/publishing-log.ts';
import { RecordedState } from '../src/runtime/recorded-state.ts';
import { receivedAlerts } from '../src/spec/alertmanager.ts';
import { openSqliteLog } from '../src/stores/sqlite/index.ts';
import type { Bench, Figure } from './parts/figure.ts';
import { workplace } from './parts/processes.ts';
import { spreadOf } from './parts/spread.ts';
import { until } from './parts/wait.ts';

const perSecond = 1_000;
/** As many as Prometheus sends at once, about. */
const perMessage = 50;
/** An alert ends after so long, so that as many are open as come in that time. */
const lastsMs = 2_000;

/** Alerts arrive at the door as an Alertmanager would send them, and come on record as incidents in a log on the real disk. */
export const bench: Bench = async ({ quick, signal, say }) => {
  const seconds = quick ? 10 : 60;
  const figures: Figure[] = [];
  for (const services of [1, 100]) {
    const measured = await measure(services, seconds, signal);
    say(`${services} services: ${JSON.stringify(measured)}`);
    figures.push({
      figure: services === 1 ? 'alerts-of-one-outage' : 'alerts-of-many-services',
      limit: { storedP99Seconds: { atMost: 1 }, lost: { atMost: 0 }, incidents: { atMost: services } },
      measured,
      text: `${measured.alerts} alerts of ${services} services, ${perSecond} a second: ${measured.incidents} incidents, ${measured.lost} alerts lost; from an alert at the door to its incident on record ${measured.storedP50Seconds} s (p50), ${measured.storedP99Seconds} s (p99)`,
    });
  }
  return figures;
};

async function measure(services: number, seconds: number, signal: AbortSignal) {
  const place = workplace('incidents');
  try {
    const log = publishing(await openSqliteLog(join(place.folder, 'log.db')));
    const token = await log.claim('bench');
    const warn = (text: string): void => void process.stderr.write(`${text}\n`);
    const alerts = new RecordedState(alertRecording, log, token, systemClock.now);
    const records = new RecordedState(incidentRecording, log, token, systemClock.now);
    const keeper = new IncidentKeeper({
      records,
      alerts,
      groupOf: groupByService,
      change: (build) => records.change(build),
      clock: systemClock,
      warn,
    });
    const settings = { ...receivedAlerts.parse({}), max: 4_000 };
    const intake = new AlertIntake({ alerts, settings, isService: () => true, clock: systemClock, warn });
    const sentAt = new Map<string, number>();
    const took: number[] = [];
    log.subscribe((events) => {
      for (const event of events) {
        if (event.stream !== incidentsStream || event.kind !== 'incident-alert-joined') continue;
        const { data } = event as unknown as Extract<IncidentEvent, { kind: 'incident-alert-joined' }>;
        for (const { name } of data.alerts) {
          took.push((performance.now() - (sentAt.get(name) ?? Number.NaN)) / 1_000);
          sentAt.delete(name);
        }
      }
    });
    const begunMs = performance.now();
    const messages = (seconds * perSecond) / perMessage;
    const everyMs = (1_000 * perMessage) / perSecond;
    const behind = lastsMs / everyMs;
    const answers: Promise<unknown>[] = [];
    for (let number = 0; number < messages + behind; number += 1) {
      await delay(Math.max(0, begunMs + number * everyMs - performance.now()), undefined, { signal });
      const begins = number < messages ? alertsOf(number, services, 'firing') : [];
      for (const { labels } of begins) sentAt.set(labels.alertname ?? '', performance.now());
      const ends = number >= behind ? alertsOf(number - behind, services, 'resolved') : [];
      const message = { alerts: [...begins, ...ends], via: 'api', actor: 'bench', may: () => true, truncated: 0 } as const;
      answers.push(intake.take(message));
    }
    await Promise.all(answers);
    const isOver = (): true | null => (keeper.all.every(({ state }) => state === 'resolved') && sentAt.size === 0 ? true : null);
    await until('the end of all incidents', 60_000, signal, async () => isOver() ?? delay(50, null));
    await Promise.all([intake.stop(), keeper.stop()]);
    const { size: incidents } = records.state.incidents;
    await log.close();
    const { n, p50, p99, max } = spreadOf(took);
    const lost = seconds * perSecond - n;
    return {
      services,
      alerts: seconds * perSecond,
      incidents,
      lost,
      storedP50Seconds: p50,
      storedP99Seconds: p99,
      storedMaxSeconds: max,
    };
  } finally {
    await place.remove();
  }
}

function alertsOf(message: number, services: number, status: 'firing' | 'resolved'): readonly WireAlert[] {
  return Array.from({ length: perMessage }, (_, index) => ({
    status,
    labels: {
      alertname: `A${message}-${index}`,
      service: `shop-${(message * perMessage + index) % services}`,
      severity: 'critical',
    },
    annotations: { summary: 'Too many requests fail: 12.4 % in the last 5 minutes, 1 % is allowed' },
    ...(status === 'resolved' ? { endsAt: new Date().toISOString() } : {}),
  }));
}
