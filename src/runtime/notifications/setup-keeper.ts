import type { Origin } from '../../access/types.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { SetupState } from '../../incidents/setup.ts';
import {
  type IncidentSetup,
  incidentSetup,
  noSetup,
  type SetupChange,
  type SetupFile,
  type SetupKinds,
  setupChanges,
} from '../../spec/incident-setup.ts';
import type { SetupRecorded } from './setup-records.ts';

export type SetupWish = {
  readonly files: readonly SetupFile[];
  readonly by: string;
  readonly why: string;
  readonly from?: Origin;
  /** The version that it is to take the place of; null: whichever is in force. */
  readonly replaces: number | null;
};

/** The setup in force, for whoever does something else when it changes. */
export type SetupInForce = { readonly setup: IncidentSetup; listen(listener: () => void): () => void };

/** The one setup of a controller: who is told of what. Replaced as a whole, and on record with its texts. */
export class SetupKeeper {
  readonly #records: SetupRecorded;
  readonly #kinds: SetupKinds;
  readonly #warn: (text: string) => void;
  #understood: { readonly version: number; readonly setup: IncidentSetup } = { version: 0, setup: noSetup };

  /** @param records - Caught up. */
  constructor(records: SetupRecorded, kinds: SetupKinds, warn: (text: string) => void) {
    this.#records = records;
    this.#kinds = kinds;
    this.#warn = warn;
  }

  get state(): SetupState {
    return this.#records.state;
  }

  /** The setup that is in force. Where it was written for another version of this program and is not understood any more: the one before. */
  get setup(): IncidentSetup {
    const { version, files } = this.state;
    if (this.#understood.version === version) return this.#understood.setup;
    try {
      this.#understood = { version, setup: incidentSetup(files, this.#kinds) };
    } catch (error) {
      this.#understood = { version, setup: this.#understood.setup };
      this.#warn(`the setup of incidents (version ${version}) is not understood any more; apply it anew: ${messageOf(error)}`);
    }
    return this.#understood.setup;
  }

  /** Hears of each setup once it is in force. Answers how to stop. */
  listen(listener: () => void): () => void {
    return this.#records.listen(() => listener());
  }

  /**
   * What files of a setup mean. Nothing is recorded.
   *
   * @throws SpecError with every problem.
   */
  understood(files: readonly SetupFile[]): IncidentSetup {
    return incidentSetup(files, this.#kinds);
  }

  /**
   * What a setup would change. Nothing is recorded.
   *
   * @throws SpecError with every problem.
   */
  preview(files: readonly SetupFile[]): readonly SetupChange[] {
    incidentSetup(files, this.#kinds);
    return setupChanges(this.state.files, files);
  }

  /**
   * Puts a setup into force in place of the one before. One that changes nothing is not recorded.
   *
   * @throws SpecError with every problem; UserError `E_CHANGED` when somebody else was faster, and those of `RecordedState.change`.
   */
  async apply({ files, by, why, from, replaces }: SetupWish): Promise<readonly SetupChange[]> {
    const { notifiers } = incidentSetup(files, this.#kinds);
    let changes: readonly SetupChange[] = [];
    await this.#records.change((state) => {
      if (replaces !== null && replaces !== state.version)
        throw new UserError('E_CHANGED', `the setup of incidents is version ${state.version} by now, not ${replaces}`, {
          where: 'incident-setup',
          fix: 'read it again, and apply what you want of it',
        });
      changes = setupChanges(state.files, files);
      if (JSON.stringify(state.files) === JSON.stringify(files)) return [];
      const version = state.version + 1;
      const data = { version, files, notifiers, why, ...(from === undefined ? {} : { from }) };
      return [{ kind: 'incident-setup-applied', actor: by, data }];
    });
    return changes;
  }
}
