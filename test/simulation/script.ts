import type { Verb } from '../../src/release/types.ts';
import { pickNature, pickSharing, type Sharing } from './draws.ts';
import type { Nature } from './instances.ts';
import { type Random, random } from './random.ts';
import type { DoorFault, World } from './world.ts';

/** What a history is made of before anything happens. */
export type Script = {
  /** What 2.0.0 is like. */
  readonly nature: Nature;
  readonly natureName: string;
  /** See `World.sourceEveryS`. */
  readonly sourceEveryS: number | null;
  /** When the source does not answer, and how. */
  readonly sourceFails: readonly { readonly fault: DoorFault; readonly from: number; readonly forMs: number }[];
  /** What releases do with the database; null: they leave it alone. */
  readonly database: Random | null;
  /** Share of the database's programs that fail; null: as usual. */
  readonly databaseFailShare: number | null;
  /** Every release of this history changes the number of instances as it goes; null: none does. */
  readonly sharing: Sharing | null;
  /** When somebody asks for a restart. */
  readonly restartsAtMs: readonly number[];
  readonly kills: { readonly count: number; readonly firstAt: number; readonly returnsAfterMs: number };
};

/** What somebody does as soon as the release is in a place. */
export type Plan = { readonly place: string; readonly verb: Verb; readonly then: Verb | null; readonly afterMs: number };

/** What happens besides the release itself. */
export type Events = {
  /** By time. */
  readonly steps: { readonly at: number; readonly run: () => void }[];
  readonly plans: Plan[];
  /** Where of the release of 2.0.0 the router begins to refuse, and for how long; null: it does not. */
  readonly routerFails: { readonly place: string; readonly forMs: number } | null;
};

/** Where it happens. */
export type Stage = {
  readonly world: World;
  readonly tell: (line: string) => void;
  readonly request: (version: string) => void;
  readonly verb: (verb: Verb) => void;
  readonly rollback: () => void;
  readonly restart: () => void;
  readonly takeOver: () => void;
  /** A door opens again. */
  readonly heal: () => void;
  readonly jump: (ms: number) => void;
};

export function drawScript(seed: number, draws: Random): Script {
  const { name: natureName, nature } = pickNature(draws);
  // Drawn apart, so that the other histories stay what they were.
  const source = random(seed ^ 0x50_0c_e5);
  const sourceFails: Script['sourceFails'][number][] = [];
  let sourceEveryS: number | null = null;
  if (source.chance(0.2)) {
    sourceEveryS = source.pick([2, 5]);
    for (let count = source.between(0, 2); count > 0; count -= 1) {
      const fault = source.pick<DoorFault>(['refuses', 'hangs', 'deaf']);
      const from = source.between(2_000, 80_000);
      const forMs = source.between(500, 40_000);
      sourceFails.push({ fault, from, forMs });
    }
  }
  const ofDatabase = random(seed ^ 0x0d_a7_ab);
  const database = ofDatabase.chance(0.2) ? ofDatabase : null;
  const databaseFailShare = ofDatabase.chance(0.3) ? 0.3 : null;
  const rolling = random(seed ^ 0x20_11_16);
  const sharing = rolling.chance(0.2) ? pickSharing(rolling) : null;
  const restarting = random(seed ^ 0x4e_57_a7);
  const restartsAtMs = restarting.chance(0.3) ? [restarting.between(8_000, 19_900), restarting.between(20_000, 150_000)] : [];
  // Every fourth history has no crash; in the others the boundary moves with the seed, so that each is met again and again.
  const count = draws.chance(0.75) ? draws.between(1, 3) : 0;
  const firstAt = count > 0 ? draws.between(1, 400) : Number.POSITIVE_INFINITY;
  const returnsAfterMs = draws.pick([1, 300, 2_000, 4_000, 8_000, 20_000]);
  const kills = { count, firstAt, returnsAfterMs };
  return { nature, natureName, sourceEveryS, sourceFails, database, databaseFailShare, sharing, restartsAtMs, kills };
}

