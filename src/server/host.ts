import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { alertSources as alertSourceKinds } from '../alert-sources/registry.ts';
import { systemCode, UserError } from '../errors.ts';
import type { FlagRoutes } from '../routers/router.ts';
import { AlertIntake } from '../runtime/alerts/alert-intake.ts';
import { AlertOutbox } from '../runtime/alerts/alert-outbox.ts';
import { alertRecording } from '../runtime/alerts/alert-records.ts';
import { AlertSources } from '../runtime/alerts/alert-sources.ts';
import { ReleaseWatch } from '../runtime/alerts/release-watch.ts';
import { openSeenMessages } from '../runtime/alerts/seen-messages.ts';
import { SignalWatch } from '../runtime/alerts/signal-watch.ts';
import { silenceRecording } from '../runtime/alerts/silence-records.ts';
import { Silences } from '../runtime/alerts/silences.ts';
import { systemClock } from '../runtime/clock.ts';
import { Controller } from '../runtime/controller.ts';
import { kinds } from '../runtime/documents.ts';
import { GroupKeeper } from '../runtime/group-keeper.ts';
import type { IncidentKeeper } from '../runtime/incidents/incident-keeper.ts';
import { SetupKeeper } from '../runtime/notifications/setup-keeper.ts';
import { setupRecording } from '../runtime/notifications/setup-records.ts';
import { CountStore } from '../runtime/objectives/count-store.ts';
import { gatesOf } from '../runtime/objectives/gates.ts';
import { ObjectiveKeeper } from '../runtime/objectives/objective-keeper.ts';
import { objectiveRecording } from '../runtime/objectives/objective-records.ts';
import { CalendarKeeper } from '../runtime/on-call/calendar-keeper.ts';
import { OnCallKeeper } from '../runtime/on-call/on-call-keeper.ts';
import { onCallRecording } from '../runtime/on-call/on-call-records.ts';
import type { Gates, Ports } from '../runtime/ports.ts';
import { type PublishingLog, publishing } from '../runtime/publishing-log.ts';
import { documentOf } from '../runtime/readiness/document-of.ts';
import { drill } from '../runtime/readiness/drill.ts';
import { EvidenceFiles } from '../runtime/readiness/evidence-files.ts';
import { checklistGates } from '../runtime/readiness/gates.ts';
import { ownViewOf } from '../runtime/readiness/own-view.ts';
import { ReadinessKeeper } from '../runtime/readiness/readiness-keeper.ts';
import { readinessRecording } from '../runtime/readiness/readiness-records.ts';
import { StableWatch } from '../runtime/readiness/stable-watch.ts';
import { type Recorded, RecordedState } from '../runtime/recorded-state.ts';
import { SignalKeeper } from '../runtime/signal-keeper.ts';
import { openSignalStore } from '../runtime/signal-store.ts';
import { type TellNote, timelineDeeds } from '../runtime/timeline/deeds.ts';
import { TimelineKeeper } from '../runtime/timeline/timeline-keeper.ts';
import { timelineRecording } from '../runtime/timeline/timeline-records.ts';
import { recentTraffic } from '../runtime/traffic.ts';
import { eventReaders, realPorts } from '../runtime/world.ts';
import type { ControllerSpec } from '../spec/controller.ts';
import { readSecretFile } from '../spec/text-file.ts';
import { lockDataFolder } from '../stores/data-folder.ts';
import { openSqliteLog } from '../stores/sqlite/index.ts';
import { OidcProvider } from './access/oidc/provider.ts';
import { linkOf, openAccess } from './access/open.ts';
import type { Cost } from './access/password.ts';
import type { Demo } from './demo.ts';
import { Flags } from './flags/flags.ts';
import { laterFlags } from './flags/routing.ts';
import { openAnswers } from './idempotency/answers.ts';
import { openIncidents } from './incidents/open-incidents.ts';
import { viewOf } from './objectives/view.ts';
import type { SendingLimits } from './options.ts';
import { auditTable } from './read-model/audit-table.ts';
import { incidentTable } from './read-model/incident-table.ts';
import { ReadModel } from './read-model/read-model.ts';
import { releaseTable } from './read-model/release-table.ts';
import { apiServer } from './server.ts';
import { recordSettings } from './settings/recorded.ts';

