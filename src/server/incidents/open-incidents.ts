import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { OwnView } from '../../checks/own-view.ts';
import type { IncidentRecord } from '../../incidents/events.ts';
import { channelsBySetup, groupBySetup } from '../../incidents/group.ts';
import { quietIncidents } from '../../incidents/quiet.ts';
import type { Incident } from '../../incidents/types.ts';
import type { ReleaseFormOf } from '../../notifications/release-telling.ts';
import { notifiers } from '../../notifiers/registry.ts';
import type { AlertsRecorded } from '../../runtime/alerts/alert-records.ts';
import type { Silences } from '../../runtime/alerts/silences.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { Controller } from '../../runtime/controller.ts';
import { groupRecording } from '../../runtime/incidents/group-records.ts';
import { GroupTeller } from '../../runtime/incidents/group-teller.ts';
import { IncidentCaller, withMessages } from '../../runtime/incidents/incident-caller.ts';
import { IncidentKeeper } from '../../runtime/incidents/incident-keeper.ts';
import { incidentRecording } from '../../runtime/incidents/incident-records.ts';
import { IncidentResponder } from '../../runtime/incidents/incident-responder.ts';
import { Narrator } from '../../runtime/incidents/narrator.ts';
import { PostMortems } from '../../runtime/incidents/post-mortems.ts';
import { RoomKeeper } from '../../runtime/incidents/room-keeper.ts';
import { roomRecording } from '../../runtime/incidents/room-records.ts';
import { RoutingQuestions } from '../../runtime/incidents/routing-questions.ts';
import { RunbookKeeper } from '../../runtime/incidents/runbook-keeper.ts';
import { runbookRecording } from '../../runtime/incidents/runbook-records.ts';
import { performStep } from '../../runtime/incidents/runbook-steps.ts';
import { noteTeller } from '../../runtime/notifications/note-teller.ts';
import { OutboxKeeper } from '../../runtime/notifications/outbox-keeper.ts';
import { outboxRecording } from '../../runtime/notifications/outbox-records.ts';
import type { NotifierPlugins } from '../../runtime/notifications/receivers.ts';
import { releaseNoticesRecording } from '../../runtime/notifications/release-records.ts';
import { ReleaseTeller } from '../../runtime/notifications/release-teller.ts';
import type { SetupKeeper } from '../../runtime/notifications/setup-keeper.ts';
import { withIncidents } from '../../runtime/notifications/told.ts';
import { notifierTools } from '../../runtime/notifications/tools.ts';
import type { ObjectiveKeeper } from '../../runtime/objectives/objective-keeper.ts';
import type { OnCallKeeper } from '../../runtime/on-call/on-call-keeper.ts';
import type { Ports } from '../../runtime/ports.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import { documentOf } from '../../runtime/readiness/document-of.ts';
import type { ReadinessKeeper } from '../../runtime/readiness/readiness-keeper.ts';
import type { Recorded } from '../../runtime/recorded-state.ts';
import type { SignalKeeper } from '../../runtime/signal-keeper.ts';
import { maintenancesOf } from '../../runtime/status/maintenances.ts';
import { readingsOf } from '../../runtime/status/readings.ts';
import { StatusKeeper } from '../../runtime/status/status-keeper.ts';
import { statusRecording } from '../../runtime/status/status-records.ts';
import { SubscriberKeeper } from '../../runtime/status/subscriber-keeper.ts';
import { subscriberRecording } from '../../runtime/status/subscriber-records.ts';
import { openSubscriberStore } from '../../runtime/status/subscriber-store.ts';
import type { TellNote } from '../../runtime/timeline/deeds.ts';
import type { TimelineKeeper } from '../../runtime/timeline/timeline-keeper.ts';
import { readSecretFile } from '../../spec/load.ts';
import type { NotifierSpec } from '../../spec/notifier.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { expectedOf, viewOf } from '../objectives/view.ts';
import type { ServerOptions } from '../options.ts';
import { eventsMax, incidentEvents, pastIncident } from '../read-model/incident-list.ts';
import type { ReadModel } from '../read-model/read-model.ts';
import { clientAddress, networksOf } from '../status/client-address.ts';
import { serveOnOwnAddress } from '../status/own-address.ts';
import { statusBase } from '../status/page-routes.ts';
import { subscribing } from '../status/subscribe.ts';

