import { randomUUID } from 'node:crypto';
import type { Origin } from '../../access/types.ts';
import { messageOf, UserError } from '../../errors.ts';
import { concerns } from '../../slo/corrections.ts';
import type { EventCheck } from '../../sources/source.ts';
import type { StandaloneObjective } from '../../spec/types.ts';
import { type Clock, within } from '../clock.ts';
import type { ReaderOf } from './event-feeds.ts';
import type { ObjectiveEvent, ObjectivesRecorded } from './objective-records.ts';
import type { RunningObjective } from './running-objective.ts';

/** Longest look at what objectives would count. */
const checkMs = 10_000;
/** Time that a correction may cover, and how many there may be. */
const correctionMaxMs = 92 * 86_400_000;
const correctionsMax = 1_000;

/** Who asks for a change, why, and from where; `from` left out: nobody keeps that. */
export type Asked = { readonly by: string; readonly why: string; readonly from?: Origin };

/** What changes act on. */
export type ChangedWorld = {
  readonly records: ObjectivesRecorded;
  readonly readerOf: ReaderOf;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly all: () => readonly RunningObjective[];
  readonly get: (id: string) => RunningObjective | undefined;
  /** Begins to count what is on record and does not run, and ends what is not on record any more. */
  readonly restart: () => void;
  /** Counts some of the past anew, after what is left out of it has changed. */
  readonly recount: (running: RunningObjective, fromMs: number, toMs: number) => void;
};

/** What people change about objectives: time that does not count, and objectives without a service. */
export class ObjectiveChanges {
  readonly #world: ChangedWorld;

  constructor(world: ChangedWorld) {
    this.#world = world;
  }

  /**
   * Leaves time out of the account of an objective, also time that is over.
   *
   * @throws UserError when there is no such objective, or the time is none; `E_LOG_FAILING`.
   */
  async correct(objective: string, fromMs: number, toMs: number, { why, by, from }: Asked): Promise<string> {
    const found = this.#world.get(objective);
    if (!found) throw unknownObjective(objective);
    if (!(toMs > fromMs) || toMs - fromMs > correctionMaxMs)
      throw new UserError('E_BAD_CORRECTION', 'a correction covers some time, at most 92 days', {
        where: 'fromMs, toMs',
        fix: 'give a later end, or several corrections',
      });
    const id = randomUUID().slice(0, 8);
    await this.#world.records.change(({ corrections }) => {
      if (corrections.length >= correctionsMax)
        throw new UserError('E_TOO_MANY', `there are ${correctionsMax} corrections`, {
          where: 'corrections',
          fix: 'remove old ones',
        });
      return [{ kind: 'correction-added', actor: by, data: { id, objective, fromMs, toMs, why, ...(from ? { from } : {}) } }];
    });
    this.#world.recount(found, fromMs, toMs);
    return id;
  }

  /** Takes a correction back. @throws UserError when there is none; `E_LOG_FAILING`. */
  async uncorrect(objective: string, id: string, { why, by, from }: Asked): Promise<void> {
    const correction = this.#world.records.state.corrections.find((one) => one.id === id && concerns(one, objective));
    if (!correction)
      throw new UserError('E_UNKNOWN_CORRECTION', `${objective} has no correction ${id}`, {
        where: 'correction',
        fix: `see \`rampart slo show ${objective}\``,
      });
    await this.#world.records.change(() => [
      { kind: 'correction-removed', actor: by, data: { id, objective: correction.objective, why, ...(from ? { from } : {}) } },
    ]);
    for (const one of this.#world.all())
      if (concerns(correction, one.id)) this.#world.recount(one, correction.fromMs, correction.toMs);
  }

  /**
   * Looks at what free-standing objectives would count, before they are put into force: what has to be corrected, and what should be
   * said. A source that cannot be asked now may be able to later.
   */
  async checkEvents(objectives: readonly StandaloneObjective[]): Promise<EventCheck> {
    const found: { problems: string[]; notes: string[] } = { problems: [], notes: [] };
    for (const { source, group } of sourceGroups(objectives)) {
      const asked = group.map((standalone) => ({ id: standaloneId(standalone), objective: standalone.objective }));
      try {
        const reader = this.#world.readerOf({ of: 'slo', source, objectives: asked });
        if (!reader) found.problems.push(`a source of kind ${source.kind} counts no events`);
        else {
          const signal = this.#world.signal;
          const { problems, notes } = await within(this.#world.clock, checkMs, 'the source', signal, (inner) =>
            reader.check(inner),
          );
          found.problems.push(...problems);
          found.notes.push(...notes);
        }
      } catch (error) {
        found.notes.push(`what they count could not be looked at: ${messageOf(error)}`);
      }
    }
    return found;
  }

  /** Puts free-standing objectives on record, all of them or none. @throws UserError `E_LOG_FAILING`. */
  async apply(objectives: readonly StandaloneObjective[], { why, by, from }: Asked): Promise<readonly string[]> {
    await this.#world.records.change((state) =>
      objectives.flatMap((standalone): readonly ObjectiveEvent[] => {
        const id = standaloneId(standalone);
        const before = state.objectives.get(id);
        if (before && !before.standalone)
          throw new UserError('E_REFUSED', `${id} is an objective of the service ${before.service}`, {
            where: 'metadata.name',
            fix: 'give it another name',
          });
        if (before?.standalone && JSON.stringify(before.standalone) === JSON.stringify(standalone)) return [];
        const { service, objective } = standalone;
        return [
          { kind: 'objective-set', actor: by, data: { id, service, standalone, objective, why, ...(from ? { from } : {}) } },
        ];
      }),
    );
    this.#world.restart();
    return objectives.map(standaloneId);
  }

  /** Ends a free-standing objective. @throws UserError when there is none, or a document of a service has it. */
  async remove(id: string, { why, by, from }: Asked): Promise<void> {
    const found = this.#world.get(id);
    if (!found) throw unknownObjective(id);
    if (!found.known.standalone)
      throw new UserError('E_REFUSED', `${id} stands in the document of ${found.known.service}`, {
        where: 'objective',
        fix: 'release a version whose document is without it',
      });
    await this.#world.records.change(() => [
      { kind: 'objective-removed', actor: by, data: { id, why, ...(from ? { from } : {}) } },
    ]);
    this.#world.restart();
  }
}

function sourceGroups(objectives: readonly StandaloneObjective[]) {
  const groups = Map.groupBy(
    objectives.filter(({ source }) => source !== null),
    ({ source }) => JSON.stringify(source),
  );
  return [...groups.values()].flatMap((group) => (group[0]?.source ? [{ source: group[0].source, group }] : []));
}

/** Id of a free-standing objective: `slo/NAME`. */
export function standaloneId({ name }: Pick<StandaloneObjective, 'name'>): string {
  return `slo/${name}`;
}

export function unknownObjective(id: string): UserError {
  return new UserError('E_UNKNOWN_OBJECTIVE', `there is no objective ${id}`, {
    where: 'objective',
    fix: 'see `rampart slo` for those there are',
  });
}
