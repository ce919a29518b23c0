import { messageOf, UserError } from '../../errors.ts';
import { itself } from '../../incidents/decide.ts';
import { runbooksOf } from '../../incidents/runbooks/attach.ts';
import { builtinRunbooks } from '../../incidents/runbooks/builtin.ts';
import type { RunbookEvent, RunbookRun, RunStep } from '../../incidents/runbooks/types.ts';
import { isOver } from '../../incidents/severity.ts';
import type { Incident } from '../../incidents/types.ts';
import type { RunbookSpec } from '../../spec/runbook.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { RunbooksRecorded } from './runbook-records.ts';

/** How often incidents are compared with what was attached to them. */
const lookMs = 5_000;
/** Steps that run at once, of all incidents: so many checks, and as many looks, which no slow command of another incident may hold up. */
const atOnceMax = 4;
/** Incidents that are looked at: an outage of everything has one for each service. */
const incidentsMax = 200;

/** What a step has found, before it is on record. */
export type StepAnswer = Pick<NonNullable<RunStep['outcome']>, 'state' | 'said' | 'lines'>;

export type RunbookKeeperOptions = {
  /** Caught up. */
  readonly records: RunbooksRecorded;
  readonly incidents: () => readonly Incident[];
  /** Runbooks of the setup in force. */
  readonly own: () => readonly RunbookSpec[];
  /** Whether a service is under control here. */
  readonly isKnown: (service: string) => boolean;
  /** Carries out a step that runs by itself. Ends when the signal does; whatever goes wrong is an answer. */
  readonly perform: (incident: Incident, step: RunStep, signal: AbortSignal) => Promise<StepAnswer>;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * Attaches runbooks to incidents and runs what runs by itself, so that it is there when people come. A step that a controller has not
 * put on record is run again by the next one: steps only look.
 */
export class RunbookKeeper {
  readonly #options: RunbookKeeperOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #loop: Loop;

  constructor(options: RunbookKeeperOptions) {
    this.#options = options;
    const { clock, warn } = options;
    const turn = async (): Promise<number> => {
      await this.#attach();
      this.#begin();
      return lookMs;
    };
    this.#loop = new Loop({ what: 'runbooks', turn, failedMs: lookMs, clock, warn });
  }

  /** Runbooks of an incident, in their order. */
  of(incident: string): readonly RunbookRun[] {
    return this.#options.records.state.get(incident) ?? [];
  }

  /** Looks at once: an incident has opened. */
  wake(): void {
    this.#loop.wake();
  }

  /**
   * A person says that a step is done.
   *
   * @param step - Its place in the runbook, from 0.
   * @throws UserError `E_UNKNOWN_STEP`; `E_REFUSED` for one that runs by itself: what it has told stays.
   */
  async done(incident: string, runbook: string, step: number, by: string, text: string): Promise<void> {
    if (this.#step(incident, runbook, step).does.kind !== 'person')
      throw new UserError('E_REFUSED', 'this step runs by itself, and what it has told is kept', {
        where: 'step',
        fix: `run it again: rampart incidents runbook ${incident} --again ${runbook}/${step + 1}`,
      });
    const said = text === '' ? { en: 'done', ru: 'сделано' } : text;
    const data = { id: incident, runbook, step, state: 'done' as const, said, lines: [], tookMs: 0 };
    await this.#change(incident, runbook, step, [{ kind: 'runbook-step-ended', data }], by);
  }

  /**
   * Runs a step again that runs by itself, for a person.
   *
   * @throws UserError `E_UNKNOWN_STEP`; `E_REFUSED` for one that only people can do.
   */
  async again(incident: Incident, runbook: string, step: number, by: string): Promise<void> {
    const known = this.#step(incident.id, runbook, step);
    if (known.does.kind === 'person')
      throw new UserError('E_REFUSED', 'only people can do this step', { where: 'step', fix: 'say that it is done' });
    const ended = await this.#perform(incident, runbook, step, known);
    if (ended) await this.#change(incident.id, runbook, step, [ended], by);
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await Promise.all(this.#running.values());
  }

  #step(incident: string, runbook: string, step: number): RunStep {
    const found = this.of(incident).find(({ name }) => name === runbook)?.steps[step];
    if (found) return found;
    throw new UserError('E_UNKNOWN_STEP', `${incident} has no step ${step + 1} of a runbook ${runbook}`, {
      where: 'step',
      fix: `see them with: rampart incidents runbook ${incident}`,
    });
  }

  async #change(id: string, runbook: string, step: number, events: readonly RunbookEvent[], by: string): Promise<void> {
    await this.#options.records.change(() => {
      this.#step(id, runbook, step);
      return events.map((event) => ({ ...event, actor: by }));
    });
  }

  get #open(): readonly Incident[] {
    return this.#options
      .incidents()
      .filter((one) => !isOver(one))
      .slice(0, incidentsMax);
  }

  async #attach(): Promise<void> {
    const { records, own, isKnown } = this.#options;
    const wanted = (incident: Incident): readonly RunbookSpec[] =>
      runbooksOf(incident, own(), builtinRunbooks, isKnown).filter(
        ({ name }) => !this.of(incident.id).some((run) => run.name === name),
      );
    const events = this.#open.flatMap((incident) =>
      wanted(incident).map((runbook) => ({
        kind: 'runbook-attached' as const,
        actor: itself,
        data: { id: incident.id, runbook },
      })),
    );
    if (events.length > 0) await records.change(() => events);
  }

  /** Begins steps that have no outcome yet, as many as may run at once. */
  #begin(): void {
    for (const incident of this.#open)
      for (const run of this.of(incident.id))
        for (const [index, step] of run.steps.entries()) {
          if (step.does.kind === 'person' || step.outcome !== null) continue;
          const { kind } = step.does;
          const key = `${kind} ${incident.id} ${run.name} ${index}`;
          const alike = [...this.#running.keys()].filter((one) => one.startsWith(`${kind} `)).length;
          if (this.#running.has(key) || alike >= atOnceMax || this.#loop.signal.aborted) continue;
          this.#running.set(key, this.#carryOut(key, incident, run.name, index, step));
        }
  }

  async #carryOut(key: string, incident: Incident, runbook: string, index: number, step: RunStep): Promise<void> {
    try {
      const ended = await this.#perform(incident, runbook, index, step);
      if (ended) await this.#options.records.change(() => [{ ...ended, actor: itself }]);
    } catch (error) {
      this.#options.warn(`runbook ${runbook} of ${incident.id}, step ${index + 1}: ${messageOf(error)}`);
      // Not at once: what cannot be recorded now cannot be in a moment either.
      await this.#options.clock.after(lookMs, this.#loop.signal);
    } finally {
      this.#running.delete(key);
      this.#loop.wake();
    }
  }

  /** Null: the controller stops, and the next one runs it. */
  async #perform(incident: Incident, runbook: string, step: number, known: RunStep): Promise<RunbookEvent | null> {
    const { clock, perform } = this.#options;
    const begunMs = clock.now();
    const answer = await perform(incident, known, this.#loop.signal).catch(
      (error: unknown): StepAnswer => ({ state: 'failed', said: messageOf(error), lines: [] }),
    );
    if (this.#loop.signal.aborted) return null;
    const tookMs = Math.max(0, clock.now() - begunMs);
    return { kind: 'runbook-step-ended', data: { id: incident.id, runbook, step, ...answer, tookMs } };
  }
}
