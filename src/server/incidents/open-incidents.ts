import { join } from 'node:path';
import { groupBySetup } from '../../incidents/group.ts';
import { quietIncidents } from '../../incidents/quiet.ts';
import type { Incident } from '../../incidents/types.ts';
import { systemClock } from '../../runtime/clock.ts';
import { withMessages } from '../../runtime/incidents/incident-caller.ts';
import { IncidentKeeper } from '../../runtime/incidents/incident-keeper.ts';
import { IncidentResponder } from '../../runtime/incidents/incident-responder.ts';
import { RunbookKeeper } from '../../runtime/incidents/runbook-keeper.ts';
import { performStep } from '../../runtime/incidents/runbook-steps.ts';
import { notifierTools } from '../../runtime/notifications/tools.ts';
import { documentOf } from '../../runtime/readiness/document-of.ts';
import { openSubscriberStore } from '../../runtime/status/subscriber-store.ts';
import type { TellNote } from '../../runtime/timeline/deeds.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { viewOf } from '../objectives/view.ts';
import type { ServerOptions } from '../options.ts';
import { openStatusPage } from '../status/open-status-page.ts';
import { openAftermath } from './open-aftermath.ts';
import { openTelling } from './open-telling.ts';
import { type IncidentSurroundings, incidentRecords, type Undo } from './surroundings.ts';

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
export async function openIncidents(
  around: IncidentSurroundings,
  undo: Undo,
): Promise<{ readonly parts: IncidentParts; readonly tellNote: TellNote }> {
  const { folder, controller, ports, world, signals, silences, setup, own, environment, publicUrl, warn } = around;
  const { objectives, alerts } = world;
  // All are as the log has them, and every file is open, before anything is begun that changes one.
  const records = await incidentRecords(around.recorded);
  const store = openSubscriberStore(join(folder, 'subscribers.db'), warn);
  undo.push(() => store.close());
  const tools = notifierTools(environment, publicUrl);
  const change = withMessages(records.incidents, records.messages, records.groups, tools.consoleUrl);
  const quiet = (nowMs: number): ((incident: Incident) => boolean) => {
    const { all, endOfAlert } = silences;
    return quietIncidents({ routing: setup.setup.routing, silences: all, endOfAlert, open: alerts.state.open }, nowMs);
  };
  const incidents = new IncidentKeeper({
    records: records.incidents,
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
    records: records.runbooks,
    incidents: () => incidents.all,
    own: () => setup.setup.runbooks,
    isKnown: (service) => controller.service(service) !== undefined,
    perform: (incident, step, signal) => performStep(steps, incident, step, signal),
    clock: systemClock,
    warn,
  });
  undo.push(() => runbooks.stop());
  undo.push(records.incidents.listen(() => runbooks.wake()));
  const page = openStatusPage(around, records, incidents, store, undo);
  const responder = new IncidentResponder({
    records: records.incidents,
    change,
    controller,
    objectives,
    budgetLeft: (running) => viewOf(world, running).budget.leftOfAllowance,
    runHook: ports.runHook,
    clock: systemClock,
    warn,
  });
  undo.push(() => responder.stop());
  const { tellNote, notifications } = openTelling(around, records, { ...page, notifierTools: tools, runbooks, quiet }, undo);
  const after = openAftermath(around, records, { ...page, incidents, notifierTools: tools }, undo);
  return { parts: { incidents, runbooks, ...page, ...after, notifications, notifierTools: tools }, tellNote };
}
