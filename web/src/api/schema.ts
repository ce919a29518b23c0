// Written by web/generate-types.ts from docs/openapi.json. Do not edit.

/** What an action did to the burn. */
export type ActionHelp = {
  readonly action: string;
  readonly tier: string;
  readonly factor: number;
  readonly shortMs: number;
  readonly before: SpanCounts;
  readonly after: SpanCounts;
  readonly verdict: ('helped' | 'no-help' | 'not-needed') | null;
};

export type ActionItem = {
  readonly id: string;
  readonly text: string;
  readonly owner: string;
  readonly due: string;
  readonly state: 'open' | 'done' | 'dropped';
  readonly proposal: string | null;
  readonly by: string;
  readonly createdAtMs: number;
  readonly closedAtMs: number | null;
};

export type ActionItemResult = { readonly done: boolean; readonly said: string; readonly item: string };

/** Something that somebody has to know of. Times are unix milliseconds. */
export type Alert = {
  readonly id: string;
  readonly key: string;
  readonly origin: 'objective' | 'signal' | 'release' | 'alertmanager' | 'source';
  readonly name: string;
  readonly service: string | null;
  readonly objective: string | null;
  readonly tier: string | null;
  readonly urgency: 'page' | 'chat' | 'email';
  readonly state: 'pending' | 'firing' | 'recovering' | 'resolved';
  readonly pendingAtMs: number;
  readonly firedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  readonly said: string;
  readonly silencedBy: string | null;
  readonly attribution: Attribution | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly url: string | null;
  readonly repeatedWithinMs?: number;
};

/** Who was told of an alert, who was not, and why. */
export type AlertExplanation = {
  readonly alert: {
    readonly id: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly firedAtMs: number;
    readonly resolvedAtMs: number | null;
  };
  readonly atMs: number;
  readonly nodes: readonly ExplainedNode[];
  readonly incidents: readonly string[];
  readonly messages: readonly ExplainedMessage[];
  readonly messageCount: number;
  readonly note: string | null;
};

/** A program whose alerts come in by a signed webhook, since the controller started. Times are unix milliseconds. */
export type AlertSource = {
  readonly name: string;
  readonly kind: string;
  readonly ok: boolean;
  readonly lastAtMs: number | null;
  readonly taken: number;
  readonly refused: number;
  readonly open: number;
  readonly lastProblem: { readonly atMs: number; readonly text: string } | null;
};

export type AlertSources = { readonly sources: readonly AlertSource[] };

/** An Alertmanager that is told of the alerts of objectives. Times are unix milliseconds. */
export type Alertmanager = {
  readonly url: string;
  readonly ok: boolean;
  readonly lastDeliveredAtMs: number | null;
  readonly lastProblem: { readonly atMs: number; readonly text: string } | null;
  readonly waiting: number;
};

/** As Alertmanager has it. */
export type AlertmanagerStatus = {
  readonly cluster: { readonly status: 'disabled' };
  readonly config: { readonly original: string };
  readonly uptime: string;
  readonly versionInfo: {
    readonly version: string;
    readonly branch: string;
    readonly buildDate: string;
    readonly buildUser: string;
    readonly goVersion: string;
    readonly revision: string;
  };
};

export type Alertmanagers = { readonly alertmanagers: readonly Alertmanager[]; readonly received: AlertsReceived };

/** Alerts, the open ones first, then the newest. */
export type Alerts = { readonly alerts: readonly Alert[]; readonly incidents: Readonly<Record<string, string>> };

/** What has come in since the controller started. */
export type AlertsReceived = {
  readonly lastAtMs: number | null;
  readonly lastBy: string | null;
  readonly truncated: { readonly atMs: number; readonly by: string; readonly count: number } | null;
};

/** What came of a message with alerts, in numbers of alerts. */
export type AlertsTaken = {
  readonly opened: number;
  readonly resolved: number;
  readonly repeated: number;
  readonly ours: number;
  readonly passed: number;
  readonly truncated: number;
  readonly notes: readonly string[];
};

export type AppliedSlos = { readonly applied: readonly string[]; readonly notes: readonly string[] };

/** Requests per second of the last seconds by method, by status and by endpoint, ids in paths replaced. null: not known. `folded`: endpoints and requests that are not told one by one. */
export type AskedFor = {
  readonly seconds: number;
  readonly byMethod: Readonly<Record<string, number>> | null;
  readonly byStatus: Readonly<Record<string, number>> | null;
  readonly endpoints:
    | readonly {
        readonly method: string | null;
        readonly endpoint: string | null;
        readonly requestsPerSecond: number;
        readonly errorShare: number | null;
        readonly p50: number | null;
        readonly p95: number | null;
        readonly p99: number | null;
      }[]
    | null;
  readonly folded: { readonly endpoints: number; readonly requestsPerSecond: number };
};

/** Where the bad events of an alert come from, by joining them with what was released. */
export type Attribution = {
  readonly release: { readonly id: string; readonly version: string; readonly stable: string | null } | null;
  readonly step: { readonly index: number; readonly text: string } | null;
  readonly versions: readonly VersionShare[];
  readonly said: string;
};

/** Entries of the audit, newest first. */
export type Audit = { readonly entries: readonly AuditEntry[]; readonly next: string | null };

/** What somebody has asked for or done. `at` is unix milliseconds. */
export type AuditEntry = {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly kind: string;
  readonly service: string | null;
  readonly release: string | null;
  readonly subject: string | null;
  readonly why: string;
  readonly from: Origin | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly said: string | null;
  readonly hash: string;
};

/** What was left of a budget over its period, and what was released in it. */
export type BurnDown = {
  readonly everyMs: number;
  readonly points: readonly BurnDownPoint[];
  readonly releases: readonly {
    readonly id: string;
    readonly version: string;
    readonly atMs: number;
    readonly outcome: string | null;
  }[];
  readonly sum: readonly string[];
};

/** `left`: of the allowance at its end (1 is all); null: not known. */
export type BurnDownPoint = {
  readonly fromMs: number;
  readonly bad: number;
  readonly total: number;
  readonly left: number | null;
};

/** One condition of a burn-rate policy. Shares are parts per million. */
export type BurnTier = {
  readonly name: string;
  readonly sharePpm: number;
  readonly longMs: number;
  readonly shortMs: number;
  readonly minBad: number;
  readonly forMs?: number;
  readonly tells: 'page' | 'chat' | 'email';
};

/** What a window holds. `burn`: times faster than evenly; null without events. */
export type BurnWindow = { readonly ms: number; readonly bad: number; readonly total: number; readonly burn: number | null };

/** A call that would be there, would not, or would come at another time. */
export type CallDifference = {
  readonly incident: string;
  readonly person: string | null;
  readonly notifier: string | null;
  readonly step: number;
  readonly kind: 'added' | 'removed' | 'earlier' | 'later';
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
  readonly isAtNight: boolean;
  readonly said: string;
};

/** What a change of the setup does to calls by escalation policies. */
export type CallsSimulation = {
  readonly incidents: number;
  readonly before: number;
  readonly after: number;
  readonly totals: readonly {
    readonly person: string | null;
    readonly notifier: string | null;
    readonly before: number;
    readonly after: number;
    readonly beforeAtNight: number;
    readonly afterAtNight: number;
  }[];
  readonly differences: readonly CallDifference[];
  readonly differenceCount: number;
};

/** A possible cause: evidence, never a judgement. */
export type Cause = {
  readonly id: string;
  readonly kind: 'release' | 'no-release' | 'dependency' | 'instances' | 'saturation' | 'similar';
  readonly strength: 'strong' | 'some' | 'weak' | 'against';
  readonly said: Text;
  readonly evidence: readonly { readonly text: Text; readonly seq: number | null }[];
  readonly refutedBy: Text;
};

/** Whether the hash chain is intact, or its first broken link. */
export type ChainReport =
  | { readonly kind: 'intact'; readonly events: number; readonly head: string }
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };

/** When the share of bad events has changed, and the time in which that lies. */
export type ChangePoint = {
  readonly atMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly before: SpanCounts;
  readonly after: SpanCounts;
};

/** The document in force: that of the stable version, else of the one on its way. */
export type Configuration = {
  readonly document: Readonly<Record<string, unknown>>;
  readonly version: string;
  readonly release: string;
};