/** What happens besides the release itself, by time. */
export function drawEvents({ between, chance, pick }: Random, script: Script, stage: Stage): Events {
  const { world } = stage;
  const steps: { at: number; run: () => void }[] = [];
  const plans: Plan[] = [];
  const at = (ms: number, text: string, run: () => void): void => {
    steps.push({
      at: ms,
      run: () => {
        stage.tell(`${(ms / 1_000).toFixed(1)} s: ${text}`);
        run();
      },
    });
  };
  at(1_000, 'release 1.0.0', () => stage.request('1.0.0'));
  at(20_000, 'release 2.0.0', () => stage.request('2.0.0'));
  if (chance(0.3)) at(between(20_000, 60_000), 'release 3.0.0', () => stage.request('3.0.0'));
  for (let count = between(0, 3); count > 0; count -= 1) {
    const verb = pick<Verb>(['pause', 'pause', 'resume', 'abort', 'promote', 'retry', 'approve']);
    const ms = between(20_000, 90_000);
    at(ms, verb, () => stage.verb(verb));
    if (verb !== 'pause' || chance(0.3)) continue;
    const then = pick<Verb>(['resume', 'resume', 'promote', 'abort', 'retry']);
    at(ms + between(100, 20_000), then, () => stage.verb(then));
  }
  if (chance(0.15)) at(between(20_000, 120_000), 'rollback', () => stage.rollback());
  for (let count = between(0, 2); count > 0; count -= 1)
    plans.push({
      place: pick([
        'applying',
        'observing',
        'running',
        'waiting',
        'asking',
        'settling',
        'held',
        'held',
        'rolling-back',
        'committing',
      ]),
      verb: pick<Verb>(['pause', 'pause', 'promote', 'promote', 'abort', 'retry', 'resume']),
      then: pick<Verb | null>(['resume', 'promote', null]),
      afterMs: between(0, 2_000),
    });
  for (let count = between(0, 2); count > 0; count -= 1) {
    const fault = pick<DoorFault>(['refuses', 'hangs', 'deaf']);
    const door = pick(['router', 'target']);
    const from = chance(0.7) ? between(20_000, 60_000) : between(2_000, 80_000);
    const forMs = between(500, 25_000);
    const set = (value: DoorFault | null): void => {
      if (door === 'router') world.routerFault = value;
      else world.targetFault = value;
      if (value === null) stage.heal();
    };
    at(from, `${door} ${fault} for ${forMs} ms`, () => set(fault));
    at(from + forMs, `${door} answers again`, () => set(null));
  }
  for (const { fault, from, forMs } of script.sourceFails) {
    at(from, `source ${fault} for ${forMs} ms`, () => (world.sourceFault = fault));
    at(from + forMs, 'source answers again', () => (world.sourceFault = null));
  }
  const routerFails = chance(0.3) ? { place: pick(['observing', 'rolling-back']), forMs: between(6_000, 20_000) } : null;
  if (chance(0.15)) {
    const from = between(2_000, 80_000);
    at(from, 'log is full', () => (world.logFault = pick(['full', 'slow'])));
    at(from + between(500, 15_000), 'log takes records again', () => {
      world.logFault = null;
      stage.heal();
    });
  }
  const isCrashing = script.nature.crashAfterMs !== null;
  if (chance(isCrashing ? 0.5 : 0.15)) at(between(19_000, 60_000), 'users stay away', () => (world.rps = 0));
  if (chance(0.15)) at(between(5_000, 60_000), 'the clock jumps', () => stage.jump(pick([-3_600_000, -5_000, 5_000, 60_000])));
  for (const ms of script.restartsAtMs) at(ms, 'restart', () => stage.restart());
  if (chance(0.1)) at(between(10_000, 60_000), 'a second controller takes over', () => stage.takeOver());
  return { steps: steps.sort((a, b) => a.at - b.at), plans, routerFails };
}