export type HostOptions = {
  readonly data: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly user: string;
  /** What hooks inherit. */
  readonly environment: NodeJS.ProcessEnv;
  /** File in the data folder that tells the command line how to reach the API. */
  readonly doorFile: string;
  readonly version: string;
  /** How the controller is set up. */
  readonly settings: ControllerSpec;
  /** The demo that may be started on this controller. */
  readonly demo: (controller: Controller) => Demo;
  /** Doors to the world other than the real ones, for measuring the controller and its API alone. */
  readonly ports?: Ports;
  /** See `ServerOptions`. */
  readonly checkAnswers?: boolean;
  /** How long clients may take to send; left out: as the server has it. */
  readonly sending?: SendingLimits;
  /** What a password's verifier costs; left out: what it has to cost outside of a test. */
  readonly passwordCost?: Cost;
  readonly warn: (service: string | null, text: string) => void;
};

/** A controller with its API on one data folder. */
export type Host = {
  readonly controller: Controller;
  readonly log: PublishingLog;
  /** Who is told of what. */
  readonly setup: SetupKeeper;
  readonly incidents: IncidentKeeper;
  readonly url: string;
  /** One-time link of the first admin, another one after each start; null once there is a user. */
  readonly setupLink: string | null;
  /** Resolves with the reason when the controller has stopped by itself: another one has taken over. */
  readonly stopped: Promise<string>;
  /** Stops controlling and answering; instances and routers stay as they are. */
  close(): Promise<void>;
};