/** The Controller document in force, with every default filled in. */
export type ControllerSettings = {
  readonly publicUrl: string | null;
  readonly trustProxy: readonly string[];
  readonly cors: { readonly origins: readonly string[] };
  readonly rateLimits: {
    readonly token: { readonly perMinute: number; readonly perHour: number };
    readonly user: { readonly perMinute: number };
    readonly anonymous: { readonly perMinute: number };
    readonly flags: { readonly perMinute: number };
    readonly alerts: { readonly perMinute: number };
  };
  readonly sessions: { readonly idleMs: number; readonly maxMs: number };
  readonly oidc: {
    readonly name: string;
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: { readonly env: string } | { readonly file: string };
    readonly scopes: readonly string[];
    readonly nameClaim: string;
    readonly roles: readonly {
      readonly claim: string;
      readonly equals: string;
      readonly role: 'viewer' | 'reporter' | 'operator' | 'approver' | 'admin';
      readonly services: '*' | readonly string[];
    }[];
  } | null;
  readonly streams: { readonly max: number };
  readonly alertmanagers: readonly {
    readonly url: string;
    readonly headers: Readonly<
      Record<
        string,
        string | { readonly env: string; readonly prefix: string } | { readonly file: string; readonly prefix: string }
      >
    >;
    readonly basic?: {
      readonly user: string;
      readonly password: { readonly env: string; readonly prefix: string } | { readonly file: string; readonly prefix: string };
    };
    readonly tls?: {
      readonly ca?: string;
      readonly cert?: string;
      readonly key?: string;
      readonly serverName?: string;
      readonly insecure?: true;
    };
    readonly timeoutMs: number;
    readonly intervalMs: number;
    readonly resolveTimeoutMs: number;
    readonly generatorUrl: string | null;
  }[];
  readonly receivedAlerts: {
    readonly resolveTimeoutMs: number;
    readonly webhookTimeoutMs: number;
    readonly serviceLabels: readonly string[];
    readonly severityLabel: string;
    readonly page: readonly string[];
    readonly chat: readonly string[];
    readonly max: number;
  };
};

/** Time that does not count, with its reason. */
export type Correction = {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
  readonly by: string;
  readonly bad: number;
  readonly total: number;
};

export type Demo = {
  readonly state: 'absent' | 'running' | 'over' | 'ended' | 'failed';
  readonly said: string | null;
  readonly service: string | null;
};

export type Detection = {
  readonly alert: string;
  readonly said: string;
  readonly origin: string;
  readonly latencyMs: number | null;
  readonly before: SpanCounts | null;
  readonly ofBudget: number | null;
};

/** The four keys of DORA for one service. docs/guides/audit.md says what counts. */
export type Dora = {
  readonly days: number;
  readonly deployments: number;
  readonly perDay: number;
  readonly leadTimeMs: { readonly median: number | null; readonly known: number };
  readonly changeFailure: { readonly rate: number | null; readonly failed: number; readonly total: number };
  readonly restoreMs: { readonly median: number | null; readonly count: number };
};

/** An error budget over the period of its objective. */
export type ErrorBudget = {
  readonly allowedEvents: number;
  readonly badEvents: number;
  readonly totalEvents: number;
  readonly leftOfAllowance: number | null;
  readonly leftOfObserved: number | null;
  readonly leftMinutes: number | null;
  readonly leftEvents: number | null;
};

/** Who would be told of an incident that nobody answers, and when. */
export type Escalation = {
  readonly policy: string;
  readonly severity: 'P0' | 'P1' | 'P2';
  readonly timeZone: string;
  readonly told: readonly {
    readonly atMs: number;
    readonly step: number;
    readonly round: number;
    readonly receivers: readonly { readonly person: string | null; readonly notifier: string; readonly to?: string | null }[];
  }[];
};

/** A message about an alert as it is on record, and what became of it. */
export type ExplainedMessage = {
  readonly key: string;
  readonly atMs: number;
  readonly person: string | null;
  readonly notifier: string;
  readonly step: number | null;
  readonly state: 'queued' | 'delivered' | 'refused' | 'cancelled';
  readonly said: string;
  readonly group?: string;
  readonly incident: string;
  readonly reason:
    | ('FirstNotification' | 'NewAlertsInGroup' | 'AllAlertsResolved' | 'NewResolvedAlerts' | 'RepeatIntervalElapsed')
    | null;
  readonly endedAtMs: number | null;
  readonly text: string;
};

/** What becomes of an alert at a node of the routing tree that takes it. */
export type ExplainedNode = {
  readonly place: string;
  readonly group: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly policy: string | null;
  readonly notifiers: readonly string[];
  readonly toldCount: number;
  readonly nextMs: number | null;
  readonly told: readonly {
    readonly atMs: number;
    readonly reason:
      | 'FirstNotification'
      | 'NewAlertsInGroup'
      | 'AllAlertsResolved'
      | 'NewResolvedAlerts'
      | 'RepeatIntervalElapsed';
    readonly firing: number;
    readonly isOver: boolean;
    readonly why: string;
  }[];
  readonly standing: {
    readonly kind: 'to-come' | 'over' | 'by-policy' | 'still' | 'grouped' | 'news-waits' | 'repeat-not-due';
    readonly still: ('nobody' | 'spoken-for' | 'inhibited' | 'inactive' | 'muted' | 'silenced') | null;
    readonly untilMs: number | null;
    readonly said: string;
  };
  readonly said: readonly string[];
};

/** A record of the log, with all that is hashed. */
export type ExportedRecord = {
  readonly seq: number;
  readonly stream: string;
  readonly version: number;
  readonly at: number;
  readonly kind: string;
  readonly release: string | null;
  readonly actor: string;
  readonly data: string;
  readonly hidden: boolean;
  readonly previous: string;
  readonly hash: string;
};

export type Finding = { readonly what: string; readonly ok: boolean; readonly detail: string };

/** A feature flag, with all that its document says. */
export type Flag = {
  readonly key: string;
  readonly set: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly said: string;
  readonly level: FlagLevel | null;
  readonly route: FlagRoute | null;
  readonly defaultVariant: string;
  readonly offVariant: string;
  readonly isTargeted: boolean;
  readonly exposures: {
    readonly variants: readonly { readonly variant: string; readonly single: number; readonly bulk: number }[];
    readonly errors: number;
  };
  readonly variants: Readonly<Record<string, unknown>>;
  readonly targeting: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
};

/** Where somebody has put a flag. Of those who do not have the variant of a share, all have the off variant. */
export type FlagLevel = {
  readonly level: { readonly kind: 'off' } | { readonly kind: 'share'; readonly variant: string; readonly sharePpm: number };
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
};

export type FlagResults = { readonly counted: boolean };

/** How releases of a service give a flag out. */
export type FlagRoute = {
  readonly service: string;
  readonly stable: string | null;
  readonly candidate: string | null;
  readonly percent: number;
  readonly atMs: number;
};

/** A flag in a list. */
export type FlagRow = {
  readonly key: string;
  readonly set: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly said: string;
  readonly level: FlagLevel | null;
  readonly route: FlagRoute | null;
  readonly defaultVariant: string;
  readonly offVariant: string;
  readonly isTargeted: boolean;
  readonly exposures: {
    readonly variants: readonly { readonly variant: string; readonly single: number; readonly bulk: number }[];
    readonly errors: number;
  };
};

/** What applying a set changes, by keys of flags. */
export type FlagSetChanges = {
  readonly name: string;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
};

export type FlagSetsApplied = { readonly dryRun: boolean; readonly sets: readonly FlagSetChanges[] };

export type Flags = { readonly flags: readonly FlagRow[] };

/** As Alertmanager has it. */
export type GettableSilence = {
  readonly id: string;
  readonly status: { readonly state: 'pending' | 'active' | 'expired' };
  readonly updatedAt: string;
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
};

/** A signal of the last minute against its levels, in the same unit: milliseconds, a share (0–1) of `limit`, or a number of `of` (B: bytes). Nothing that is not known is ok. */
export type GoldenSignal = {
  readonly name: string;
  readonly title: string;
  readonly unit: 'ms' | 'share' | 'number';
  readonly of: string | null;
  readonly value: number | null;
  readonly used: number | null;
  readonly limit: number | null;
  readonly levels: { readonly target: number | null; readonly warning: number | null; readonly critical: number | null };
  readonly state: 'critical' | 'warning' | 'unknown' | 'ok' | 'no-traffic' | 'unjudged';
  readonly sentence: string;
};

/** A role on some services, or on all (`*`). */
export type GrantAnswer = {
  readonly role: 'viewer' | 'reporter' | 'operator' | 'approver' | 'admin';
  readonly services: '*' | readonly string[];
};

/** A role on some services, or on all. */
export type GrantInput = {
  readonly role: 'viewer' | 'reporter' | 'operator' | 'approver' | 'admin';
  readonly services: '*' | readonly string[];
};

/** Services that are released together. */
export type Group = { readonly name: string; readonly live: GroupRelease | null; readonly ended: readonly GroupRelease[] };

export type GroupMember = {
  readonly service: string;
  readonly version: string;
  readonly before: string | null;
  readonly after: readonly string[];
  readonly state:
    | 'skipped'
    | 'waiting'
    | 'releasing'
    | 'ready'
    | 'promoting'
    | 'promoted'
    | 'baked'
    | 'finishing'
    | 'stable'
    | 'going-back'
    | 'back'
    | 'not-back';
  readonly release: string | null;
};

/** What a release of a group would do, in order. */
export type GroupPlan = {
  readonly group: string;
  readonly barrierMs: number;
  readonly warnings: readonly string[];
  readonly members: readonly {
    readonly service: string;
    readonly after: readonly string[];
    readonly skipped: boolean;
    readonly plan: Plan;
  }[];
};

