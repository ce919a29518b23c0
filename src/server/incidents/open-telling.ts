import { channelsBySetup } from '../../incidents/group.ts';
import type { Incident } from '../../incidents/types.ts';
import type { ReleaseFormOf } from '../../notifications/release-telling.ts';
import { notifiers } from '../../notifiers/registry.ts';
import { systemClock } from '../../runtime/clock.ts';
import { GroupTeller } from '../../runtime/incidents/group-teller.ts';
import { IncidentCaller } from '../../runtime/incidents/incident-caller.ts';
import { RoomKeeper } from '../../runtime/incidents/room-keeper.ts';
import { noteTeller } from '../../runtime/notifications/note-teller.ts';
import { OutboxKeeper } from '../../runtime/notifications/outbox-keeper.ts';
import { ReleaseTeller } from '../../runtime/notifications/release-teller.ts';
import { withIncidents } from '../../runtime/notifications/told.ts';
import type { TellNote } from '../../runtime/timeline/deeds.ts';
import type { ServerOptions } from '../options.ts';
import { incidentEvents } from '../read-model/incident-list.ts';
import type { IncidentRecords, IncidentSurroundings, Undo } from './surroundings.ts';

type Told = Pick<ServerOptions, 'notifierTools' | 'runbooks' | 'statusPage' | 'subscribers'> & {
  /** Whether nobody is to be told of an incident, at a moment. */
  readonly quiet: (nowMs: number) => (incident: Incident) => boolean;
};

/** Who is told: of incidents by policies, by routing and in rooms, and of releases; and the outbox that sends it. */
export function openTelling(
  { log, views, controller, world, silences, setup, onCall, warn }: IncidentSurroundings,
  records: IncidentRecords,
  { notifierTools: tools, runbooks, statusPage, subscribers, quiet }: Told,
  undo: Undo,
): { readonly notifications: OutboxKeeper; readonly tellNote: TellNote } {
  const { alerts } = world;
  const { consoleUrl } = tools;
  const channelsOf = (incident: Incident) => channelsBySetup(setup.setup.routing, incident, alerts.state.open);
  const caller = new IncidentCaller({
    records: records.incidents,
    messages: records.messages,
    setup: onCall,
    spec: (name) => controller.service(name)?.stable?.spec ?? controller.service(name)?.live?.spec ?? null,
    quiet,
    consoleUrl,
    clock: systemClock,
    warn,
  });
  undo.push(() => caller.stop());
  const rooms = new RoomKeeper({
    records: records.incidents,
    rooms: records.rooms,
    messages: records.messages,
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
  undo.push(records.runbooks.listen(wakeRooms), records.status.listen(wakeRooms));
  const teller = new GroupTeller({
    groups: records.groups,
    records: records.incidents,
    messages: records.messages,
    alerts,
    silences,
    setup,
    consoleUrl,
    clock: systemClock,
    warn,
  });
  undo.push(() => teller.stop());
  const notifications = new OutboxKeeper({
    records: records.messages,
    setup,
    plugins: notifiers,
    tools,
    clock: systemClock,
    random: Math.random,
    commit: withIncidents(records.messages, records.incidents),
    quiet(nowMs) {
      // A storm has many turns of the outbox, and most have nobody to call.
      let asked: ReturnType<typeof quiet> | undefined;
      return (id) => {
        const incident = records.incidents.state.incidents.get(id);
        return incident !== undefined && (asked ??= quiet(nowMs))(incident);
      };
    },
    private: subscribers,
    warn,
  });
  undo.push(() => notifications.stop());
  const formOf: ReleaseFormOf = (name) => notifications.receivers.capabilities(name);
  const releaseTeller = new ReleaseTeller({
    log,
    records: records.notices,
    messages: records.messages,
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
    messages: records.messages,
    setup: onCall,
    formOf,
    consoleUrl,
    clock: systemClock,
  });
  return { notifications, tellNote };
}