/** What incidents stand on. */
export type IncidentSurroundings = {
  readonly log: PublishingLog;
  readonly views: ReadModel;
  /** The fold of a stream of the log, as it is there now. */
  readonly recorded: Recorded;
  /** Absolute path of the data folder. */
  readonly folder: string;
  readonly controller: Controller;
  readonly ports: Pick<Ports, 'runHook' | 'secrets'>;
  readonly world: { readonly controller: Controller; readonly objectives: ObjectiveKeeper; readonly alerts: AlertsRecorded };
  readonly signals: SignalKeeper;
  readonly silences: Silences;
  readonly setup: SetupKeeper;
  readonly onCall: OnCallKeeper;
  readonly own: (service: string) => OwnView | null;
  readonly readiness: ReadinessKeeper;
  readonly timelines: TimelineKeeper;
  /** Where the API answers, once it does. */
  readonly listensAt: () => string;
  readonly environment: NodeJS.ProcessEnv;
  readonly publicUrl: string | null;
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
  readonly warn: (text: string) => void;
};

/** What the API needs of incidents. */
export type IncidentParts = Pick<
  ServerOptions,
  | 'incidents'
  | 'routing'
  | 'postMortems'
  | 'narrator'
  | 'runbooks'
  | 'statusPage'
  | 'subscribers'
  | 'subscribing'
  | 'notifications'
  | 'notifierTools'
>;