/** One release of a group. Times are unix milliseconds. */
export type GroupRelease = {
  readonly id: string;
  readonly group: string;
  readonly by: string;
  readonly why: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly state: 'gathering' | 'promoting' | 'finishing' | 'rolling-back' | 'succeeded' | 'rolled-back' | 'rollback-failed';
  readonly doing: string;
  readonly verdict: ('pass' | 'fail') | null;
  readonly cause: { readonly service: string | null; readonly sentence: string } | null;
  readonly outcome: ('succeeded' | 'rolled-back' | 'rollback-failed') | null;
  readonly members: readonly GroupMember[];
};

/** A release of a group that is on record and has begun. */
export type GroupStarted = {
  readonly release: string;
  readonly group: string;
  readonly members: readonly { readonly service: string; readonly version: string; readonly skipped: boolean }[];
};

export type GuardPolicy = {
  readonly errors: { readonly worseByPpm: number; readonly maxPpm: number; readonly warnPpm?: number | null };
  readonly latency: readonly {
    readonly quantilePpm: number;
    readonly worseByPpm: number | null;
    readonly maxMs: number | null;
    readonly warnMs?: number | null;
  }[];
  readonly metrics?: readonly (
    | {
        readonly kind: 'ratio';
        readonly name: string;
        readonly worseByPpm: number | null;
        readonly maxPpm: number | null;
        readonly warnPpm: number | null;
      }
    | {
        readonly kind: 'gauge';
        readonly name: string;
        readonly worseByPpm: number | null;
        readonly max: number | null;
        readonly warn: number | null;
        readonly forS: number;
      }
  )[];
  readonly judge?: {
    readonly kind: 'kayenta';
    readonly valueS: number;
    readonly everyS: number;
    readonly passMin: number;
    readonly marginalMin: number;
  };
  readonly shareWithinPpm?: number;
  readonly minRequests: number;
};

/** A receiver that still shows something as open: end it there by hand. */
export type HandOver = {
  readonly notifier: string;
  readonly to: string | null;
  readonly thread: string;
  readonly incident: string | null;
  readonly title: string;
  readonly atMs: number;
  readonly why: string;
};

export type Health = { readonly status: 'ok'; readonly version: string };

export type ImpactLine = {
  readonly counts: ObjectiveImpact;
  readonly expectedBad: number | null;
  readonly excessBad: number | null;
  readonly allowed: number;
  readonly ofBudget: number | null;
  readonly excessOfBudget: number | null;
  readonly byVersion: readonly {
    readonly version: string;
    readonly bad: number;
    readonly total: number;
    readonly ofBudget: number | null;
  }[];
};

/** One disturbance, from its first alert to its review. Times are unix milliseconds. */
export type Incident = {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly severity: 'P0' | 'P1' | 'P2';
  readonly severityBy: string | null;
  readonly service: string | null;
  readonly state: 'open' | 'acknowledged' | 'mitigated' | 'resolved' | 'reviewed';
  readonly openedBy: string | null;
  readonly policy: string | null;
  readonly startedAtMs: number;
  readonly startedBy: string | null;
  readonly openedAtMs: number;
  readonly toldAtMs: number | null;
  readonly acknowledgedAtMs: number | null;
  readonly mitigatedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  readonly reopenedAtMs: number | null;
  readonly reviewedAtMs: number | null;
  readonly ack: { readonly by: string; readonly untilMs: number; readonly forMs: number } | null;
  readonly alerts: readonly IncidentAlert[];
  readonly alertCount: number;
  readonly firing: number;
  readonly recovering: number;
  readonly attribution: Attribution | null;
  readonly actions: readonly ResponderAction[];
  readonly person: { readonly atMs: number; readonly why: string } | null;
  readonly told: readonly Told[];
  readonly room: IncidentRoom | null;
  readonly notes: readonly IncidentNote[];
};

/** An alert of an incident. */
export type IncidentAlert = {
  readonly id: string;
  readonly key: string;
  readonly origin: 'objective' | 'signal' | 'release' | 'alertmanager' | 'source';
  readonly name: string;
  readonly service: string | null;
  readonly urgency: 'page' | 'chat' | 'email';
  readonly said: string;
  readonly url: string | null;
  readonly sinceMs: number;
  readonly firedAtMs: number;
  readonly isRecovering: boolean;
  readonly resolvedAtMs: number | null;
};

export type IncidentClock = {
  readonly name: 'started' | 'detected' | 'told' | 'acknowledged' | 'mitigated' | 'ended';
  readonly atMs: number | null;
  readonly lagMs: number | null;
  readonly basis: ('counts' | 'record' | 'person') | null;
  readonly change: ChangePoint | null;
  readonly seq: number | null;
};

/** What happened in an incident, oldest first. */
export type IncidentEvents = {
  readonly events: readonly {
    readonly seq: number;
    readonly at: number;
    readonly kind: string;
    readonly actor: string;
    readonly hash: string;
    readonly said: string;
  }[];
};

/** A message about an incident, without the addresses of people. */
export type IncidentMessage = {
  readonly key: string;
  readonly event: string;
  readonly severity: string;
  readonly title: string;
  readonly notifier: string;
  readonly state: 'waiting' | 'under-way' | 'delivered' | 'refused' | 'given-up' | 'cancelled';
  readonly queuedAtMs: number;
  readonly endedAtMs: number | null;
  readonly attempts: number;
  readonly said: string;
  readonly nextMs: number | null;
  readonly isBundled: boolean;
};

/** Messages about one incident, as far as they are still kept. */
export type IncidentMessages = { readonly messages: readonly IncidentMessage[] };

export type IncidentNote = { readonly id: string; readonly atMs: number; readonly by: string; readonly text: string };

export type IncidentOpened = { readonly id: string; readonly done: boolean; readonly said: string };

/** The war room of an incident: a channel of its own at a receiver. */
export type IncidentRoom = {
  readonly number: number;
  readonly notifier: string;
  readonly state: 'open' | 'archived' | 'failed';
  readonly channel: string | null;
  readonly name: string | null;
  readonly url: string | null;
  readonly atMs: number;
  readonly said: string;
};

/** An incident in a list. Times are unix milliseconds. */
export type IncidentRow = {
  readonly id: string;
  readonly title: string;
  readonly severity: 'P0' | 'P1' | 'P2';
  readonly service: string | null;
  readonly state: 'open' | 'acknowledged' | 'mitigated' | 'resolved' | 'reviewed';
  readonly startedAtMs: number;
  readonly openedAtMs: number;
  readonly acknowledgedAtMs: number | null;
  readonly mitigatedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  readonly ack: { readonly by: string; readonly untilMs: number; readonly forMs: number } | null;
  readonly alertCount: number;
  readonly firing: number;
  readonly release: string | null;
  readonly action: ResponderAction | null;
  readonly person: { readonly atMs: number; readonly why: string } | null;
};

/** A runbook in an incident, with what its steps have told. */
export type IncidentRunbook = {
  readonly name: string;
  readonly title: string;
  readonly attachedAtMs: number;
  readonly steps: readonly {
    readonly number: number;
    readonly title: string;
    readonly text: string | null;
    readonly dueAtMs: number;
    readonly does: 'person' | 'look' | 'check';
    readonly what: string | null;
    readonly outcome: {
      readonly atMs: number;
      readonly by: string;
      readonly state: 'told' | 'failed' | 'done';
      readonly said: string;
      readonly lines: readonly string[];
      readonly tookMs: number;
    } | null;
  }[];
};

/** Who is told of what: the documents in force, and what is in them. */
export type IncidentSetup = {
  readonly version: number;
  readonly appliedAtMs: number | null;
  readonly by: string;
  readonly why: string;
  readonly files: readonly SetupFile[];
  readonly notifiers: readonly { readonly name: string; readonly kind: string }[];
  readonly people: readonly string[];
  readonly schedules: readonly string[];
  readonly policies: readonly string[];
  readonly routing: string | null;
  readonly runbooks: readonly string[];
  readonly statusPage: string | null;
  readonly alertSources: readonly { readonly name: string; readonly kind: string }[];
  readonly narration: string | null;
  readonly releaseNotices: string | null;
};

export type Incidents = { readonly incidents: readonly IncidentRow[]; readonly next: string | null };

export type Instance = {
  readonly id: string;
  readonly version: string;
  readonly address: string;
  readonly state: string;
  readonly restarts: number;
  readonly problem: string | null;
};

/** The last lines that an instance has written, oldest first, without secrets. */
export type InstanceLog = { readonly lines: readonly string[] };

/** What a burn-rate alert would have done. */
export type JudgedTier = {
  readonly tier: BurnTier;
  readonly detectedMs: number | null;
  readonly falseAlarms: number;
  readonly judgedMs: number;
};

/** Alerts that would have told of an incident earlier, and at what price in false alarms. */
export type Lessons = {
  readonly lessons: readonly {
    readonly id: string;
    readonly objective: string;
    readonly change: Text;
    readonly now: JudgedTier;
    readonly then: JudgedTier;
    readonly earlierMs: number;
    readonly extraFalseAlarms: number;
    readonly diff: string;
  }[];
  readonly cases: readonly {
    readonly kind: 'rampart-detection-case';
    readonly version: 1;
    readonly incident: string;
    readonly objective: string;
    readonly targetPpm: number;
    readonly windowMs: number;
    readonly tier: string;
    readonly startedAtMs: number;
    readonly withinMs: number;
    readonly counts: readonly (readonly [number, number, number, number])[];
  }[];
};

