import type { NotifierTools } from '../notifiers/notifier.ts';
import type { AlertIntake } from '../runtime/alerts/alert-intake.ts';
import type { AlertOutbox } from '../runtime/alerts/alert-outbox.ts';
import type { AlertsRecorded } from '../runtime/alerts/alert-records.ts';
import type { AlertSources } from '../runtime/alerts/alert-sources.ts';
import type { Silences } from '../runtime/alerts/silences.ts';
import type { Controller } from '../runtime/controller.ts';
import type { GroupKeeper } from '../runtime/group-keeper.ts';
import type { IncidentKeeper } from '../runtime/incidents/incident-keeper.ts';
import type { Narrator } from '../runtime/incidents/narrator.ts';
import type { PostMortems } from '../runtime/incidents/post-mortems.ts';
import type { RoutingQuestions } from '../runtime/incidents/routing-questions.ts';
import type { RunbookKeeper } from '../runtime/incidents/runbook-keeper.ts';
import type { OutboxKeeper } from '../runtime/notifications/outbox-keeper.ts';
import type { SetupKeeper } from '../runtime/notifications/setup-keeper.ts';
import type { ObjectiveKeeper } from '../runtime/objectives/objective-keeper.ts';
import type { OnCallKeeper } from '../runtime/on-call/on-call-keeper.ts';
import type { PublishingLog } from '../runtime/publishing-log.ts';
import type { EvidenceFiles } from '../runtime/readiness/evidence-files.ts';
import type { ReadinessKeeper } from '../runtime/readiness/readiness-keeper.ts';
import type { SignalKeeper } from '../runtime/signal-keeper.ts';
import type { StatusKeeper } from '../runtime/status/status-keeper.ts';
import type { SubscriberKeeper } from '../runtime/status/subscriber-keeper.ts';
import type { TimelineKeeper } from '../runtime/timeline/timeline-keeper.ts';
import type { ControllerSpec } from '../spec/controller.ts';
import type { OidcProvider } from './access/oidc/provider.ts';
import type { Access } from './access/open.ts';
import type { Demo } from './demo.ts';
import type { Flags } from './flags/flags.ts';
import type { Answers } from './idempotency/answers.ts';
import type { Authenticator } from './principal.ts';
import type { ReadModel } from './read-model/read-model.ts';
import type { Subscribing } from './status/subscribe.ts';

/** What the API stands on. */
export type ServerOptions = {
  readonly controller: Controller;
  /** Services that are released together. */
  readonly groups: GroupKeeper;
  readonly log: PublishingLog;
  readonly authenticator: Authenticator;
  readonly access: Access;
  /** Answers to requests with an idempotency key. */
  readonly answers: Answers;
  readonly demo: Demo;
  /** Alerts of objectives, and of programs that tell us. */
  readonly alerts: AlertsRecorded;
  /** Where alerts of other programs come in. */
  readonly alertIntake: AlertIntake;
  /** The same for those that are signed. */
  readonly alertSources: AlertSources;
  /** Where alerts of objectives go out. */
  readonly alertOutbox: AlertOutbox;
  /** What alerts have become: incidents. */
  readonly incidents: IncidentKeeper;
  /** What was measured, found and written after them. */
  readonly postMortems: PostMortems;
  /** Who puts them into words, where an endpoint is set up for it. */
  readonly narrator: Narrator;
  /** Who is told of alerts, and why. */
  readonly routing: RoutingQuestions;
  /** Feature flags. */
  readonly flags: Flags;
  /** Alerts that are known and tell nobody for a while. */
  readonly silences: Silences;
  /** Golden signals of every service. */
  readonly signals: SignalKeeper;
  /** What customers see. */
  readonly statusPage: StatusKeeper;
  readonly subscribers: SubscriberKeeper;
  readonly subscribing: Subscribing;
  /** Planned releases. */
  readonly timelines: TimelineKeeper;
  /** What is done in incidents, step by step. */
  readonly runbooks: RunbookKeeper;
  /** What people and programs are told. */
  readonly notifications: OutboxKeeper;
  /** What receivers need of this machine. */
  readonly notifierTools: NotifierTools;
  /** Who is told of what. */
  readonly setup: SetupKeeper;
  /** Who is on call. */
  readonly onCall: OnCallKeeper;
  /** Objectives, and what they have counted. */
  readonly objectives: ObjectiveKeeper;
  /** Checklists: what was checked, claimed and signed. */
  readonly readiness: ReadinessKeeper;
  /** Files that people have given as proof. */
  readonly evidence: EvidenceFiles;
  /** Signing in through another provider; null: none is configured. */
  readonly oidc: OidcProvider | null;
  /** Lists of releases and of the audit. */
  readonly views: ReadModel;
  /** How the controller is set up. */
  readonly settings: ControllerSpec;
  /** Absolute path of the data folder. */
  readonly dataFolder: string;
  /** The host that it listens on, as given. */
  readonly listenHost: string;
  readonly version: string;
  readonly warn: (text: string) => void;
  /**
   * Whether each answer is checked against its schema before it is sent (default: no). For tests: an answer outside of it is our
   * mistake, and ends as one.
   */
  readonly checkAnswers?: boolean;
  /** How long clients may take to send; left out: `sendingLimits`. */
  readonly sending?: SendingLimits;
};

/** Longest that a client may take to send a request, and its head, and how often that is looked at. Milliseconds. */
export type SendingLimits = { readonly requestMs: number; readonly headMs: number; readonly lookMs: number };