/** Incidents and all that follows from them: what the machine tries, who is told, runbooks, the status page, what is learned. */
export async function openIncidents({
  log,
  views,
  recorded,
  folder,
  controller,
  ports,
  world,
  signals,
  silences,
  setup,
  onCall,
  own,
  readiness,
  timelines,
  listensAt,
  environment,
  publicUrl,
  trustProxy,
  warn,
}: IncidentSurroundings): Promise<{ readonly parts: IncidentParts; readonly tellNote: TellNote; close(): Promise<void> }> {
  const { objectives, alerts } = world;
  const undo: (() => unknown)[] = [];
  // All are as the log has them before anything is begun that changes one.
  const incidentRecords = await recorded(incidentRecording);
  const messageRecords = await recorded(outboxRecording);
  const runbookRecords = await recorded(runbookRecording);
  const statusRecords = await recorded(statusRecording);
  const roomRecords = await recorded(roomRecording);
  const groupRecords = await recorded(groupRecording);
  const subscriberRecords = await recorded(subscriberRecording);
  const noticeRecords = await recorded(releaseNoticesRecording);
  const tools = notifierTools(environment, publicUrl);
  const { consoleUrl } = tools;
  const change = withMessages(incidentRecords, messageRecords, groupRecords, consoleUrl);
  const quiet = (nowMs: number): ((incident: Incident) => boolean) => {
    const { all, endOfAlert } = silences;
    return quietIncidents({ routing: setup.setup.routing, silences: all, endOfAlert, open: alerts.state.open }, nowMs);
  };
  const incidents = new IncidentKeeper({
    records: incidentRecords,
    alerts,
    groupOf: (alert) => groupBySetup(setup.setup.routing, alert),
    quiet,
    change,
    clock: systemClock,
    warn,
  });
  undo.push(() => incidents.stop());
  const steps = {
    service: (name: string) => controller.service(name),
    signals,
    alerts,
    own,
    document: (service: string) => documentOf(controller.service(service), null)?.spec ?? null,
    secrets: (spec: ServiceSpec) => ports.secrets([spec]),
    environment,
    readSecret: readSecretFile,
    folder,
    clock: systemClock,
  };
  const runbooks = new RunbookKeeper({
    records: runbookRecords,
    incidents: () => incidents.all,
    own: () => setup.setup.runbooks,
    isKnown: (service) => controller.service(service) !== undefined,
    perform: (incident, step, signal) => performStep(steps, incident, step, signal),
    clock: systemClock,
    warn,
  });
  undo.push(() => runbooks.stop());
  undo.push(
    incidentRecords.listen(() => {
      runbooks.wake();
    }),
  );
  const statusPage = new StatusKeeper({
    records: statusRecords,
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
  const store = openSubscriberStore(join(folder, 'subscribers.db'), warn);
  undo.push(() => store.close());
  const subscribers = new SubscriberKeeper({
    records: subscriberRecords,
    messages: messageRecords,
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
  const responder = new IncidentResponder({
    records: incidentRecords,
    change,
    controller,
    objectives,
    budgetLeft: (running) => viewOf(world, running).budget.leftOfAllowance,
    runHook: ports.runHook,
    clock: systemClock,
    warn,
  });
  undo.push(() => responder.stop());
  const channelsOf = (incident: Incident) => channelsBySetup(setup.setup.routing, incident, alerts.state.open);
  const caller = new IncidentCaller({
    records: incidentRecords,
    messages: messageRecords,
    setup: onCall,
    spec: (name) => controller.service(name)?.stable?.spec ?? controller.service(name)?.live?.spec ?? null,
    quiet,
    consoleUrl,
    clock: systemClock,
    warn,
  });
  undo.push(() => caller.stop());
  const rooms = new RoomKeeper({
    records: incidentRecords,
    rooms: roomRecords,
    messages: messageRecords,
    setup: onCall,
    plugins: notifiers,
    quiet,
    channelsOf,
    events: async (id, after, limit) => await incidentEvents(views, log, id, after, limit),
    runs: (id) => runbooks.of(id),
    posts: () => statusPage.posts,
    consoleUrl,
    clock: systemClock,
    warn,
  });
  undo.push(() => rooms.stop());
  const wakeRooms = (): void => rooms.wake();
  undo.push(runbookRecords.listen(wakeRooms), statusRecords.listen(wakeRooms));
  const teller = new GroupTeller({
    groups: groupRecords,
    records: incidentRecords,
    messages: messageRecords,
    alerts,
    silences,
    setup,
    consoleUrl,
    clock: systemClock,
    warn,
  });
  undo.push(() => teller.stop());
  const notifications = new OutboxKeeper({
    records: messageRecords,
    setup,
    plugins: notifiers,
    tools,
    clock: systemClock,
    random: Math.random,
    commit: withIncidents(messageRecords, incidentRecords),
    private: subscribers,
    warn,
  });
  undo.push(() => notifications.stop());
  const formOf: ReleaseFormOf = (name) => notifications.receivers.capabilities(name);
  const releaseTeller = new ReleaseTeller({
    log,
    records: noticeRecords,
    messages: messageRecords,
    setup: onCall,
    ownNotices: (id) => controller.release(id)?.release.spec.release.notify ?? [],
    formOf,
    consoleUrl,
    clock: systemClock,
    warn,
  });
  undo.push(() => releaseTeller.stop());
  const tellNote = noteTeller({
    notifications,
    messages: messageRecords,
    setup: onCall,
    formOf,
    consoleUrl,
    clock: systemClock,
  });
  const postMortems = new PostMortems({
    records: incidentRecords,
    log,
    objectives,
    expected: (running) => expectedOf(world, running),
    find: async (id) => incidents.find(id) ?? (await pastIncident(views, log, id)),
    events: async (id) => await incidentEvents(views, log, id, 0, eventsMax),
    updates: async (id) =>
      (statusPage.posts.find(({ incident }) => incident === id)?.updates ?? []).map(({ atMs, by, body }) => ({
        seq: null,
        atMs,
        by,
        text: body,
      })),
    consoleUrl,
    services: () => controller.services,
    runs: (service) => readiness.records.state.runs.get(service) ?? [],
    minutes: (service, fromS) => signals.points(service, 60, fromS, systemClock.now()),
    clock: systemClock,
    warn,
  });
  undo.push(() => postMortems.stop());
  const narrator = new Narrator({
    records: incidentRecords,
    spec: () => setup.setup.narration,
    postMortem: (id) => postMortems.of(id),
    secrets: (name) => {
      const { stable, live } = controller.service(name) ?? {};
      return ports.secrets([stable?.spec, live?.spec].filter((spec) => spec !== undefined));
    },
    tools,
    clock: systemClock,
    warn,
  });
  undo.push(() => narrator.stop());
  const routing = new RoutingQuestions({
    log,
    alerts,
    silences,
    groups: groupRecords,
    incidents,
    records: incidentRecords,
    eventsOf: async (id) => (await incidentEvents(views, log, id, 0, eventsMax)) as unknown as readonly IncidentRecord[],
    onCall,
    owners: () =>
      new Map(
        controller.services.flatMap(({ name, stable, live }) => {
          const owner = (stable ?? live)?.spec.owner ?? null;
          return owner === null ? [] : [[name, owner] as const];
        }),
      ),
  });
  undo.push(() => routing.stop());
  return {
    parts: {
      ...{ incidents, routing, postMortems, narrator, runbooks, statusPage, subscribers, subscribing: subscribed },
      ...{ notifications, notifierTools: tools },
    },
    tellNote,
    close: async () => {
      for (const step of undo.splice(0).reverse()) await step();
    },
  };
}

/** Why a notifier cannot write to an address; null: it can. */
function unreachable(all: readonly NotifierSpec[], notifier: string, address: string): string | null {
  const kind = all.find(({ name }) => name === notifier)?.receiver.kind;
  const plugins: NotifierPlugins = notifiers;
  const to = kind === undefined ? undefined : plugins[kind]?.addressed?.to;
  if (!to) return `there is no notifier ${notifier} that can write to others`;
  return to.safeParse(address).error?.issues[0]?.message ?? null;
}