/** A one-time link for a password; good for 24 hours. */
export type Link = { readonly link: string };

export type Mark =
  | { readonly second: number; readonly weight: number; readonly step: number; readonly kind: 'step' }
  | {
      readonly second: number;
      readonly weight: number;
      readonly step: number;
      readonly kind: 'verdict';
      readonly verdict: 'pass' | 'fail' | 'undecided' | 'blind';
      readonly sentence: string;
    }
  | {
      readonly second: number;
      readonly weight: number;
      readonly step: number;
      readonly kind: 'abort';
      readonly sentence: string;
    };

export type MetricVerdict = {
  readonly metric: string;
  readonly test: 'comparison' | 'limit' | 'data';
  readonly kind: 'pass' | 'fail' | 'undecided' | 'blind';
  readonly sentence: string;
  readonly said: Said;
  readonly candidate: { readonly bad: number; readonly n: number };
  readonly stable: { readonly bad: number; readonly n: number } | null;
  readonly logEvidence: number | null;
  readonly logThreshold: number | null;
};

/** What a model has made of the events of an incident: each sentence cites events and was checked against them. Not proven. */
export type Narration = {
  readonly model: string;
  readonly language: 'en' | 'ru';
  readonly sentences: readonly { readonly text: string; readonly seqs: readonly number[] }[];
  readonly dropped: {
    readonly uncited?: number;
    readonly 'unknown-event'?: number;
    readonly number?: number;
    readonly name?: number;
    readonly markup?: number;
    readonly length?: number;
    readonly secret?: number;
    readonly repeated?: number;
  };
  readonly facts: number;
  readonly uptoSeq: number;
  readonly atMs: number;
};

/** What was narrated of an incident. */
export type NarrationStory = {
  readonly model: string | null;
  readonly pending: { readonly by: string; readonly atMs: number; readonly model: string } | null;
  readonly narration: Narration | null;
  readonly failure: { readonly atMs: number; readonly why: string } | null;
  readonly leftOut: string;
};

export type Need = {
  readonly kind: 'rollback-failed' | 'unhealthy' | 'approval' | 'held' | 'paused' | 'rolled-back' | 'rejected';
  readonly sentence: string;
  readonly release: string | null;
};

export type Noticed = {
  readonly smallestRisePpm: number | null;
  readonly noticedAfter: readonly { readonly risePpm: number; readonly seconds: number | null }[];
};

export type Notifications = {
  readonly receivers: readonly Receiver[];
  readonly messages: readonly OutboxMessage[];
  readonly handedOver: readonly HandOver[];
};

/** An objective as it is now. Times are unix milliseconds. */
export type Objective = {
  readonly id: string;
  readonly service: string | null;
  readonly objective: ObjectiveSpec;
  readonly source: string;
  readonly state: 'ok' | 'breaching' | 'no-traffic' | 'no-data';
  readonly notes: readonly string[];
  readonly period: { readonly fromMs: number; readonly toMs: number };
  readonly known: number;
  readonly ratio: number | null;
  readonly budget: ErrorBudget;
  readonly budgetWithoutCorrections: ErrorBudget | null;
  readonly corrections: readonly Correction[];
  readonly burn: number | null;
  readonly exhaustedInMs: number | null;
  readonly tiers: readonly ObjectiveTier[];
  readonly versions: readonly {
    readonly sinceMs: number;
    readonly targetPpm: number;
    readonly windowMs: number;
    readonly by: string;
  }[];
  readonly byVersion: readonly {
    readonly version: string;
    readonly bad: number;
    readonly total: number;
    readonly ofBudget: number | null;
  }[];
};

/** What an objective counts in its source. */
export type ObjectiveEvents =
  | { readonly kind: 'ratio'; readonly count: 'good' | 'bad'; readonly query: string; readonly total: string }
  | { readonly kind: 'classic' | 'native'; readonly query: string; readonly unitMs: number };

/** What users of one objective have suffered, in integers. */
export type ObjectiveImpact = {
  readonly id: string;
  readonly name: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  readonly expected: number;
  readonly during: SpanCounts;
  readonly versions: readonly VersionShare[];
  readonly baseline: SpanCounts | null;
  readonly beforeDetected: SpanCounts;
  readonly knownMs: number;
  readonly missedMs: number;
  readonly cellS: number;
  readonly leftOut: { readonly bad: number; readonly total: number };
  readonly help: readonly ActionHelp[];
  readonly series: readonly SpanCounts[];
};

export type ObjectiveSight = {
  readonly name: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  readonly belowMs: number | null;
  readonly pagingBurn: number;
  readonly neededRisePpm: number;
  readonly seen: boolean | null;
  readonly unseen: { readonly risePpm: number; readonly burn: number; readonly costPpm: number } | null;
  readonly exhaustedAfterS: number | null;
  readonly weight: number;
  readonly stepS: number;
  readonly remedy:
    | { readonly kind: 'margin' }
    | { readonly kind: 'exposure'; readonly seconds: number | null; readonly weight: number | null }
    | null;
};

/** What an objective asks, as its document says it. */
export type ObjectiveSpec = {
  readonly name: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  readonly belowMs: number | null;
  readonly calendar?: { readonly unit: 'day' | 'week' | 'month' | 'quarter' | 'year'; readonly zone: string };
  readonly events?: ObjectiveEvents;
  readonly slices?: { readonly everyMs: number; readonly targetPpm: number };
  readonly alerts?: readonly BurnTier[];
};

/** One burn-rate alert of an objective as it is now. */
export type ObjectiveTier = {
  readonly name: string;
  readonly tells: 'page' | 'chat' | 'email';
  readonly state: 'ok' | 'breaching' | 'no-traffic' | 'no-data';
  readonly alert: 'quiet' | 'pending' | 'firing' | 'recovering';
  readonly silencedBy: string | null;
  readonly factor: number;
  readonly minBad: number;
  readonly long: BurnWindow;
  readonly short: BurnWindow;
};

export type Objectives = { readonly objectives: readonly Objective[] };

/** Why no flag has a value for somebody. */
export type OfrepBulkFailure = {
  readonly errorCode: 'PARSE_ERROR' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'GENERAL';
  readonly errorDetails: string;
};

/** What a flag is for somebody. DISABLED: it is switched off. */
export type OfrepEvaluation = {
  readonly key: string;
  readonly value: boolean | string | number | Readonly<Record<string, unknown>>;
  readonly reason: 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED';
  readonly variant: string;
  readonly metadata: Readonly<Record<string, boolean | string | number>>;
};

export type OfrepEvaluations = { readonly flags: readonly (OfrepEvaluation | OfrepFailure)[] };

/** Why a flag has no value for somebody. */
export type OfrepFailure = {
  readonly key: string;
  readonly errorCode: 'PARSE_ERROR' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'GENERAL';
  readonly errorDetails: string;
};

/** There is no such flag, or it is DISABLED in its document. */
export type OfrepNotFound = { readonly key: string; readonly errorCode: 'FLAG_NOT_FOUND'; readonly errorDetails: string };

/** Who is on call of a schedule. */
export type OnCall = {
  readonly schedule: string;
  readonly timeZone: string;
  readonly atMs: number;
  readonly now: Shift;
  readonly next: Shift | null;
  readonly shifts: readonly Shift[];
};

/** Something that would go wrong when it matters. */
export type OnCallFinding = {
  readonly kind:
    | 'unknown-name'
    | 'empty-schedule'
    | 'gap'
    | 'no-contact'
    | 'no-step'
    | 'unreachable-step'
    | 'one-contact'
    | 'same-again'
    | 'vain-swap'
    | 'calendar';
  readonly level: 'error' | 'warning';
  readonly document: { readonly kind: 'Person' | 'Schedule' | 'EscalationPolicy'; readonly name: string };
  readonly path: string;
  readonly text: string;
  readonly time: { readonly fromMs: number; readonly untilMs: number } | null;
};

export type OnCallFindings = {
  readonly findings: readonly OnCallFinding[];
  readonly schedules: readonly string[];
  readonly policies: readonly string[];
};

/** Who is on call of each schedule, and what was asked for beside the documents. */
export type OnCallSchedules = { readonly schedules: readonly OnCall[]; readonly overrides: readonly StandingOverride[] };

/** An action item that is to be done. `isLate`: its day is over. */
export type OpenActionItem = {
  readonly incident: string;
  readonly title: string;
  readonly service: string | null;
  readonly id: string;
  readonly text: string;
  readonly owner: string;
  readonly due: string;
  readonly isLate: boolean;
};

export type OpenActionItems = { readonly items: readonly OpenActionItem[] };

/** From where something was asked. */
export type Origin = {
  readonly address: string;
  readonly via: 'owner' | 'session' | 'token';
  readonly credential: string | null;
};

