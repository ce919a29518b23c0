import { messageOf } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { ServiceAgent } from './service-agent.ts';

/**
 * Looks that begin in one go. Between two goes the machine's answers come in and routes go out, so that a decision does not wait for
 * a thousand others, and what a look has used is garbage before the next ones begin.
 */
const looksAtOnce = 100;
const betweenLooksMs = 1;

export type LookRoundsOptions = {
  readonly clock: Clock;
  readonly agents: () => Iterable<ServiceAgent>;
  readonly signal: AbortSignal;
  readonly warn: (service: string, text: string) => void;
  /** Puts on record what the services of a round have left for its end. */
  readonly flush: () => void;
};

/** Rounds of looks at every service. One that takes longer than a second is not overtaken by the next. */
export class LookRounds {
  readonly #options: LookRoundsOptions;
  #isUnderWay = false;
  #isFlushWanted = false;

  constructor(options: LookRoundsOptions) {
    this.#options = options;
  }

  /** One transaction at the end of a round for what all services have to put on record: each waits for the disk. */
  flushAfter(): void {
    this.#isFlushWanted = true;
  }

  async round(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    // First where a release is under way: only there can somebody be hurt by waiting, and the counts cannot wait for the instances.
    const isLive = ({ turn }: ServiceAgent): boolean => turn.head.live !== null;
    const agents = [...this.#options.agents()];
    const ordered = [...agents.filter(isLive), ...agents.filter((agent) => !isLive(agent))];
    await this.#inGoes(ordered, (agent) => agent.lookAtTraffic());
    await this.#inGoes(ordered, (agent) => agent.lookAtInstances());
    this.#isUnderWay = false;
    if (this.#isFlushWanted) this.#options.flush();
    this.#isFlushWanted = false;
  }

  async #inGoes(agents: readonly ServiceAgent[], look: (agent: ServiceAgent) => Promise<void>): Promise<void> {
    const { clock, signal, warn } = this.#options;
    for (let begun = 0; begun < agents.length && !signal.aborted; begun += looksAtOnce) {
      for (const agent of agents.slice(begun, begun + looksAtOnce))
        look(agent).catch((error: unknown) => warn(agent.name, messageOf(error)));
      await clock.after(betweenLooksMs, signal);
    }
  }
}
