import type { IncidentRecord } from '../../incidents/events.ts';
import { systemClock } from '../../runtime/clock.ts';
import { Narrator } from '../../runtime/incidents/narrator.ts';
import { PostMortems } from '../../runtime/incidents/post-mortems.ts';
import { RoutingQuestions } from '../../runtime/incidents/routing-questions.ts';
import { expectedOf } from '../objectives/view.ts';
import type { ServerOptions } from '../options.ts';
import { eventsMax, incidentEvents, pastIncident } from '../read-model/incident-list.ts';
import type { IncidentRecords, IncidentSurroundings, Undo } from './surroundings.ts';

/** What comes after: post-mortems, narrations, and who was told and why. */
export function openAftermath(
  around: IncidentSurroundings,
  records: IncidentRecords,
  { incidents, statusPage, notifierTools: tools }: Pick<ServerOptions, 'incidents' | 'statusPage' | 'notifierTools'>,
  undo: Undo,
): Pick<ServerOptions, 'postMortems' | 'narrator' | 'routing'> {
  const { log, views, controller, ports, world, signals, silences, setup, onCall, readiness, warn } = around;
  const { objectives, alerts } = world;
  const { consoleUrl } = tools;
  const postMortems = new PostMortems({
    records: records.incidents,
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
    records: records.incidents,
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
    groups: records.groups,
    incidents,
    records: records.incidents,
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
  return { postMortems, narrator, routing };
}