/** A message at one receiver. Times are unix milliseconds. */
export type OutboxMessage = {
  readonly key: string;
  readonly event: string;
  readonly severity: string;
  readonly title: string;
  readonly notifier: string;
  readonly state: 'waiting' | 'under-way' | 'delivered' | 'refused' | 'given-up' | 'cancelled';
  readonly queuedAtMs: number;
  readonly endedAtMs: number | null;
  readonly attempts: number;
  readonly said: string;
  readonly nextMs: number | null;
  readonly id: string;
  readonly thread: string;
  readonly to: string | null;
  readonly incident: string | null;
  readonly bundle: string | null;
};

/** Every service in a line, what needs a person first. Times are unix milliseconds. */
export type Overview = { readonly nowMs: number; readonly services: readonly OverviewRow[] };

export type OverviewRow = {
  readonly name: string;
  readonly owner: string | null;
  readonly stable: { readonly version: string; readonly sinceMs: number } | null;
  readonly live: {
    readonly id: string;
    readonly version: string;
    readonly state:
      | 'queued'
      | 'validating'
      | 'awaiting-approval'
      | 'preparing'
      | 'progressing'
      | 'promoting'
      | 'baking'
      | 'retiring'
      | 'held'
      | 'rolling-back'
      | 'rollback-failed'
      | 'succeeded'
      | 'rolled-back'
      | 'rejected'
      | 'cancelled'
      | 'superseded';
    readonly doing: string;
    readonly weight: number;
    readonly by: string;
  } | null;
  readonly health: ServiceHealth;
  readonly signals: Signals | null;
  readonly needs: readonly Need[];
};

/** What a release would do, and what its guard would see. Times are milliseconds. */
export type Plan = {
  readonly service: string;
  readonly stable: string | null;
  readonly candidate: string;
  readonly strategy: 'rolling' | 'canary' | 'blueGreen' | 'flag' | 'first' | 'restore';
  readonly steps: readonly PlanStep[];
  readonly shortestMs: number;
  readonly guard: readonly string[];
  readonly deadlines: readonly string[];
  readonly warnings: readonly string[];
  readonly traffic: ServiceTraffic | null;
  readonly assumed: readonly string[];
  readonly objectives: readonly ObjectiveSight[];
  readonly unseen: PlanSight | null;
};

export type PlanSight =
  | {
      readonly kind: 'objectives';
      readonly worst: {
        readonly name: string;
        readonly targetPpm: number;
        readonly windowMs: number;
        readonly belowMs: number | null;
        readonly pagingBurn: number;
        readonly neededRisePpm: number;
        readonly seen: false;
        readonly unseen: { readonly risePpm: number; readonly burn: number; readonly costPpm: number };
        readonly exhaustedAfterS: number;
        readonly weight: number;
        readonly stepS: number;
        readonly remedy:
          | { readonly kind: 'margin' }
          | { readonly kind: 'exposure'; readonly seconds: number | null; readonly weight: number | null };
      };
      readonly others: readonly {
        readonly name: string;
        readonly targetPpm: number;
        readonly windowMs: number;
        readonly belowMs: number | null;
        readonly pagingBurn: number;
        readonly neededRisePpm: number;
        readonly seen: false;
        readonly unseen: { readonly risePpm: number; readonly burn: number; readonly costPpm: number };
        readonly exhaustedAfterS: number;
        readonly weight: number;
        readonly stepS: number;
        readonly remedy:
          | { readonly kind: 'margin' }
          | { readonly kind: 'exposure'; readonly seconds: number | null; readonly weight: number | null };
      }[];
    }
  | {
      readonly kind: 'weak';
      readonly weight: number;
      readonly stepS: number;
      readonly smallestRisePpm: number | null;
      readonly usefulRisePpm: number;
    };

export type PlanStep = {
  readonly text: string;
  readonly kind:
    | 'approve'
    | 'backup'
    | 'migrate'
    | 'match'
    | 'weight'
    | 'observe'
    | 'pause'
    | 'scale'
    | 'barrier'
    | 'hook'
    | 'gate'
    | 'promote'
    | 'bake'
    | 'retire';
  readonly beforeStart: boolean;
  readonly weight: number;
  readonly minMs: number;
  readonly maxMs: number | null;
  readonly deadline: string | null;
  readonly sight: {
    readonly sentences: readonly string[];
    readonly noticed: Sight;
    readonly objectives: readonly StepObjective[];
  } | null;
};

/** One line of the timeline of a planned release. */
export type PlannedEntry = {
  readonly id: string;
  readonly atMs: number;
  readonly title: string;
  readonly role: string;
  readonly does: 'checklist' | 'check' | 'hook' | 'notify' | 'start';
  readonly what: string | null;
  readonly state: 'planned' | 'due' | 'running' | 'done' | 'failed' | 'missed' | 'skipped' | 'cancelled';
  readonly late: boolean;
  readonly detail: string | null;
  readonly by: string | null;
  readonly run: string | null;
  readonly endedAtMs: number | null;
};

/** A release with a moment at which it is to start. Times are unix milliseconds. */
export type PlannedRelease = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  readonly plannedAtMs: number;
  readonly startMs: number;
  readonly startedAtMs: number | null;
  readonly release: string | null;
  readonly state: 'planned' | 'waiting' | 'started' | 'ended' | 'cancelled';
  readonly said: string | null;
  readonly entries: readonly PlannedEntry[];
};

export type PlannedReleases = { readonly timelines: readonly PlannedRelease[] };

/** Requests, failed ones, and latency in milliseconds. */
export type PointCounts = {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

/** What is known of an incident from the record, and what people wrote. Null and empty mean: not known. */
export type PostMortem = {
  readonly incident: string;
  readonly title: string;
  readonly severity: 'P0' | 'P1' | 'P2';
  readonly service: string | null;
  readonly state: 'open' | 'acknowledged' | 'mitigated' | 'resolved' | 'reviewed';
  readonly asOfMs: number;
  readonly clocks: readonly IncidentClock[];
  readonly impact: readonly ImpactLine[];
  readonly detection: Detection | null;
  readonly actions: readonly {
    readonly id: string;
    readonly kind: 'check' | 'restart' | 'rollback' | 'verify' | 'runbook';
    readonly begunAtMs: number;
    readonly untilMs?: number;
    readonly endedAtMs: number | null;
    readonly outcome: ('helped' | 'no-help' | 'failed' | 'skipped') | null;
    readonly said: string;
    readonly help: readonly {
      readonly action: string;
      readonly tier: string;
      readonly factor: number;
      readonly shortMs: number;
      readonly before: SpanCounts;
      readonly after: SpanCounts;
      readonly verdict: ('helped' | 'no-help' | 'not-needed') | null;
      readonly objective: string;
    }[];
    readonly seq: number | null;
  }[];
  readonly responders: readonly {
    readonly key: string;
    readonly atMs: number;
    readonly person: string | null;
    readonly notifier: string;
    readonly step: number | null;
    readonly state: 'queued' | 'delivered' | 'refused' | 'cancelled';
    readonly said: string;
    readonly group?: string;
    readonly lagMs: number;
  }[];
  readonly ackedMs: number | null;
  readonly updates: readonly {
    readonly seq: number | null;
    readonly atMs: number;
    readonly by: string;
    readonly text: Text;
    readonly lagMs: number;
  }[];
  readonly release: SuspectRelease | null;
  readonly causes: readonly Cause[];
  readonly offers: readonly PostMortemOffer[];
  readonly proposals: readonly PostMortemProposal[];
  readonly review: Review;
  readonly narration: Narration | null;
  readonly entries: readonly PostMortemEntry[];
  readonly entriesLeftOut: number;
};

/** A row of the timeline: an event of the log. */
export type PostMortemEntry = {
  readonly seq: number;
  readonly atMs: number;
  readonly source: 'incident' | 'release' | 'alert' | 'message';
  readonly kind: string;
  readonly who: string;
  readonly text: Text;
  readonly url: string | null;
  readonly isNote: boolean;
};

/** A fact that people may find good, bad or lucky. */
export type PostMortemOffer = {
  readonly side: 'well' | 'wrong' | 'lucky';
  readonly text: Text;
  readonly seqs: readonly number[];
};

/** Something to be done that follows from the record alone. */
export type PostMortemProposal = {
  readonly id: string;
  readonly kind: 'detection' | 'missing-alert' | 'unreachable-person' | 'rollback-drill' | 'automatic-rollback';
  readonly said: Text;
  readonly proof: Text;
  readonly seqs: readonly number[];
  readonly diff: string | null;
};

/** As Alertmanager has it. */
export type PostableSilenceInput = {
  readonly id?: string;
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual?: boolean;
  }[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy?: string;
  readonly comment?: string;
};

export type PostedSilence = { readonly silenceID: string };

/** An error (RFC 9457). */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly where: string;
  readonly fix: string;
  readonly problems?: readonly unknown[];
};

/** Something that the controller needs, asked just now; `ms` is how long its answer took. */
export type Reach = {
  readonly what: string;
  readonly service: string | null;
  readonly ok: boolean;
  readonly detail: string;
  readonly ms: number;
};

