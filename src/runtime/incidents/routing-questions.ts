import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import { type IncidentRecord, incidentEventKinds } from '../../incidents/events.ts';
import type { Explanation } from '../../incidents/routing/explanation.ts';
import type { GroupRecord } from '../../incidents/routing/group-record.ts';
import type { RecordedAlert } from '../../incidents/routing/recorded-alert.ts';
import { groupMessages, type ToldOnRecord, toldOnRecord } from '../../incidents/routing/told-on-record.ts';
import { isOver } from '../../incidents/severity.ts';
import type { Incident } from '../../incidents/types.ts';
import type { AlertRoutingSpec } from '../../spec/alert-routing-types.ts';
import type { IncidentSetup } from '../../spec/incident-setup.ts';
import type { EventLog } from '../../stores/log.ts';
import { type AlertHistory, alertHistory } from '../alerts/alert-history.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import type { Silences } from '../alerts/silences.ts';
import type { OnCallKeeper } from '../on-call/on-call-keeper.ts';
import { type GroupsRecorded, groupsStream } from './group-records.ts';
import type { IncidentKeeper } from './incident-keeper.ts';
import { type IncidentsRecorded, incidentsStream } from './incident-records.ts';
import type { RoutingAnswer, RoutingQuestion, Simulated } from './routing-answers.ts';

/** Newest events that an answer is made from: what a question costs is bounded. */
const alertEventsMax = 50_000;
const silenceEventsMax = 20_000;
const groupEventsMax = 2_000;
const incidentEventsMax = 50_000;
const pageSize = 1_000;
/** Incidents whose messages are looked through: a group may have told of many. */
const incidentsMax = 50;
/** Longest that a question is worked on, and how many may wait. */
const answerMs = 20_000;
const waitingMax = 5;
const heapMaxMiB = 512;

export type RoutingQuestionsOptions = {
  readonly log: EventLog;
  /** Caught up. */
  readonly alerts: AlertsRecorded;
  readonly silences: Silences;
  readonly groups: GroupsRecorded;
  readonly incidents: Pick<IncidentKeeper, 'all'>;
  /** Events of one incident, oldest first. */
  readonly eventsOf: (incident: string) => Promise<readonly IncidentRecord[]>;
  readonly records: IncidentsRecorded;
  /** The setup in force, with who is on call otherwise than it says. */
  readonly onCall: Pick<OnCallKeeper, 'setup' | 'with'>;
  /** Owners of services. */
  readonly owners: () => ReadonlyMap<string, string>;
};

/** Who was told of an alert: by the rules, and on record. */
export type Explained = {
  readonly explanation: Explanation;
  readonly incidents: readonly string[];
  readonly messages: readonly ToldOnRecord[];
  /** Why nobody is told though the rules say so; null: the rules say all. */
  readonly unsaid: Unsaid | null;
};

/**
 * Why an incident tells nobody of an alert: `settled`, somebody has ended it by hand though the alert fires; `machine`, the machine was at
 * it, and no person was needed.
 */
export type Unsaid = { readonly kind: 'settled' | 'machine'; readonly incident: string };

