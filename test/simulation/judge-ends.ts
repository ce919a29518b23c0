import { nextWakeMs } from '../../src/release/levels.ts';
import { isCommitted } from '../../src/release/phase-name.ts';
import { restartUnderWay } from '../../src/release/restart.ts';
import { releaseSummary } from '../../src/release/summary.ts';
import type { ReleaseState, ServiceState } from '../../src/release/types.ts';
import { loadService, recordedIn, streamOf } from '../../src/runtime/record.ts';
import { type Played, startMs } from './played.ts';

/** What must hold when a release has just ended. */
export function judgeEnded(played: Played, state: ServiceState, release: ReleaseState): void {
  const summary = releaseSummary(release);
  if (!summary) {
    played.fail(`${release.version} has ended without a summary`);
    return;
  }
  if (summary.outcome === 'succeeded' && state.stable?.release !== release.id)
    played.fail(`${release.version} has succeeded, and ${state.stable?.version} is stable`);
  if (summary.outcome === 'succeeded' && played.world.inForceMs(release.version, 100) === 0)
    played.fail(`${release.version} became stable without ever having had all traffic`);
  if (summary.outcome === 'rolled-back' && state.stable?.release === release.id)
    played.fail(`${release.version} is rolled back, and stable`);
  if (played.released.get(release.version) !== 1 || release.plan.strategy === 'restore' || played.jumped) return;
  const served = played.world.served(release.version, release.lastSecond);
  const { requests, errors } = release.totals.candidate;
  if (release.exposedBy >= 0 && (requests !== served.requests || errors !== served.errors))
    played.fail(
      `${release.version} has ${errors} of ${requests} requests failed on record, and had ${served.errors} of ${served.requests}`,
    );
  if (summary.outcome !== 'rolled-back') return;
  const all = played.world.served(release.version, Number.POSITIVE_INFINITY);
  const hasHadTime = played.time.trueMs - played.healthySinceMs > 10_000 && release.safeAtMs !== null;
  // What a source has read last may come when the release has ended already.
  if (hasHadTime && played.world.sourceEveryS === null && all.errors !== summary.failedRequests)
    played.fail(`${release.version} failed ${all.errors} requests, and its summary says ${summary.failedRequests}`);
  const { safeAtMs } = played.world;
  if (release.safeAtMs !== null && safeAtMs !== null && release.safeAtMs < safeAtMs)
    played.fail(`all traffic was on stable ${safeAtMs - release.safeAtMs} ms later than the summary says`);
}

/** What must hold when everything has ended. */
export async function judgeEnd(played: Played): Promise<void> {
  const controller = played.controller;
  const state = controller?.service('shop');
  if (!controller || !state) return played.fail('no controller at the end');
  const folded = await loadService(played.log, 'shop');
  const replayed = await played.log.read(streamOf('shop'), 0, 100_000);
  for (const logged of replayed) {
    const { said, phase } = recordedIn(logged);
    if (said !== null) played.tell(`  log ${((logged.at - startMs) / 1_000).toFixed(2)} s ${logged.kind} [${phase}]: ${said}`);
  }
  const agent = controller.agent('shop');
  if (agent?.turn.isOnRecord && JSON.stringify(folded.state) !== JSON.stringify(state))
    played.fail('the state is not the fold of the log');
  judgeFold(played, folded.state);
  const requested = replayed.filter(({ kind }) => kind === 'requested').length;
  if (state.live === null && requested !== state.ended.length) played.fail(`${requested} releases, ${state.ended.length} ends`);
  if (replayed.length === 0 && state.ended.length > 0) played.fail('releases without a log');
  if (state.live) return played.fail(`${state.live.version} has not ended: ${state.live.phase.kind}`);
  const reading = played.world.reading;
  if (reading?.route.candidate)
    played.fail(`an ended release left ${reading.route.weight} % on ${reading.route.candidate.version}`);
  if ((reading?.route.stable?.version ?? null) !== (state.stable?.version ?? null))
    played.fail(`the router has ${reading?.route.stable?.version} as stable, the log ${state.stable?.version}`);
  const wanted = state.stable ? [state.stable.version] : [];
  if (JSON.stringify(played.world.running) !== JSON.stringify(wanted))
    played.fail(`${played.world.running.join(', ')} run, ${wanted.join(', ')} should`);
  const instances = played.sharing?.replicas ?? 1;
  const { existing } = played.world.capacity;
  if (state.stable && existing !== instances) played.fail(`${existing} instances run, and ${instances} should`);
  if (Number.isFinite(nextWakeMs(state, 0))) played.fail('a timer is left');
  for (const release of state.ended) judgeOutcome(played, release);
  if (restartUnderWay(state)) played.fail('a restart has not ended');
  for (const logged of replayed) {
    const { event } = recordedIn(logged);
    if (event.kind === 'sampled' && event.samples.length > 700) played.fail('a record without bound');
  }
}

function judgeOutcome(played: Played, release: ReleaseState): void {
  const succeeded = release.phase.kind === 'ended' && release.phase.outcome === 'succeeded';
  const hurts = played.nature.errorShare >= 0.2 && played.nature.faultAfterMs === 0;
  if (succeeded !== isCommitted(release)) played.fail(`${release.version} ended in between`);
  if (
    release.version === '2.0.0' &&
    hurts &&
    succeeded &&
    release.plan.steps.some(({ kind }) => kind === 'weight') &&
    !played.forced.has(release.id)
  )
    played.fail('a version that fails one request in five was promoted');
  if (release.version === '2.0.0' && played.nature.readyAfterMs === null && succeeded)
    played.fail('a version that never became ready was promoted');
  judgeDatabaseEnd(played, release);
  const runs = played.world.hooksRun.filter((run) => run.release === release.id);
  const undone = runs.some(({ name }) => name === 'undo migrate');
  if (runs.length > 0 && !succeeded && !undone) played.fail(`a hook of ${release.version} was not undone`);
  if (succeeded && undone) played.fail(`a hook of ${release.version}, which is stable, was undone`);
  // Only the death of its controller may make a hook run once more than it has to.
  for (const life of new Set(runs.map((run) => run.life)))
    for (const name of ['migrate', 'undo migrate'])
      if (runs.filter((run) => run.life === life && run.name === name && (run.ok || name !== 'migrate')).length > 1)
        played.fail(`${name} ran again after it had ended`);
}

/** What a release leaves of its migrations: all of them when it has succeeded, none when not, unless people were told. */
function judgeDatabaseEnd(played: Played, release: ReleaseState): void {
  const { own, runs } = played.world.database;
  const left = own.get(release.id) ?? [];
  const isBack = runs.some((run) => run.release === release.id && (run.what === 'down' || run.what === 'restore'));
  const succeeded = release.phase.kind === 'ended' && release.phase.outcome === 'succeeded';
  if (succeeded && isBack) played.fail(`migrations of ${release.version}, which is stable, were undone`);
  const isTold = release.findings.some(({ what }) => what === 'database');
  if (!succeeded && !isTold && left.length > 0)
    played.fail(`${release.version} has ended and left ${left.join(', ')} in the database`);
}

export function judgeFold(played: Played, head: ServiceState): void {
  if (JSON.stringify(played.onRecord) !== JSON.stringify(head)) played.fail('the state is not the fold of the log');
}