export type ReadinessItem = {
  readonly id: string;
  readonly title: string;
  readonly role: string;
  readonly severity: 'blocker' | 'warning';
  readonly status: 'pass' | 'warn' | 'fail' | 'unproven' | 'skipped' | 'exempt';
  readonly why: string;
  readonly fix: string | null;
  readonly result: {
    readonly item: string;
    readonly kind: string;
    readonly asked: string;
    readonly startedMs: number;
    readonly tookMs: number;
    readonly status: 'pass' | 'warn' | 'fail' | 'unproven' | 'skipped';
    readonly lookedAt: string;
    readonly found: string;
    readonly expected: string;
    readonly fix: string | null;
    readonly evidence: readonly string[];
    readonly figures: Readonly<Record<string, number>>;
  } | null;
  readonly confirmation: {
    readonly item: string;
    readonly by: string;
    readonly comment: string | null;
    readonly evidence:
      | { readonly kind: 'link'; readonly url: string }
      | { readonly kind: 'file'; readonly name: string; readonly bytes: number; readonly sha256: string }
      | null;
    readonly atMs: number;
    readonly untilMs: number;
  } | null;
  readonly exemption: {
    readonly item: string;
    readonly by: string;
    readonly reason: string;
    readonly atMs: number;
    readonly untilMs: number;
  } | null;
  readonly asks: { readonly role: string; readonly text: string; readonly evidence: 'required' | 'optional' } | null;
  readonly expiresMs: number | null;
};

/** How ready a service is. Times are Unix ms. */
export type ReadinessReport = {
  readonly verdict: 'ready' | 'ready-with-risks' | 'not-ready';
  readonly score: number | null;
  readonly service: string;
  readonly version: string | null;
  readonly checklist: string;
  readonly title: string;
  readonly atMs: number;
  readonly summary: string;
  readonly formula: { readonly points: number; readonly of: number; readonly text: string };
  readonly phases: readonly {
    readonly id: string;
    readonly title: string;
    readonly verdict: 'ready' | 'ready-with-risks' | 'not-ready';
    readonly score: number | null;
    readonly items: readonly ReadinessItem[];
  }[];
  readonly hash: string;
  readonly roles: readonly { readonly role: string; readonly title: string; readonly by: readonly string[] | null }[];
  readonly signOffs: readonly {
    readonly role: string;
    readonly by: string;
    readonly comment: string | null;
    readonly atMs: number;
    readonly hash: string;
  }[];
  readonly unsigned: readonly string[];
  readonly comparison: {
    readonly before: {
      readonly atMs: number;
      readonly score: number | null;
      readonly verdict: 'ready' | 'ready-with-risks' | 'not-ready';
    };
    readonly after: {
      readonly atMs: number;
      readonly score: number | null;
      readonly verdict: 'ready' | 'ready-with-risks' | 'not-ready';
    };
    readonly changes: readonly {
      readonly item: string;
      readonly title: string;
      readonly kind: 'better' | 'worse' | 'new' | 'gone';
      readonly before: ('pass' | 'warn' | 'fail' | 'unproven' | 'skipped' | 'exempt') | null;
      readonly after: ('pass' | 'warn' | 'fail' | 'unproven' | 'skipped' | 'exempt') | null;
    }[];
    readonly figures: readonly {
      readonly item: string;
      readonly figure: string;
      readonly before: number;
      readonly after: number;
    }[];
  } | null;
  readonly language: 'en' | 'ru';
};

export type ReadinessRun = {
  readonly id: string;
  readonly version: string | null;
  readonly checklist: string;
  readonly phases: readonly string[] | null;
  readonly items: readonly string[] | null;
  readonly by: string;
  readonly why: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly verdict: ('ready' | 'ready-with-risks' | 'not-ready') | null;
  readonly score: number | null;
  readonly progress: {
    readonly run: string;
    readonly total: number;
    readonly done: number;
    readonly now: readonly { readonly item: string; readonly said: string | null }[];
  } | null;
};

export type Ready = {
  readonly ready: boolean;
  readonly token: number;
  readonly logProblem: string | null;
  readonly latenessMs: number;
  readonly stopped: string | null;
};

/** A configured receiver, and how it takes messages. Times are unix milliseconds. */
export type Receiver = {
  readonly name: string;
  readonly kind: string;
  readonly revision: number;
  readonly failures: number;
  readonly pausedUntilMs: number | null;
  readonly problem: string | null;
  readonly waiting: number;
  readonly lastSentAtMs: number | null;
};

/** A release as it is now. Times are unix milliseconds. */
export type Release = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly stable: string | null;
  readonly strategy: string;
  readonly by: string;
  readonly why: string;
  readonly group: { readonly name: string; readonly id: string } | null;
  readonly startedAtMs: number;
  readonly state:
    | 'queued'
    | 'validating'
    | 'awaiting-approval'
    | 'preparing'
    | 'progressing'
    | 'promoting'
    | 'baking'
    | 'retiring'
    | 'held'
    | 'rolling-back'
    | 'rollback-failed'
    | 'succeeded'
    | 'rolled-back'
    | 'rejected'
    | 'cancelled'
    | 'superseded';
  readonly doing: string;
  readonly untilMs: number | null;
  readonly steps: readonly Step[];
  readonly weight: number;
  readonly verbs: readonly VerbNow[];
  readonly verdict: Verdict | null;
  readonly totals: { readonly candidate: Totals; readonly stable: Totals };
  readonly findings: readonly Finding[];
  readonly summary: ReleaseSummary | null;
};

/** A release in a list. Times are unix milliseconds. */
export type ReleaseRow = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  readonly state:
    | 'queued'
    | 'validating'
    | 'awaiting-approval'
    | 'preparing'
    | 'progressing'
    | 'promoting'
    | 'baking'
    | 'retiring'
    | 'held'
    | 'rolling-back'
    | 'rollback-failed'
    | 'succeeded'
    | 'rolled-back'
    | 'rejected'
    | 'cancelled'
    | 'superseded';
  readonly requestedAtMs: number;
  readonly endedAtMs: number | null;
  readonly outcome: ('succeeded' | 'rolled-back' | 'rejected' | 'cancelled' | 'superseded') | null;
  readonly reason: string | null;
  readonly secondsToSafety: number | null;
  readonly failedRequests: number | null;
  readonly candidateRequests: number | null;
  readonly restore: boolean;
};

/** How a release ended. Times are unix milliseconds. */
export type ReleaseSummary = {
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly outcome: 'succeeded' | 'rolled-back' | 'rejected' | 'cancelled' | 'superseded';
  readonly reason: string;
  readonly secondsToSafety: number | null;
  readonly failedRequests: number;
  readonly candidateRequests: number;
  readonly steps: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
};

/** Releases, newest first. */
export type Releases = { readonly releases: readonly ReleaseRow[]; readonly next: string | null };

/** What the machine itself has tried, and whether that helped. */
export type ResponderAction = {
  readonly id: string;
  readonly kind: 'check' | 'restart' | 'rollback' | 'verify' | 'runbook';
  readonly begunAtMs: number;
  readonly untilMs?: number;
  readonly endedAtMs: number | null;
  readonly outcome: ('helped' | 'no-help' | 'failed' | 'skipped') | null;
  readonly said: string;
};

/** What a restart does, or would do. */
export type Restart = {
  readonly dryRun: boolean;
  readonly version: string;
  readonly how: 'one-by-one' | 'rolling';
  readonly instances: number;
  readonly restart: string | null;
  readonly said: string;
};

/** Whether a restart was under way, which has ended now. */
export type RestartStop = { readonly done: boolean; readonly said: string };

/** What people have made of an incident. */
export type Review = {
  readonly authors: readonly string[];
  readonly texts: {
    readonly summary?: { readonly text: string; readonly by: string; readonly atMs: number };
    readonly causes?: { readonly text: string; readonly by: string; readonly atMs: number };
    readonly surprise?: { readonly text: string; readonly by: string; readonly atMs: number };
    readonly well?: { readonly text: string; readonly by: string; readonly atMs: number };
    readonly wrong?: { readonly text: string; readonly by: string; readonly atMs: number };
    readonly lucky?: { readonly text: string; readonly by: string; readonly atMs: number };
    readonly lessons?: { readonly text: string; readonly by: string; readonly atMs: number };
  };
  readonly items: readonly ActionItem[];
  readonly accepted: { readonly by: string; readonly atMs: number } | null;
};

/** What a rollback does, or would do, and the release that does it. */
export type Rollback = {
  readonly dryRun: boolean;
  readonly kind: 'abort' | 'restore';
  readonly version: string | null;
  readonly release: string | null;
  readonly said: string;
};

/** That one receiver hears of one alert otherwise. */
export type RoutingDifference = {
  readonly alert: string;
  readonly name: string;
  readonly receiver: RoutingReceiver;
  readonly kind: 'no-longer' | 'now' | 'earlier' | 'later';
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
  readonly said: string;
};

/** Something in a routing that is allowed and hardly meant. */
export type RoutingLint = {
  readonly rule:
    | 'unreachable'
    | 'contradiction'
    | 'repeat-too-short'
    | 'tells-nobody'
    | 'no-such-policy'
    | 'no-such-notifier'
    | 'interval-never-holds'
    | 'interval-not-used'
    | 'inhibits-nothing';
  readonly place: string;
  readonly line: number;
  readonly column: number;
  readonly said: string;
};

