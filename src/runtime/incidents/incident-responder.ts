import { messageOf, UserError } from '../../errors.ts';
import { itself } from '../../incidents/decide.ts';
import type { IncidentEvent } from '../../incidents/events.ts';
import { type Progress, respond } from '../../incidents/responder.ts';
import { isOver } from '../../incidents/severity.ts';
import type { Incident, ResponderAction } from '../../incidents/types.ts';
import type { Clock } from '../clock.ts';
import type { Controller } from '../controller.ts';
import { Loop } from '../loop.ts';
import type { Ports } from '../ports.ts';
import { type EvidenceWorld, evidenceOf, restartProgress, wayBack } from './evidence.ts';
import type { ChangeIncidents } from './incident-caller.ts';
import type { IncidentsRecorded } from './incident-records.ts';

/** How often an incident is looked at that the machine is at. */
const lookMs = 1_000;

export type IncidentResponderOptions = {
  readonly records: IncidentsRecorded;
  /** How incidents change. */
  readonly change: ChangeIncidents;
  readonly controller: Pick<Controller, 'service' | 'rollback' | 'restart' | 'restartPlan'>;
  readonly objectives: EvidenceWorld['objectives'];
  readonly budgetLeft: EvidenceWorld['budgetLeft'];
  readonly runHook: Ports['runHook'];
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * The first responder: tries what the documents of services allow, and says when a person has to come. What it begins is on record before
 * it is done, so the next controller goes on with it; each deed may be done twice.
 */
export class IncidentResponder {
  readonly #options: IncidentResponderOptions;
  readonly #loop: Loop;
  /** How actions are going that are done here, by incident and action. */
  readonly #doing = new Map<string, Progress>();
  /** What is at work is looked at once a second, whoever changes something else. */
  #isAtWork = false;
  #isNews = false;

  constructor(options: IncidentResponderOptions) {
    this.#options = options;
    const { records, clock, warn } = options;
    const hear = (wake: () => void) =>
      records.listen(() => {
        this.#isNews = true;
        if (!this.#isAtWork) wake();
      });
    this.#loop = new Loop({ what: 'first responder', turn: () => this.#look(), hears: [hear], clock, warn });
  }

  /** Ends what runs; the next controller begins it again. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Answers how long there is nothing to do, in milliseconds. What fails in one incident keeps no other waiting. */
  async #look(): Promise<number> {
    const { records } = this.#options;
    const failed: string[] = [];
    let isAtWork = false;
    this.#isNews = false;
    this.#forget();
    for (const { id } of [...records.state.incidents.values()].filter(needsLook)) {
      try {
        isAtWork = (await this.#turn(id)) || isAtWork;
      } catch (error) {
        if (error instanceof UserError && error.code === 'E_STOPPED') throw error;
        failed.push(`incident ${id}: ${messageOf(error)}`);
      }
      if (this.#loop.signal.aborted) return 0;
    }
    this.#isAtWork = isAtWork;
    if (failed.length > 0) throw new Error(failed.join('; '));
    if (isAtWork) return lookMs;
    return this.#isNews ? 0 : 15 * lookMs;
  }

  /** What is over is on record. */
  #forget(): void {
    const { incidents } = this.#options.records.state;
    const keys = [...incidents.values()].flatMap((incident) => {
      const act = underWay(incident);
      return act ? [keyOf(incident, act)] : [];
    });
    for (const key of this.#doing.keys()) if (!keys.includes(key)) this.#doing.delete(key);
  }

  /** Answers whether it is at work on the incident. */
  async #turn(id: string): Promise<boolean> {
    const { records, controller, objectives, budgetLeft, clock } = this.#options;
    const { incidents } = records.state;
    const incident = incidents.get(id);
    if (!incident) return false;
    if (incident.response === null) return await this.#takeUp(incident);
    const world = {
      service: (name: string) => controller.service(name),
      canRestart: (name: string) => this.#canRestart(name),
      objectives,
      budgetLeft,
    };
    const evidence = evidenceOf(world, incident, [...incidents.values()], this.#progressOf(incident));
    const events = respond(incident, evidence, clock.now());
    await this.#record(incident, events);
    const now = records.state.incidents.get(id) ?? incident;
    const act = underWay(now);
    if (act) await this.#perform(now, act);
    return act !== undefined || (!isOver(now) && now.firing > 0);
  }

  /** A service without a policy is for people. */
  async #takeUp(incident: Incident): Promise<boolean> {
    const state = this.#options.controller.service(incident.service ?? '');
    const policy = (state?.stable?.spec ?? state?.live?.spec)?.incidents?.respond;
    if (!policy) return false;
    await this.#record(incident, [{ kind: 'incident-responding', data: { id: incident.id, policy } }]);
    return true;
  }

  async #record(incident: Incident, events: readonly IncidentEvent[]): Promise<void> {
    if (events.length === 0) return;
    // It may have changed meanwhile: then it is looked at anew.
    await this.#options.change((state) =>
      state.incidents.get(incident.id) === incident ? events.map((event) => ({ ...event, actor: itself })) : [],
    );
  }

  #progressOf(incident: Incident): Progress | null {
    const act = underWay(incident);
    if (!act) return null;
    const done = this.#doing.get(keyOf(incident, act));
    if (done?.kind === 'failed') return done;
    const state = this.#options.controller.service(incident.service ?? '');
    if (act.kind === 'restart')
      return incident.response?.restart ? (done ?? null) : restartProgress(state, restartOf(incident, act));
    return wayBack(state, markOf(incident, act), releaseOf(incident));
  }

  #canRestart(service: string): boolean {
    try {
      this.#options.controller.restartPlan(service, null);
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  }

  /** Does what is on record and not done yet. */
  async #perform(incident: Incident, act: ResponderAction): Promise<void> {
    const key = keyOf(incident, act);
    if (this.#doing.has(key) || this.#progressOf(incident) !== null) return;
    if (act.kind === 'restart' && incident.response?.restart) {
      this.#doing.set(key, { kind: 'under-way' });
      void this.#restart(incident, act).then((progress) => {
        this.#doing.set(key, progress);
      });
      return;
    }
    try {
      const why = `${incident.title} ${markOf(incident, act)}`;
      const { controller } = this.#options;
      const service = incident.service ?? '';
      if (act.kind === 'restart') await controller.restart(service, null, itself, why, undefined, restartOf(incident, act));
      else await controller.rollback(service, null, itself, why);
    } catch (error) {
      if (!(error instanceof UserError) || error.code === 'E_LOG_FAILING' || error.code === 'E_STOPPED') throw error;
      this.#doing.set(key, { kind: 'failed', said: error.message });
    }
  }

  async #restart({ id, service, response }: Incident, { id: action }: ResponderAction): Promise<Progress> {
    const hook = response?.restart;
    if (!hook) throw new Error(`${id}: its document has no command for a restart`);
    const { controller, runHook } = this.#options;
    const stable = controller.service(service ?? '')?.stable;
    const variables = {
      RAMPART_SERVICE: service ?? '',
      RAMPART_VERSION: stable?.version ?? '',
      RAMPART_INCIDENT: id,
      RAMPART_IDEMPOTENCY_KEY: `${id}:${action}`,
    };
    for (let attempt = 1; ; attempt += 1) {
      const given = { ...variables, RAMPART_ATTEMPT: String(attempt) };
      const { ok, detail } = await runHook(hook, given, stable?.spec.folder ?? null, this.#loop.signal);
      if (ok) return { kind: 'done', said: `${hook.name} has ended${detail === '' ? '' : `: ${detail}`}` };
      if (attempt >= hook.attempts || this.#loop.signal.aborted) return { kind: 'failed', said: `${hook.name}: ${detail}` };
    }
  }
}

/** What the machine may be at: whatever is not over, and what it has begun. */
function needsLook(incident: Incident): boolean {
  return incident.service !== null && (!isOver(incident) || underWay(incident) !== undefined);
}

function underWay({ actions }: Incident): ResponderAction | undefined {
  return actions.find(({ endedAtMs, kind }) => endedAtMs === null && (kind === 'restart' || kind === 'rollback'));
}

function keyOf({ id }: Incident, { id: action }: ResponderAction): string {
  return `${id}/${action}`;
}

/** The id of the restart that an action asks for: the next controller asks for the same one. */
function restartOf(incident: Incident, act: ResponderAction): string {
  return `incident ${keyOf(incident, act)}`;
}

/** At the end of the reason of what is asked for: by it the next controller finds it again. */
function markOf(incident: Incident, act: ResponderAction): string {
  return `(incident ${keyOf(incident, act)})`;
}

function releaseOf({ attribution }: Incident): string | null {
  return attribution?.release?.id ?? null;
}
