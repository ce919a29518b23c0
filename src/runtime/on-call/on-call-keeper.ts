import type { Origin } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import {
  type OnCallState,
  type OverrideWish,
  overridesOf,
  type StandingOverride,
  schedulesWith,
} from '../../incidents/on-call/overrides.ts';
import { type IncidentSetup, noSetup } from '../../spec/incident-setup.ts';
import type { SetupKeeper } from '../notifications/setup-keeper.ts';
import type { CalendarKeeper } from './calendar-keeper.ts';
import type { OnCallRecorded } from './on-call-records.ts';

/** Who asks, for the record. */
export type OnCallAsked = { readonly by: string; readonly why: string; readonly from?: Origin };

/** Who is on call: the setup in force with the overrides and swaps that people have asked for beside it, on record. */
export class OnCallKeeper {
  readonly #setup: SetupKeeper;
  readonly #records: OnCallRecorded;
  readonly #calendars: CalendarKeeper;
  #made: {
    readonly of: IncidentSetup;
    readonly with: OnCallState;
    readonly calendars: number;
    readonly setup: IncidentSetup;
  };

  /** @param records - Caught up. */
  constructor(setup: SetupKeeper, records: OnCallRecorded, calendars: CalendarKeeper) {
    this.#setup = setup;
    this.#records = records;
    this.#calendars = calendars;
    this.#made = { of: noSetup, with: records.state, calendars: -1, setup: noSetup };
  }

  /** The setup in force, its schedules with what stands: whoever calls people takes it from here. */
  get setup(): IncidentSetup {
    const [setup, state, { changes: calendars }] = [this.#setup.setup, this.#records.state, this.#calendars];
    if (this.#made.of !== setup || this.#made.with !== state || this.#made.calendars !== calendars) {
      const schedules = schedulesWith(this.#calendars.with(setup.schedules), state);
      this.#made = { of: setup, with: state, calendars, setup: { ...setup, schedules } };
    }
    return this.#made.setup;
  }

  /** Another setup, with what stands of the schedules that it has too. */
  with(setup: IncidentSetup): IncidentSetup {
    return { ...setup, schedules: schedulesWith(this.#calendars.with(setup.schedules), this.#records.state) };
  }

  /** Hears of a new setup, of overrides, and of what calendars say. */
  listen(listener: () => void): () => void {
    const deaf = [this.#setup.listen(listener), this.#records.listen(() => listener()), this.#calendars.listen(listener)];
    return () => {
      for (const one of deaf) one();
    };
  }

  /** Overrides and swaps that were asked for, those that are over for up to 31 days. */
  get standing(): readonly StandingOverride[] {
    return this.#records.state.standing;
  }

  /**
   * Lets somebody be on call for a time, or two people swap theirs.
   *
   * @throws UserError as `overridesOf` and `RecordedState.change`.
   */
  async override(wish: OverrideWish, { by, why, from }: OnCallAsked): Promise<StandingOverride> {
    let id = '';
    await this.#records.change((state, atMs) => {
      const { people, schedules } = this.#setup.setup;
      const overrides = overridesOf(
        wish,
        { people, schedules: schedulesWith(this.#calendars.with(schedules), state) },
        state,
        atMs,
      );
      id = `${wish.times.length === 1 ? 'override' : 'swap'}-${state.count + 1}`;
      const data = { id, schedule: wish.schedule, overrides, why, ...(from === undefined ? {} : { from }) };
      return [{ kind: 'on-call-overridden', actor: by, data }];
    });
    return this.#known(id);
  }

  /**
   * Takes an override or a swap back, as if it had never been.
   *
   * @throws UserError `E_UNKNOWN_OVERRIDE`, and those of `RecordedState.change`.
   */
  async cancel(id: string, { by, why, from }: OnCallAsked): Promise<void> {
    await this.#records.change(() => {
      this.#known(id);
      return [{ kind: 'on-call-override-cancelled', actor: by, data: { id, why, ...(from === undefined ? {} : { from }) } }];
    });
  }

  #known(id: string): StandingOverride {
    const found = this.standing.find((one) => one.id === id);
    if (found) return found;
    const fix = 'see which stand with `rampart oncall overrides`';
    throw new UserError('E_UNKNOWN_OVERRIDE', `there is no override or swap ${id}`, { where: 'on-call', fix });
  }
}