export type RoutingLints = { readonly found: readonly RoutingLint[] };

export type RoutingReceiver = { readonly kind: 'policy' | 'notifier'; readonly name: string };

/** What a change of the routing does to the alerts on record. */
export type RoutingSimulation = {
  readonly alerts: number;
  readonly fromMs: number | null;
  readonly untilMs: number;
  readonly before: RoutingTotals;
  readonly after: RoutingTotals;
  readonly lost: readonly string[];
  readonly lostCount: number;
  readonly differences: readonly RoutingDifference[];
  readonly differenceCount: number;
  readonly calls: CallsSimulation | null;
};

export type RoutingTotals = {
  readonly messages: number;
  readonly told: number;
  readonly receivers: readonly (RoutingReceiver & { readonly messages: number })[];
};

/** What was said, as data: its kind and its numbers. */
export type Said = { readonly kind: string };

/** What the guard saw and said; docs/guides/series.md says how to draw it. */
export type Series = {
  readonly release: string;
  readonly service: string;
  readonly version: string;
  readonly stable: string | null;
  readonly policy: GuardPolicy;
  readonly recorded: ReleaseSummary | null;
  readonly recordedByGuard: boolean;
  readonly abort: {
    readonly second: number;
    readonly atMs: number;
    readonly sentence: string;
    readonly metrics: readonly string[];
    readonly faultAtMs: number | null;
    readonly secondsFromFault: number | null;
    readonly failedRequests: number;
    readonly candidateRequests: number;
  } | null;
  readonly seconds: number;
  readonly candidateRequests: number;
  readonly failedRequests: number;
  readonly differences: readonly {
    readonly metric: string;
    readonly unit: 'share' | 'ms' | 'own';
    readonly since: number;
    readonly candidate: number | null;
    readonly stable: number | null;
    readonly difference: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly margin: number | null;
    readonly accepted: number | null;
    readonly limit: number | null;
    readonly kind: ('pass' | 'fail' | 'undecided' | 'blind') | null;
    readonly logEvidence: number | null;
    readonly logThreshold: number | null;
    readonly limitLogEvidence: number | null;
    readonly limitLogThreshold: number | null;
    readonly second: number;
    readonly weight: number;
  }[];
  readonly every: 1 | 10 | 60 | 600;
  readonly after: number;
  readonly complete: boolean;
  readonly points: readonly SeriesPoint[];
  readonly marks: readonly Mark[];
};

export type SeriesMetric = {
  readonly metric: string;
  readonly unit: 'share' | 'ms' | 'own';
  readonly since: number;
  readonly candidate: number | null;
  readonly stable: number | null;
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly margin: number | null;
  readonly accepted: number | null;
  readonly limit: number | null;
  readonly kind: ('pass' | 'fail' | 'undecided' | 'blind') | null;
  readonly logEvidence: number | null;
  readonly logThreshold: number | null;
  readonly limitLogEvidence: number | null;
  readonly limitLogThreshold: number | null;
};

export type SeriesPoint = {
  readonly from: number;
  readonly second: number;
  readonly seconds: number;
  readonly weight: number;
  readonly step: number;
  readonly candidate: PointCounts | null;
  readonly stable: PointCounts | null;
  readonly verdict: 'pass' | 'fail' | 'undecided' | 'blind';
  readonly sentence: string;
  readonly metrics: readonly SeriesMetric[];
};

/** A service as it is now. Times are unix milliseconds. */
export type Service = {
  readonly name: string;
  readonly owner: string | null;
  readonly stable: { readonly version: string; readonly release: string; readonly sinceMs: number } | null;
  readonly previous: readonly string[];
  readonly route: { readonly candidate: string | null; readonly weight: number; readonly inForce: boolean };
  readonly instances: readonly Instance[];
  readonly restart: {
    readonly id: string;
    readonly version: string;
    readonly by: string;
    readonly why: string;
    readonly askedAtMs: number;
    readonly instances: number;
    readonly left: number;
    readonly outcome: ('done' | 'failed' | 'stopped') | null;
    readonly said: string | null;
    readonly endedAtMs: number | null;
  } | null;
  readonly live: Release | null;
  readonly queued: Release | null;
  readonly ended: readonly ReleaseSummary[];
};

/** JSON Schema (draft 2020-12) of a Service document, as `rampart schema` prints it. */
export type ServiceDocumentSchema = Readonly<Record<string, unknown>>;

/** How a service is, and why: the gravest reason first. */
export type ServiceHealth = {
  readonly level: 'critical' | 'degraded' | 'unknown' | 'healthy';
  readonly reasons: readonly string[];
};

/** Golden signals now against their levels, and over time, oldest first, with the releases to mark in them. */
export type ServiceSignals = {
  readonly nowMs: number;
  readonly assessment: {
    readonly health: ServiceHealth;
    readonly groups: readonly {
      readonly group: 'latency' | 'traffic' | 'errors' | 'saturation';
      readonly state: 'critical' | 'warning' | 'unknown' | 'ok' | 'no-traffic' | 'unjudged';
      readonly sentence: string;
      readonly signals: readonly GoldenSignal[];
    }[];
    readonly traffic: AskedFor | null;
  };
  readonly every: 10 | 60;
  readonly points: readonly SignalPoint[];
  readonly releases: readonly {
    readonly id: string;
    readonly version: string;
    readonly fromMs: number;
    readonly toMs: number | null;
    readonly outcome: ('succeeded' | 'rolled-back' | 'rejected' | 'cancelled' | 'superseded') | null;
  }[];
};

export type ServiceTraffic = {
  readonly requestsPerSecond: number;
  readonly errorPpm: number | null;
  readonly histogram: readonly number[];
  readonly everyS?: number;
};

export type Services = { readonly services: readonly Service[] };

/** Who asks, and what they may. */
export type Session = {
  readonly name: string;
  readonly kind: 'owner' | 'user' | 'token';
  readonly grants: readonly GrantAnswer[];
  readonly csrf: string | null;
  readonly expiresAtMs: number | null;
};

/** What is configured, and what is reachable now. */
export type Settings = {
  readonly version: string;
  readonly node: string;
  readonly startedAtMs: number;
  readonly dataFolder: string;
  readonly latenessMs: number;
  readonly settings: ControllerSettings;
  readonly reach: readonly Reach[];
};

/** What was changed, or would be. */
export type SetupApplied = { readonly version: number; readonly changes: readonly SetupChange[] };

/** A document that differs from the setup before. */
export type SetupChange = { readonly kind: string; readonly name: string; readonly change: 'added' | 'changed' | 'removed' };

/** A file of documents that say who is told of what. */
export type SetupFile = { readonly file: string; readonly text: string };

/** A file of documents that say who is told of what. */
export type SetupFileInput = { readonly file: string; readonly text: string };

/** A time in which one person is on call, or nobody is. */
export type Shift = {
  readonly fromMs: number;
  readonly untilMs: number | null;
  readonly person: string | null;
  readonly fullName: string | null;
  readonly timeZone: string | null;
  readonly by:
    | { readonly kind: 'layer'; readonly layer: string; readonly turn: number }
    | { readonly kind: 'override'; readonly index: number; readonly insteadOf: string | null; readonly why: string | null }
    | null;
};

/** What the guard will notice on a step, in parts per million and seconds. */
export type Sight =
  | { readonly kind: 'no-traffic' }
  | {
      readonly kind: 'forecast';
      readonly basis: 'stable' | 'history' | 'first' | 'kayenta';
      readonly judgedEveryS: number | null;
      readonly requestsPerSecond: number;
      readonly weight: number;
      readonly stepS: number;
      readonly errors: {
        readonly smallestRisePpm: number | null;
        readonly noticedAfter: readonly { readonly risePpm: number; readonly seconds: number | null }[];
        readonly assumedPpm: number | null;
        readonly limitPpm: number;
      };
      readonly latency: readonly {
        readonly quantilePpm: number;
        readonly acceptedPpm: number;
        readonly noticed: Noticed | null;
      }[];
    };

/** How one can sign in. */
export type SignInOptions = { readonly setup: boolean; readonly oidc: { readonly name: string; readonly url: string } | null };

/** Requests of a span, failed ones, latency in milliseconds; processor time of all instances as a share of all processors of their machine (0–1), and their resident memory in bytes. gauges: how full things were at its end, by signal, as shares (0–1) of what has a limit. byMethod, byStatus: requests per second over the minute before its end. errorsByClass: failed requests by how they failed: status (5xx), connect, timeout, broken. */
export type SignalPoint = {
  readonly from: number;
  readonly seconds: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly cpuShare: number | null;
  readonly memoryBytes: number | null;
  readonly gauges: Readonly<Record<string, number>>;
  readonly byMethod: Readonly<Record<string, number>> | null;
  readonly byStatus: Readonly<Record<string, number>> | null;
  readonly errorsByClass: Readonly<Record<string, number>>;
  readonly byVersion: readonly {
    readonly version: string;
    readonly requests: number;
    readonly errors: number;
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
  }[];
};