/** Answers questions about the routing in force from what is on record: one at a time, in a thread of its own, in bounded time. */
export class RoutingQuestions {
  readonly #options: RoutingQuestionsOptions;
  readonly #stopping = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: RoutingQuestionsOptions) {
    this.#options = options;
  }

  /** Answers no more: what is worked on is called off. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#last.catch(() => {});
  }

  /**
   * Who was told of an alert, as it stood at a moment.
   *
   * @param given - Its id, else its key or its name: the last one of those.
   * @param isSeen - Whether the one who asks may know of an alert.
   * @throws UserError `E_UNKNOWN_ALERT`, `E_TOO_MANY`.
   */
  async explain(given: string, atMs: number, isSeen: (alert: RecordedAlert) => boolean): Promise<Explained> {
    return await this.#inTurn(async () => {
      const { alerts: history, silences } = await this.#history(atMs);
      const alert = alertNamed(history.filter(isSeen), given);
      const known = this.#options.incidents.all.filter(({ alerts }) => alerts.some(({ id }) => id === alert.id));
      const incidents = known.map(({ id }) => id);
      const ofGroups = groupMessages(await this.#groupRecords(), alert, atMs);
      const all = new Set([...incidents, ...[...ofGroups.values()].map(({ incident }) => incident)]);
      const records = await Promise.all([...all].slice(0, incidentsMax).map((id) => this.#options.eventsOf(id)));
      const messages = toldOnRecord(records.flat(), incidents, ofGroups, alert, atMs);
      const unsaid = settledBy(known, alert, atMs) ?? (messages.length === 0 ? byMachine(known, atMs) : null);
      const { routing } = this.#options.onCall.setup;
      const explanation =
        routing === null
          ? unrouted(alert, atMs)
          : await this.#answer({ kind: 'explain', input: { routing, alert, history, silences, atMs } });
      return { explanation, incidents, messages, unsaid };
    });
  }

  /**
   * What another routing, or another setup, would have done with the alerts and incidents on record.
   *
   * @param given - A routing that takes the place of the one in force, or a whole setup.
   * @throws UserError `E_REFUSED` without a routing in force to compare with, `E_TOO_MANY`.
   */
  async simulate(
    given: { readonly routing: AlertRoutingSpec } | { readonly setup: IncidentSetup },
    untilMs: number,
  ): Promise<Simulated> {
    return await this.#inTurn(async () => {
      const { onCall, owners } = this.#options;
      const before = onCall.setup;
      const after = 'setup' in given ? onCall.with(given.setup) : { ...before, routing: given.routing };
      if (before.routing === null && 'routing' in given)
        throw new UserError('E_REFUSED', 'there is no AlertRouting document in force to compare with', {
          where: 'routing',
          fix: 'put one into force with `rampart incidents apply`, or compare two files with `rampart incidents simulate --against`',
        });
      const { alerts, silences } = await this.#history(untilMs);
      const records = await this.#incidentRecords(untilMs);
      const routing = before.routing && after.routing && { before: before.routing, after: after.routing };
      const pick = ({ policies, people, schedules, routing: tree }: IncidentSetup) => ({
        policies,
        people,
        schedules,
        routing: tree,
      });
      const calls = { before: pick(before), after: pick(after), records, alerts, silences, owners: owners(), untilMs };
      return await this.#answer({ kind: 'simulate', routing, calls });
    });
  }

  /** The newest ones. */
  async #incidentRecords(untilMs: number): Promise<readonly IncidentRecord[]> {
    const { log, records } = this.#options;
    const found: IncidentRecord[] = [];
    for (let after = Math.max(0, records.version - incidentEventsMax); ; ) {
      const page = await log.read(incidentsStream, after, pageSize);
      for (const { at, kind, actor, data } of page)
        if (at <= untilMs && kind in incidentEventKinds) found.push({ at, kind, actor, data } as unknown as IncidentRecord);
      after += page.length;
      if (page.length < pageSize) return found;
    }
  }

  async #history(untilMs: number): Promise<AlertHistory> {
    const { log, alerts, silences } = this.#options;
    const after = {
      alerts: Math.max(0, alerts.version - alertEventsMax),
      silences: Math.max(0, silences.version - silenceEventsMax),
    };
    return await alertHistory(log, untilMs, after);
  }

  /** The newest ones. */
  async #groupRecords(): Promise<readonly GroupRecord[]> {
    const { log, groups } = this.#options;
    const after = Math.max(0, groups.version - groupEventsMax);
    return (await log.read(groupsStream, after, groupEventsMax)) as unknown as readonly GroupRecord[];
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= waitingMax)
      throw new UserError('E_TOO_MANY', `${waitingMax} questions about the routing wait for their answers`, {
        where: 'routing',
        fix: 'try again in a few seconds',
      });
    this.#waiting += 1;
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #answer<Question extends RoutingQuestion>(question: Question): Promise<RoutingAnswer<Question>> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(answerMs)]);
    signal.throwIfAborted();
    const worker = new Worker(new URL(`./routing-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: question,
      resourceLimits: { maxOldGenerationSizeMb: heapMaxMiB },
      // What it would inherit may hold secrets, and it needs none of it.
      env: {},
    });
    const ended = Promise.withResolvers<RoutingAnswer<Question>>();
    const tooLong = (): void => {
      const refused = new UserError('E_TOO_MANY', `the answer takes more than ${answerMs / 1_000} s`, {
        where: 'routing',
        fix: 'ask about an earlier moment, or use `rampart incidents explain` and `simulate` with --routing, which read the log themselves',
      });
      ended.reject(refused);
    };
    signal.addEventListener('abort', tooLong, { once: true });
    worker.once('message', (message: { readonly answer: RoutingAnswer<Question> } | { readonly refused: Refused }) => {
      if ('answer' in message) return ended.resolve(message.answer);
      const { code, message: what, where, fix } = message.refused;
      ended.reject(new UserError(code, what, { where, fix }));
    });
    worker.once('error', (error) => ended.reject(error));
    worker.once('exit', () => ended.reject(new Error('the thread that answers questions about the routing has ended')));
    try {
      return await ended.promise;
    } finally {
      signal.removeEventListener('abort', tooLong);
      await worker.terminate();
    }
  }
}

type Refused = { readonly code: `E_${string}`; readonly message: string; readonly where: string; readonly fix: string };

function unrouted({ id, name, labels, firedAtMs, resolvedAtMs }: RecordedAlert, atMs: number): Explanation {
  const over = resolvedAtMs !== null && resolvedAtMs <= atMs ? resolvedAtMs : null;
  return { alert: { id, name, labels, firedAtMs, resolvedAtMs: over }, atMs, nodes: [] };
}

/**
 * The alert of that id, else the last one of that key or name.
 *
 * @throws UserError `E_UNKNOWN_ALERT`.
 */
export function alertNamed(history: readonly RecordedAlert[], given: string): RecordedAlert {
  const isCalled = ({ id, name }: RecordedAlert): boolean => name === given || id.slice(0, id.lastIndexOf('@')) === given;
  const found = history.find(({ id }) => id === given) ?? history.findLast(isCalled);
  if (found) return found;
  const last = history.at(-1);
  throw new UserError('E_UNKNOWN_ALERT', `no alert ${given.slice(0, 300)} has fired on record up to then`, {
    where: given.slice(0, 300),
    fix: last
      ? `give an id such as ${last.id}; \`rampart alerts --all\` prints names`
      : 'no alert is on record yet: give --labels',
  });
}

/** It fires, and people know of it. */
function settledBy(known: readonly Incident[], { resolvedAtMs }: RecordedAlert, atMs: number): Unsaid | null {
  const over = resolvedAtMs === null ? known.find((one) => isOver(one) && (one.resolvedAtMs ?? 0) <= atMs) : undefined;
  return over ? { kind: 'settled', incident: over.id } : null;
}

function byMachine(known: readonly Incident[], atMs: number): Unsaid | null {
  const held = known.find(({ response, person }) => response !== null && (person === null || person.atMs > atMs));
  return held ? { kind: 'machine', incident: held.id } : null;
}
