import { ownAnnotation } from './receive.ts';
import type { Alert, AlertsState } from './types.ts';

/** So long after its end, the end of an alert is still to be told. Whoever has not heard of it by then has long ended it by itself. */
export const endsTellMs = 900_000;

/** What an Alertmanager was told of an alert last, and when (unix milliseconds). `refused`: it does not take this one. */
export type Delivered = { readonly as: 'firing' | 'resolved' | 'refused'; readonly atMs: number; readonly said: string };

/** By id of the alert. Empty after a restart: then all that is open is told anew, and so are the ends that somebody may have missed. */
export type Deliveries = ReadonlyMap<string, Delivered>;

/** An alert as Alertmanager's API v2 takes it. Times are RFC 3339. */
export type PostableAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
};

/**
 * What is to be told now: alerts of objectives that fire, again at each interval, and those that have ended until that was delivered.
 * Never what another program has told of. An alert that another speaks for is not begun with; once it was told it is told on, because
 * Alertmanager would tell people that it is over.
 *
 * @param intervalMs - Time between two messages about one open alert.
 */
export function dueAlerts(
  { open, ended }: AlertsState,
  delivered: Deliveries,
  nowMs: number,
  intervalMs: number,
): readonly Alert[] {
  const due: Alert[] = [];
  const keys = new Set<string>();
  for (const alert of open.values()) {
    if (!isTellable(alert) || alert.state === 'pending') continue;
    const last = delivered.get(alert.id);
    if (alert.silencedBy !== null && last?.as !== 'firing') continue;
    keys.add(alert.key);
    if (last?.as === 'refused') continue;
    if (!last || last.said !== alert.said || nowMs - last.atMs >= intervalMs) due.push(alert);
  }
  // The newest first: of one condition only the last end counts, and none once it has begun again, which it would end.
  for (const alert of ended) {
    if (!isTellable(alert) || keys.has(alert.key)) continue;
    keys.add(alert.key);
    if (nowMs - (alert.resolvedAtMs ?? 0) >= endsTellMs) continue;
    const last = delivered.get(alert.id);
    if (last ? last.as === 'firing' : alert.silencedBy === null) due.push(alert);
  }
  return due;
}

/** What is still worth knowing of what was delivered, and the alerts whose end could not be in time. */
export function kept(
  { open, ended }: AlertsState,
  delivered: Deliveries,
  nowMs: number,
): {
  readonly delivered: Deliveries;
  readonly missed: readonly Alert[];
} {
  const openIds = new Set([...open.values()].map(({ id }) => id));
  const endedById = new Map(ended.map((alert) => [alert.id, alert]));
  const missed: Alert[] = [];
  const left = [...delivered].filter(([id, { as }]) => {
    if (openIds.has(id)) return true;
    const alert = endedById.get(id);
    if (alert && nowMs - (alert.resolvedAtMs ?? 0) < endsTellMs) return true;
    if (alert && as === 'firing' && !open.has(alert.key)) missed.push(alert);
    return false;
  });
  return { delivered: left.length === delivered.size ? delivered : new Map(left), missed };
}

/**
 * @param resolveTimeoutMs - Until when it lasts without another word.
 * @param consoleUrl - Where people find the console, without a slash at its end; null: nowhere.
 */
export function postableAlert(alert: Alert, nowMs: number, resolveTimeoutMs: number, consoleUrl: string | null): PostableAlert {
  const { service, attribution } = alert;
  const page = service === null ? '' : `/services/${encodeURIComponent(service)}`;
  const url = alert.url ?? (consoleUrl === null ? null : `${consoleUrl}${page}`);
  const labels = Object.entries({ alertname: alert.name, ...alert.labels }).filter(([, value]) => value !== '');
  return {
    labels: Object.fromEntries(labels),
    annotations: {
      summary: service === null ? alert.name : `${alert.name} of ${service}`,
      description: alert.said,
      ...(attribution === null ? {} : { attribution: attribution.said }),
      ...alert.annotations,
      [ownAnnotation]: alert.id,
    },
    startsAt: new Date(alert.firedAtMs ?? alert.pendingAtMs).toISOString(),
    endsAt: new Date(alert.resolvedAtMs ?? nowMs + resolveTimeoutMs).toISOString(),
    ...(url === null ? {} : { generatorURL: url }),
  };
}

function isTellable({ origin, firedAtMs }: Alert): boolean {
  return origin === 'objective' && firedAtMs !== null;
}