/** The last minute of all versions. errorShare: failed of all (0–1). cpuShare: of all processors of the machine (0–1). memoryBytes: resident, of all instances. */
export type Signals = {
  readonly requestsPerSecond: number;
  readonly errorShare: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly cpuShare: number | null;
  readonly memoryBytes: number | null;
};

/** While it is active, alerts that are like it tell nobody. Times are unix milliseconds. */
export type Silence = {
  readonly id: string;
  readonly state: 'pending' | 'active' | 'expired';
  readonly matchers: readonly (readonly string[])[];
  readonly service: string | null;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly untilResolved: string | null;
  readonly by: string;
  readonly comment: string;
};

export type SilenceEndRequestInput = { readonly why?: string; readonly by?: string };

/** What a silence with such matchers would be about now. */
export type SilencePreview = {
  readonly matchers: readonly (readonly string[])[];
  readonly service: string | null;
  readonly alerts: readonly SilencedAlert[];
  readonly count: number;
};

export type SilenceRequestInput = {
  readonly matchers?: readonly string[];
  readonly for?: string;
  readonly startsAtMs?: number;
  readonly untilResolved?: string;
  readonly comment?: string;
  readonly by?: string;
};

/** A silence in a list. */
export type SilenceRow = {
  readonly id: string;
  readonly state: 'pending' | 'active' | 'expired';
  readonly matchers: readonly (readonly string[])[];
  readonly service: string | null;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly untilResolved: string | null;
  readonly by: string;
  readonly comment: string;
  readonly alerts: number;
};

export type SilencedAlert = {
  readonly id: string;
  readonly name: string;
  readonly service: string | null;
  readonly urgency: 'page' | 'chat' | 'email';
  readonly state: 'pending' | 'firing' | 'recovering' | 'resolved';
  readonly said: string;
};

/** Silences, the newest first. */
export type Silences = { readonly silences: readonly SilenceRow[] };

/** Bad events of all in some time. Times are unix milliseconds. */
export type SpanCounts = { readonly fromMs: number; readonly toMs: number; readonly bad: number; readonly total: number };

/** An override or a swap that was asked for beside the documents. */
export type StandingOverride = {
  readonly id: string;
  readonly schedule: string;
  readonly overrides: readonly {
    readonly person: string;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly insteadOf: string | null;
  }[];
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
};

/** A release that is on record and has begun, or waits for the one before it. */
export type Started = { readonly release: string; readonly service: string; readonly version: string };

/** The status page for those who run it: what customers see, and what waits to be published. */
export type StatusBoard = {
  readonly url: string | null;
  readonly components: readonly {
    readonly name: string;
    readonly title: string | { readonly en: string; readonly ru: string };
    readonly state: 'operational' | 'degraded_performance' | 'partial_outage' | 'major_outage';
    readonly changedAtMs: number;
    readonly isMaintained: boolean;
  }[];
  readonly provenAtMs: number | null;
  readonly unmeasured: readonly string[];
  readonly posts: readonly StatusPost[];
  readonly maintenances: readonly StatusMaintenance[];
  readonly subscribers: { readonly confirmed: number; readonly waiting: number; readonly suspended: number } | null;
};

/** Maintenance that a person has announced. */
export type StatusMaintenance = {
  readonly id: string;
  readonly title: string | { readonly en: string; readonly ru: string };
  readonly components: readonly string[];
  readonly state: 'scheduled' | 'in_progress' | 'completed' | 'cancelled';
  readonly plannedAtMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly begunAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly updates: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly by: string;
    readonly state: 'scheduled' | 'in_progress' | 'completed' | 'cancelled';
    readonly body: string | { readonly en: string; readonly ru: string };
  }[];
};

/** What customers are told of an incident. */
export type StatusPost = {
  readonly id: string;
  readonly incident: string | null;
  readonly title: string | { readonly en: string; readonly ru: string };
  readonly state: 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem';
  readonly startedAtMs: number;
  readonly publishedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  readonly components: readonly string[];
  readonly worst: 'operational' | 'degraded_performance' | 'partial_outage' | 'major_outage';
  readonly updates: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly by: string;
    readonly state: 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem';
    readonly body: string | { readonly en: string; readonly ru: string };
    readonly components: readonly {
      readonly name: string;
      readonly from: 'operational' | 'degraded_performance' | 'partial_outage' | 'major_outage';
      readonly to: 'operational' | 'degraded_performance' | 'partial_outage' | 'major_outage';
    }[];
  }[];
  readonly draft: {
    readonly state: 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem';
    readonly title: string | { readonly en: string; readonly ru: string };
    readonly body: string | { readonly en: string; readonly ru: string };
    readonly draftedAtMs: number;
  } | null;
  readonly declined: ('investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem') | null;
};

export type StatusSubscribers = {
  readonly subscribers: readonly {
    readonly id: string;
    readonly address: string | null;
    readonly state: 'confirmed' | 'waiting' | 'suspended';
    readonly language: 'en' | 'ru';
    readonly components: readonly string[] | null;
    readonly sinceMs: number;
    readonly bounces: number;
  }[];
  readonly next: string | null;
};

export type StatusSubscribersImported = {
  readonly added: number;
  readonly changed: number;
  readonly refused: readonly { readonly index: number; readonly why: string }[];
};

/** A step of the plan. Spans are milliseconds. */
export type Step = {
  readonly text: string;
  readonly state: 'done' | 'now' | 'next' | 'stopped';
  readonly kind:
    | 'approve'
    | 'backup'
    | 'migrate'
    | 'match'
    | 'weight'
    | 'observe'
    | 'pause'
    | 'scale'
    | 'barrier'
    | 'hook'
    | 'gate'
    | 'promote'
    | 'bake'
    | 'retire';
  readonly weight: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
};

export type StepObjective = {
  readonly name: string;
  readonly targetPpm: number;
  readonly windowMs: number;
  readonly belowMs: number | null;
  readonly pagingBurn: number;
  readonly neededRisePpm: number;
  readonly seen: boolean | null;
  readonly unseen: { readonly risePpm: number; readonly burn: number; readonly costPpm: number } | null;
};

/** The release that an incident is attributed to. */
export type SuspectRelease = {
  readonly id: string;
  readonly version: string;
  readonly stable: string | null;
  readonly percentMax: number | null;
  readonly safeAtMs: number | null;
  readonly backBy: string | null;
};

/** The same in every language, or a sentence in each. */
export type Text = string | { readonly en: string; readonly ru: string };

/** Records of a release, oldest first. */
export type Timeline = { readonly events: readonly TimelineEvent[] };

export type TimelineEvent = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly hash: string;
  readonly said: string | null;
  readonly state: string | null;
};

/** A service token; its secret was shown once. Times are unix milliseconds. */
export type Token = {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly GrantAnswer[];
  readonly by: string;
  readonly addedAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  readonly lastUsedMs: number | null;
};

export type TokenAdded = { readonly token: Token; readonly secret: string };

export type Tokens = { readonly tokens: readonly Token[] };

/** That a person or a channel was told, or was to be told. */
export type Told = {
  readonly key: string;
  readonly atMs: number;
  readonly person: string | null;
  readonly notifier: string;
  readonly step: number | null;
  readonly state: 'queued' | 'delivered' | 'refused' | 'cancelled';
  readonly said: string;
  readonly group?: string;
};

export type Totals = { readonly requests: number; readonly errors: number };

export type User = {
  readonly name: string;
  readonly grants: readonly GrantAnswer[];
  readonly disabled: boolean;
  readonly oidc: boolean;
  readonly addedAtMs: number;
  readonly lastSignInMs: number | null;
  readonly hasPassword: boolean;
};

/** The user, and the one-time link by which they choose a password. */
export type UserAdded = { readonly user: User; readonly link: string };

export type Users = { readonly users: readonly User[] };

export type VerbNow = {
  readonly verb: 'approve' | 'pause' | 'resume' | 'promote' | 'retry' | 'abort';
  readonly refusal: string | null;
  readonly refusalToStarter: string | null;
};

export type VerbResult = { readonly done: boolean; readonly said: string };

/** What the guard says, in one sentence and with its numbers. */
export type Verdict = {
  readonly kind: 'pass' | 'fail' | 'undecided' | 'blind';
  readonly sentence: string;
  readonly said: Said;
  readonly metrics: readonly MetricVerdict[];
  readonly faultAtMs: number | null;
  readonly proven?: boolean;
};

export type Verified = { readonly ok: boolean; readonly results: readonly VerifiedObjective[] };

/** Only `ok` passes: without traffic nothing is proven, and without data nothing is known. */
export type VerifiedObjective = {
  readonly id: string;
  readonly ok: boolean;
  readonly state: 'ok' | 'breaching' | 'no-traffic' | 'no-data';
  readonly bad: number;
  readonly total: number;
  readonly targetPpm: number;
  readonly said: string;
};

/** What one version did in the long window of an alert. */
export type VersionShare = { readonly version: string; readonly bad: number; readonly total: number };
