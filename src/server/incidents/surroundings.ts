import type { OwnView } from '../../checks/own-view.ts';
import type { AlertsRecorded } from '../../runtime/alerts/alert-records.ts';
import type { Silences } from '../../runtime/alerts/silences.ts';
import type { Controller } from '../../runtime/controller.ts';
import { groupRecording } from '../../runtime/incidents/group-records.ts';
import { incidentRecording } from '../../runtime/incidents/incident-records.ts';
import { roomRecording } from '../../runtime/incidents/room-records.ts';
import { runbookRecording } from '../../runtime/incidents/runbook-records.ts';
import { outboxRecording } from '../../runtime/notifications/outbox-records.ts';
import { releaseNoticesRecording } from '../../runtime/notifications/release-records.ts';
import type { SetupKeeper } from '../../runtime/notifications/setup-keeper.ts';
import type { ObjectiveKeeper } from '../../runtime/objectives/objective-keeper.ts';
import type { OnCallKeeper } from '../../runtime/on-call/on-call-keeper.ts';
import type { Ports } from '../../runtime/ports.ts';
import type { PublishingLog } from '../../runtime/publishing-log.ts';
import type { ReadinessKeeper } from '../../runtime/readiness/readiness-keeper.ts';
import type { Recorded } from '../../runtime/recorded-state.ts';
import type { SignalKeeper } from '../../runtime/signal-keeper.ts';
import { statusRecording } from '../../runtime/status/status-records.ts';
import { subscriberRecording } from '../../runtime/status/subscriber-records.ts';
import type { TimelineKeeper } from '../../runtime/timeline/timeline-keeper.ts';
import type { ReadModel } from '../read-model/read-model.ts';

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

/** What is on record of incidents and of all that follows from them, caught up with the log. */
export type IncidentRecords = Awaited<ReturnType<typeof incidentRecords>>;

export async function incidentRecords(recorded: Recorded) {
  return {
    incidents: await recorded(incidentRecording),
    messages: await recorded(outboxRecording),
    runbooks: await recorded(runbookRecording),
    status: await recorded(statusRecording),
    rooms: await recorded(roomRecording),
    groups: await recorded(groupRecording),
    subscribers: await recorded(subscriberRecording),
    notices: await recorded(releaseNoticesRecording),
  };
}

/** What undoes what was begun, in the order in which it was begun. */
export type Undo = (() => unknown)[];
