import { randomBytes } from 'node:crypto';
import { notifiers } from '../../notifiers/registry.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { IncidentKeeper } from '../../runtime/incidents/incident-keeper.ts';
import type { NotifierPlugins } from '../../runtime/notifications/receivers.ts';
import { maintenancesOf } from '../../runtime/status/maintenances.ts';
import { readingsOf } from '../../runtime/status/readings.ts';
import { StatusKeeper } from '../../runtime/status/status-keeper.ts';
import { SubscriberKeeper } from '../../runtime/status/subscriber-keeper.ts';
import type { SubscriberStore } from '../../runtime/status/subscriber-store.ts';
import type { NotifierSpec } from '../../spec/notifier.ts';
import type { IncidentRecords, IncidentSurroundings, Undo } from '../incidents/surroundings.ts';
import type { ServerOptions } from '../options.ts';
import { clientAddress, networksOf } from './client-address.ts';
import { serveOnOwnAddress } from './own-address.ts';
import { statusBase } from './page-routes.ts';
import { subscribing } from './subscribe.ts';

/** What customers see, on its own address too, and those of them who are told of it by mail. */
export function openStatusPage(
  { controller, world, signals, setup, timelines, listensAt, publicUrl, trustProxy, warn }: IncidentSurroundings,
  records: IncidentRecords,
  incidents: IncidentKeeper,
  store: SubscriberStore,
  undo: Undo,
): Pick<ServerOptions, 'statusPage' | 'subscribers' | 'subscribing'> {
  const { objectives, alerts } = world;
  const statusPage = new StatusKeeper({
    records: records.status,
    page: () => setup.setup.statusPage,
    readings: (services, nowMs) =>
      readingsOf(
        {
          service: (name) => controller.service(name),
          signals,
          alerts,
          isOfLatency: (id) => {
            const running = objectives.get(id);
            return running && running.objective.belowMs !== null;
          },
        },
        services,
        nowMs,
      ),
    incidents: () => incidents.all,
    releases: (nowMs) => maintenancesOf(timelines.all, nowMs),
    url: () => `${publicUrl ?? listensAt()}${statusBase}`,
    clock: systemClock,
    warn,
  });
  undo.push(() => statusPage.stop());
  const subscribers = new SubscriberKeeper({
    records: records.subscribers,
    messages: records.messages,
    store,
    view: () => statusPage.view,
    problem: (notifier, address) => unreachable(setup.setup.notifiers, notifier, address),
    newId: () => randomBytes(9).toString('base64url'),
    clock: systemClock,
    warn,
  });
  undo.push(() => subscribers.stop());
  undo.push(statusPage.listen(() => subscribers.wake()));
  const subscribed = subscribing(subscribers, () => statusPage.view, systemClock.now, warn);
  const proxies = networksOf(trustProxy);
  undo.push(
    serveOnOwnAddress(
      statusPage,
      ({ remote, forwarded, request }) => subscribed({ ...request, address: clientAddress(remote, forwarded, proxies) }, ''),
      warn,
    ),
  );
  return { statusPage, subscribers, subscribing: subscribed };
}

/** Why a notifier cannot write to an address; null: it can. */
function unreachable(all: readonly NotifierSpec[], notifier: string, address: string): string | null {
  const kind = all.find(({ name }) => name === notifier)?.receiver.kind;
  const plugins: NotifierPlugins = notifiers;
  const to = kind === undefined ? undefined : plugins[kind]?.addressed?.to;
  if (!to) return `there is no notifier ${notifier} that can write to others`;
  return to.safeParse(address).error?.issues[0]?.message ?? null;
}
