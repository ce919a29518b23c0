import { effectsOf, wantedVersions } from '../../src/release/levels.ts';
import { waitsForRestart } from '../../src/release/phase-name.ts';
import { sameRoute } from '../../src/release/same-route.ts';
import { candidateReplicas } from '../../src/release/scaling.ts';
import type { ReleaseState, ServiceState } from '../../src/release/types.ts';
import { unaskedPreflight } from './checklists.ts';
import type { DatabaseRun } from './database.ts';
import type { Played } from './played.ts';
import type { Life } from './virtual-time.ts';
import type { Act } from './world.ts';

/** What `simulatedService` watches a weight for, less the seconds whose counts may be missing and those that count in part. */
const watchedMs = 10_000 - 4_000;

/** Nothing is begun that does not follow from what is in the log, but for taking traffic back while the log takes nothing. */
export function judgeAct(played: Played, life: Life, act: Act): void {
  if (life !== played.life) return;
  const state = played.onRecord;
  const wanted = wantedVersions(state).some(({ version }) => 'version' in act && version === act.version);
  const effects = effectsOf(state);
  switch (act.kind) {
    case 'set-route': {
      const isProtective = act.route.candidate === null && played.world.logFault !== null;
      const isOnRecord = act.seq < state.route.seq || (act.seq === state.route.seq && sameRoute(act.route, state.route.want));
      if (!isOnRecord && !isProtective) played.fail(`route ${act.seq} is written before it is on record`);
      return;
    }
    case 'start':
      if (!wanted && !(act.version in state.instances)) played.fail(`${act.version} is started before that is on record`);
      if (state.live?.version === act.version && unaskedPreflight(state.live) !== null && state.stable?.version !== act.version)
        played.fail(`${act.version} is started before ${unaskedPreflight(state.live)}`);
      if (state.live?.version === act.version)
        for (const step of state.live.plan.steps)
          if (step.kind === 'migrate' && !played.world.database.applied.has(step.name))
            played.fail(`${act.version} is started before ${step.name} is applied`);
      return;
    case 'retire':
      if (wanted) played.fail(`${act.version} is ended although the log wants it`);
      return;
    case 'restart':
      if (!effects.some(({ kind }) => kind === 'restart')) played.fail(`${act.version} is restarted before that is on record`);
      if (state.live && !waitsForRestart(state.live)) played.fail(`${act.version} is restarted beside a release`);
      return;
    case 'smoke':
      if (!effects.some(({ kind }) => kind === 'smoke')) played.fail('checks run that are not on record');
      return;
    case 'hook':
      if (!effects.some((effect) => effect.kind === 'run-hook' && effect.hook.name === act.name))
        played.fail(`hook ${act.name} runs before it is on record`);
  }
}

/** The order of a release's programs on the database: backup, up, and back in reverse; never back past what cannot be undone. */
export function judgeDatabaseRun(played: Played, { release, what, name }: DatabaseRun, life: Life): void {
  // What an earlier controller has begun goes on beside the next one: everything may run twice.
  if (life !== played.life) return;
  const { database } = played.world;
  const live = played.onRecord.live;
  // A program that outlives its release's end would be one that nobody waited for.
  if (live?.id !== release) {
    played.fail(`${what} ${name} of a release that is not live`);
    return;
  }
  const own = database.own.get(release) ?? [];
  if (what === 'up') {
    const first = live.plan.steps[0];
    if (first?.kind === 'backup' && !database.hasBackup(release)) played.fail(`${name} is applied without a backup`);
  }
  if (what === 'backup' && own.length > 0) played.fail(`the backup has ${own.join(', ')} in it already`);
  if (what !== 'down' && what !== 'restore') return;
  const forever = own.find((other) => other.startsWith('!'));
  if (forever) played.fail(`${what} ${name} past ${forever}, which cannot be undone`);
  if (what === 'down' && own.includes(name) && own.at(-1) !== name) played.fail(`${name} is undone before ${own.at(-1)}`);
  if (played.world.running.includes(live.version)) played.fail(`${what} ${name} while ${live.version} runs`);
  if (played.world.reading?.route.candidate) played.fail(`${what} ${name} before all traffic is on stable`);
}

/** A higher weight needs the one before it to have been watched, in force, for its whole time. */
export function judgeRise(played: Played, version: string, weight: number, forMs: number): void {
  const live = played.onRecord.live;
  if (live?.version !== version || played.forced.has(live.id) || played.jumped || forMs >= watchedMs || live.hurried) return;
  // What a batch leaves to fewer instances is not watched for itself: the batch after it is.
  const isWatched = live.plan.steps.some((step) => step.kind === 'weight' && step.percent === weight);
  if (!isWatched) return;
  played.fail(`${version} gets more than ${weight} % after ${forMs} ms`);
}

export function judgeRetireInUse(played: Played, version: string): void {
  const phase = played.onRecord.live?.phase;
  // The way out when the router takes no route: without instances nobody can be hurt by the candidate.
  const isWayOut = phase?.kind === 'rolling-back' && phase.stopped && played.onRecord.live?.version === version;
  if (!isWayOut) played.fail(`${version} is ended while the router sends requests to it`);
}

/** From one event to the next: more traffic only on positive evidence, unless a person said so or there is nothing to compare with. */
export function judgeStep(played: Played, before: ReleaseState, after: ReleaseState, { instances }: ServiceState): void {
  const ready = (instances[after.version] ?? []).filter(({ state }) => state === 'ready').length;
  const isMore = after.exposure.weight > before.exposure.weight && after.exposedBy !== before.exposedBy;
  const isSized = after.phase.kind === 'stepping' && after.plan.steps[after.phase.step - 1]?.kind === 'scale';
  if (isMore && isSized && ready < candidateReplicas(after))
    played.fail(`weight rose to ${after.exposure.weight} on ${ready} of ${candidateReplicas(after)} instances`);
  const rises = after.exposure.weight > before.exposure.weight && before.exposure.weight > 0;
  if (!rises || after.hurried || played.forced.has(after.id) || after.plan.strategy === 'first') return;
  if (before.verdict?.kind !== 'pass' && after.verdict?.kind !== 'pass')
    played.fail(`weight rose to ${after.exposure.weight} on verdict ${before.verdict?.kind ?? 'none'}`);
}
