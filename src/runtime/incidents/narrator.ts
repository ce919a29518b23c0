import { checkAnswer } from '../../diagnosis/narration/check.ts';
import { factsOf } from '../../diagnosis/narration/facts.ts';
import { narrating } from '../../diagnosis/narration/ledger.ts';
import { chatRequest } from '../../diagnosis/narration/prompt.ts';
import type { NarrationEvent, NarrationStory } from '../../diagnosis/narration/story.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { Answered } from '../../incidents/asked.ts';
import { itself } from '../../incidents/decide.ts';
import { isOver } from '../../incidents/severity.ts';
import type { NotifierTools } from '../../notifiers/notifier.ts';
import type { NarrationSpec } from '../../spec/narration.ts';
import type { Text } from '../../spec/text.ts';
import type { PostMortem } from '../../views/post-mortem/types.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { Asker } from './incident-keeper.ts';
import type { IncidentsRecorded } from './incident-records.ts';
import { askEndpoint } from './narration-call.ts';

/** It is looked at least so often what is to be narrated. */
const lookMs = 15_000;
/** One that was asked for longer ago is not written any more: nobody waits for it. */
const lateMs = 15 * 60_000;
/** How long after the end of an incident one may still be written by itself. */
const dueWithinMs = 3_600_000;

export type NarratorWorld = {
  /** Caught up. */
  readonly records: IncidentsRecorded;
  /** Who narrates; null: nobody. */
  readonly spec: () => NarrationSpec | null;
  readonly postMortem: (id: string) => Promise<PostMortem>;
  /** Secrets that the documents of a service name, as they are. */
  readonly secrets: (service: string) => readonly string[];
  readonly tools: Pick<NotifierTools, 'secret'>;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * Has incidents narrated by an endpoint, one after the other and beside everything else: nothing waits for it, and nothing is decided by it.
 * What is asked for is on record before anybody is asked, so the next controller goes on with it.
 */
export class Narrator {
  readonly #world: NarratorWorld;
  readonly #loop: Loop;

  constructor(world: NarratorWorld) {
    this.#world = world;
    const { records, clock, warn } = world;
    const turn = async (): Promise<number> => {
      await this.#turn();
      return lookMs;
    };
    const hear = (wake: () => void) =>
      records.listen((events) => {
        if (events.some(({ kind }) => wakes.has(kind))) wake();
      });
    this.#loop = new Loop({ what: 'narration', turn, hears: [hear], clock, warn });
  }

  /** Name of the model that narrates; null: none does. */
  get model(): string | null {
    return this.#world.spec()?.model ?? null;
  }

  /**
   * Asks for a narration of an incident. Answers at once; the narration comes later.
   *
   * @throws UserError `E_REFUSED` where nothing is set up to narrate, and those of `RecordedState.change`.
   */
  async ask(id: string, { by, why, from }: Asker, language?: 'en' | 'ru'): Promise<Answered> {
    const { records, spec } = this.#world;
    let answered: Answered | null = null;
    await records.change(({ narrations }, atMs) => {
      const asking = { id, why, ...(from ? { from } : {}), ...(language ? { language } : {}), atMs };
      answered = narrating(narrations, spec(), asking);
      return answered.events.map((event) => ({ ...event, actor: by }));
    });
    return answered as unknown as Answered;
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #turn(): Promise<void> {
    const { records } = this.#world;
    await this.#askByItself();
    for (const [id, { pending }] of records.state.narrations.stories) {
      if (this.#loop.signal.aborted) return;
      if (pending !== null) await this.#narrate(id, pending);
    }
  }

  /** Those that are over and measured, where the setup says so. */
  async #askByItself(): Promise<void> {
    const { records, spec, clock } = this.#world;
    if (spec()?.atResolve !== true) return;
    for (const id of records.state.narrations.due.keys()) {
      const incident = records.state.incidents.get(id);
      if (!incident || !isOver(incident) || clock.now() - (incident.resolvedAtMs ?? 0) > dueWithinMs) continue;
      await this.ask(id, { by: itself, why: '' });
    }
  }

  async #narrate(id: string, pending: NonNullable<NarrationStory['pending']>): Promise<void> {
    const event = await this.#written(id, pending);
    // Stopped meanwhile: it is pending, and the next controller asks again.
    if (event === null) return;
    await this.#world.records.change(({ narrations }) =>
      narrations.stories.get(id)?.pending?.ask === pending.ask ? [{ ...event, actor: itself }] : [],
    );
  }

  /** What comes on record of one; null: the controller stops. */
  async #written(
    id: string,
    { ask, atMs, model, language }: NonNullable<NarrationStory['pending']>,
  ): Promise<NarrationEvent | null> {
    const { spec: specOf, clock, tools, secrets, postMortem } = this.#world;
    const { signal } = this.#loop;
    const failed = (why: Text, isTrouble = false, notBeforeMs: number | null = null): NarrationEvent => ({
      kind: 'incident-narration-failed',
      data: { id, ask, model, why, isTrouble, notBeforeMs },
    });
    const spec = specOf();
    if (spec === null) return failed({ en: 'nothing is set up to narrate any more', ru: 'писать больше некому' });
    if (clock.now() - atMs > lateMs)
      return failed({ en: 'no controller ran in time to ask for it', ru: 'вовремя спросить было некому: контроллер не работал' });
    try {
      const known = await postMortem(id);
      const hidden = known.service === null ? [] : secrets(known.service);
      const facts = factsOf(known, language, hidden);
      if (facts.length === 0)
        return failed({ en: 'there is nothing on record to narrate', ru: 'в журнале нечего пересказывать' });
      const answer = await askEndpoint(spec, chatRequest({ ...spec, model }, language, facts), tools, signal);
      if (signal.aborted) return null;
      if (answer.kind === 'failed') {
        const { why, isTrouble, afterMs } = answer;
        return failed(why, isTrouble, afterMs === null ? null : clock.now() + afterMs);
      }
      const checked = checkAnswer(answer.body, facts, hidden);
      if (checked.kind === 'none') return failed(checked.why, checked.isTrouble);
      const { sentences, dropped } = checked;
      const uptoSeq = Math.max(...facts.map(({ seq }) => seq));
      return {
        kind: 'incident-narrated',
        data: { id, ask, narration: { model, language, sentences, dropped, facts: facts.length, uptoSeq } },
      };
    } catch (error) {
      // The log, or whoever has taken over: nothing can be put on record now. Anything else must not keep the others waiting.
      if (error instanceof UserError && (error.code === 'E_STOPPED' || error.code === 'E_LOG_FAILING')) throw error;
      this.#world.warn(`${id} cannot be narrated: ${messageOf(error)}`);
      return failed({ en: 'a mistake of Rampart; its log says more', ru: 'ошибка Rampart, подробности в его журнале' });
    }
  }
}

/** Kinds of events after which there may be something to narrate. */
const wakes = new Set<string>(['incident-narration-asked', 'incident-learned', 'incident-resolved'] satisfies readonly string[]);