/**
 * Starts a controller with its API. Holds the folder's lock while it runs.
 *
 * @throws UserError `E_ALREADY_RUNNING`, `E_DATA_FOLDER`, `E_LOG_…`, `E_PORT_TAKEN`, `E_ACCESS_STORE`; then nothing of it is left.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const folder = resolve(options.data);
  const lock = lockDataFolder(folder, options.user);
  const undo: (() => unknown)[] = [() => lock.close()];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const log = publishing(await openSqliteLog(join(folder, 'log.db')), (text) => options.warn(null, text));
    undo.push(() => log.close());
    let ended: (reason: string) => void = () => {};
    const stopped = new Promise<string>((resolve) => {
      ended = resolve;
    });
    const signals = new SignalKeeper(openSignalStore(join(folder, 'signals.db'), (text) => options.warn(null, text)));
    undo.push(() => signals.close());
    const gatesOpened = Promise.withResolvers<Gates>();
    const flagsOpened = Promise.withResolvers<FlagRoutes>();
    const readinessOpened = Promise.withResolvers<ReadinessKeeper>();
    const notesOpened = Promise.withResolvers<TellNote>();
    const ports =
      options.ports ??
      realPorts(
        folder,
        options.environment,
        (text) => options.warn(null, text),
        laterFlags(flagsOpened.promise),
        async (...asked) => (await gatesOpened.promise)(...asked),
      );
    const controller = await Controller.start({
      log,
      clock: systemClock,
      ports,
      owner: `${options.user}@${hostname()}`,
      newId: releaseId,
      warn: options.warn,
      signals,
      onStop: ended,
    });
    undo.push(() => controller.stop());
    const { token: fence } = controller.health;
    const recorded: Recorded = (recording) => RecordedState.caughtUp(recording, log, fence, systemClock.now);
    const alerts = await recorded(alertRecording);
    const silenceRecords = await recorded(silenceRecording);
    const silences = new Silences(silenceRecords, alerts);
    const objectiveRecords = await recorded(objectiveRecording);
    const objectives = await ObjectiveKeeper.open({
      store: new CountStore(join(folder, 'objectives.db'), (text) => options.warn(null, text)),
      records: objectiveRecords,
      alerts,
      services: () => controller.services,
      service: (name) => controller.service(name),
      readerOf: eventReaders(options.environment),
      clock: systemClock,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => objectives.stop());
    signals.listen(objectives);
    const world = { controller, objectives, alerts };
    gatesOpened.resolve(
      gatesOf({
        objectives,
        service: (name) => controller.service(name),
        wait: (ms, signal) => systemClock.after(ms, signal),
        traffic: (service) => recentTraffic(controller, service),
        budget: (running) => viewOf(world, running).budget,
        checklists: checklistGates({
          runs: { run: async (...asked) => (await readinessOpened.promise).run(...asked) },
          service: (name) => controller.service(name),
          drill: (service, ppm, signal) => drill({ controller, clock: systemClock }, service, ppm, signal),
        }),
        firing: ({ id }) =>
          [...alerts.state.open.values()].flatMap(({ objective, state, name, said }) =>
            objective === id && state === 'firing' ? [`${name} fires: ${said}`] : [],
          ),
      }),
    );
    const groups = await GroupKeeper.open({
      log,
      controller,
      clock: systemClock,
      newId: releaseId,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => groups.stop());
    const demo = options.demo(controller);
    undo.push(() => demo.stop());
    const token = randomBytes(32).toString('hex');
    let url = '';
    const access = await openAccess({
      log,
      token: fence,
      ownerToken: token,
      file: join(folder, 'access.db'),
      publicUrl: options.settings.publicUrl,
      sessions: options.settings.sessions,
      listensAt: () => url,
      now: systemClock.now,
      warn: (text) => options.warn(null, text),
      ...(options.passwordCost === undefined ? {} : { passwordCost: options.passwordCost }),
    });
    undo.push(() => access.close());
    const flags = await Flags.open(log, fence, systemClock.now);
    flagsOpened.resolve(flags.routing);
    const setupRecords = await recorded(setupRecording);
    const setup = new SetupKeeper(setupRecords, kinds, (text) => options.warn(null, text));
    const onCallRecords = await recorded(onCallRecording);
    const calendars = await CalendarKeeper.open({
      folder: join(folder, 'calendars'),
      setup,
      environment: options.environment,
      readSecret: readSecretFile,
      clock: systemClock,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => calendars.stop());
    const onCall = new OnCallKeeper(setup, onCallRecords, calendars);
    const own = (service: string) => ownViewOf({ ...world, flags: () => flags.state, onCall, clock: systemClock }, service);
    const readinessRecords = await recorded(readinessRecording);
    const readiness = ReadinessKeeper.open({
      records: readinessRecords,
      own,
      document: (service, version) => documentOf(controller.service(service), version)?.spec ?? null,
      secrets: (spec) => ports.secrets([spec]),
      environment: options.environment,
      readSecret: readSecretFile,
      clock: systemClock,
      newId: releaseId,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => readiness.stop());
    readinessOpened.resolve(readiness);
    const watch = new StableWatch({
      services: () => controller.services,
      runs: readiness,
      clock: systemClock,
      warn: options.warn,
    });
    undo.push(() => watch.stop());
    const timelineRecords = await recorded(timelineRecording);
    const timelines = new TimelineKeeper({
      records: timelineRecords,
      controller,
      deeds: timelineDeeds({
        runs: readiness,
        runHook: ports.runHook,
        environment: options.environment,
        own,
        tell: async (...asked) => await (await notesOpened.promise)(...asked),
        now: systemClock.now,
      }),
      clock: systemClock,
      newId: releaseId,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => timelines.stop());
    const views = await ReadModel.open({
      log,
      file: join(folder, 'views.db'),
      projections: [releaseTable, auditTable, incidentTable],
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => views.close());
    const around = {
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
      listensAt: () => url,
      environment: options.environment,
      publicUrl: options.settings.publicUrl,
      trustProxy: options.settings.trustProxy,
      warn: (text: string) => options.warn(null, text),
    };
    const response = await openIncidents(around, undo);
    const releaseWatch = new ReleaseWatch({
      log,
      alerts,
      services: () => controller.services,
      clock: systemClock,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => releaseWatch.stop());
    notesOpened.resolve(response.tellNote);
    const signalWatch = new SignalWatch({
      alerts,
      signals,
      services: () => controller.services,
      clock: systemClock,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => signalWatch.stop());
    const alertIntake = new AlertIntake({
      alerts,
      settings: options.settings.receivedAlerts,
      isService: (name) => controller.service(name) !== undefined,
      clock: systemClock,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => alertIntake.stop());
    const seen = openSeenMessages(join(folder, 'alert-messages.db'), (text) => options.warn(null, text));
    undo.push(() => seen.close());
    const alertSources = new AlertSources({
      sources: () => setup.setup.alertSources,
      plugins: alertSourceKinds,
      secret: response.parts.notifierTools.secret,
      intake: alertIntake,
      alerts,
      lastsMs: options.settings.receivedAlerts.webhookTimeoutMs,
      seen,
      clock: systemClock,
      warn: (text) => options.warn(null, text),
    });
    const alertOutbox = new AlertOutbox({
      alertmanagers: options.settings.alertmanagers,
      publicUrl: options.settings.publicUrl,
      environment: options.environment,
      alerts,
      clock: systemClock,
      warn: (text) => options.warn(null, text),
    });
    undo.push(() => alertOutbox.stop());
    await recordSettings(log, access.keeper, options.settings, options.user);
    const { oidc: oidcSettings } = options.settings;
    const oidc = oidcSettings && new OidcProvider(oidcSettings, options.environment, systemClock.now);
    const answers = openAnswers(join(folder, 'answers.db'), systemClock.now, (text) => options.warn(null, text));
    undo.push(() => answers.close());
    const app = apiServer({
      controller,
      groups,
      log,
      authenticator: access.authenticator,
      access,
      answers,
      demo,
      alerts,
      alertIntake,
      alertSources,
      alertOutbox,
      ...response.parts,
      flags,
      signals,
      silences,
      timelines,
      objectives,
      setup,
      onCall,
      readiness,
      evidence: new EvidenceFiles(join(folder, 'evidence')),
      oidc,
      views,
      settings: options.settings,
      dataFolder: folder,
      listenHost: options.listen.host,
      version: options.version,
      warn: (text) => options.warn(null, text),
      checkAnswers: options.checkAnswers ?? false,
      ...(options.sending === undefined ? {} : { sending: options.sending }),
    });
    undo.push(() => app.close());
    url = await listen(app, options.listen);
    writeDoor(join(folder, options.doorFile), { url, token, pid: process.pid });
    undo.push(() => rmSync(join(folder, options.doorFile), { force: true }));
    const code = access.administration.makeSetupCode();
    const setupLink = code === null ? null : linkOf(access, code);
    return { controller, log, setup, incidents: response.parts.incidents, url, setupLink, stopped, close: unwind };
  } catch (error) {
    await unwind();
    throw error;
  }
}

async function listen(app: ReturnType<typeof apiServer>, { host, port }: HostOptions['listen']): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE' && systemCode(error) !== 'EACCES') throw error;
    const what =
      systemCode(error) === 'EACCES' ? `may not listen on ${host}:${port}` : `${host}:${port} is taken by another program`;
    throw new UserError('E_PORT_TAKEN', what, {
      where: '--listen',
      fix: 'name another address with --listen HOST:PORT, or port 0 for any free one',
      cause: error,
    });
  }
}

/** In one piece, and for its own user only: whoever reads it may steer releases. */
function writeDoor(file: string, door: { url: string; token: string; pid: number }): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(door)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Sorts by time, and is short enough to be typed: `checkout-m5x2k1-7f`. */
function releaseId(service: string): string {
  return `${service}-${Date.now().toString(36)}-${randomBytes(2).toString('hex')}`;
}
