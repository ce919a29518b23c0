import type { Sample } from '../../analysis/sample.ts';
import type { OwnDrill } from '../../checks/own-view.ts';
import { UserError } from '../../errors.ts';
import { drillRefusal } from '../../release/drill.ts';
import type { ServiceState } from '../../release/types.ts';
import { type Clock, within } from '../clock.ts';
import type { Controller } from '../controller.ts';
import { routerTimeoutMs } from '../effects.ts';
import type { ServiceAgent } from '../service-agent.ts';

/** How long the traffic stays, so that at least one whole second of it is counted. */
const stayMs = 2_000;

/** Longest wait until the router says that it is in force, each way. */
const wayMs = 30_000;

/** A router is asked for the counts of a second a little after its end. */
const afterSecondMs = 100;

/** Who asks, on record. */
const by = 'rollback-drill';

/**
 * Sends a part of the traffic to the candidate and takes it back, each read back from the router. The decision is the core's, on
 * record: the guard looks on, and whatever moves the release, an abort first of all, ends it; so does its time when this process dies.
 *
 * @throws UserError `E_DRILL_REFUSED` where it may not be done now; `E_DRILL_CALLED_OFF` when something else ended it; `E_DRILL_LATE`
 * when the router did not confirm it in time.
 */
export async function drill(
  { controller, clock }: { readonly controller: Controller; readonly clock: Clock },
  service: string,
  ppm: number,
  signal: AbortSignal,
): Promise<OwnDrill> {
  const agent = controller.agent(service);
  const percent = ppm / 10_000;
  const refusal = agent ? (drillRefusal(agent.turn.head, percent) ?? finer(agent, percent)) : 'there is no such service';
  const live = agent?.turn.head.live;
  if (!agent || !live || refusal !== null)
    throw new UserError('E_DRILL_REFUSED', `no traffic can go to the candidate and back now: ${refusal}`, {
      where: `service ${service}`,
      fix: 'let it run while a release waits, with its candidate ready, for a person, a gate, a hook or a pause',
    });
  const before = live.totals.candidate;
  const startMs = clock.now();
  let backFromMs = startMs;
  let thereMs = 0;
  await controller.beginDrill(live.id, percent, wayMs + stayMs + wayMs, by);
  try {
    await way(agent, clock, signal, ({ live: now, route }) => {
      if (now?.id !== live.id || !now.drill || now.drill.percent === 0) return 'called-off';
      return route.status === 'confirmed' && route.want?.candidate && route.want.weight >= percent ? 'there' : null;
    });
    thereMs = clock.now() - startMs;
    await clock.after(stayMs, signal);
    signal.throwIfAborted();
  } finally {
    backFromMs = clock.now();
    await controller.endDrill(live.id, by, signal.aborted ? 'it was called off' : 'the traffic was there');
  }
  await way(agent, clock, signal, ({ live: now, route }) => {
    if (now?.id !== live.id || now.phase.kind === 'rolling-back') return 'called-off';
    const isBack = (route.want?.candidate ? route.want.weight : 0) < percent;
    return route.status === 'confirmed' && isBack ? 'there' : null;
  });
  const backMs = clock.now() - backFromMs;
  const counted = await requests(agent, clock, startMs, { stable: live.plan.stable, candidate: live.version }, signal);
  const after = agent.turn.head.live?.totals.candidate ?? before;
  return {
    thereMs,
    backMs,
    ...(counted ?? { requests: after.requests - before.requests, errors: after.errors - before.errors }),
  };
}

/** Why a router cannot be given so small a part; null when it can. */
function finer({ ports }: ServiceAgent, percent: number): string | null {
  const step = ports?.router.capabilities.weightStepPercent ?? 0;
  const steps = percent / step;
  return step > 0 && Math.abs(steps - Math.round(steps)) > 1e-6 ? `its router takes steps of ${step} % only` : null;
}

/** Waits until the router has confirmed it. */
async function way(
  { turn, name }: ServiceAgent,
  clock: Clock,
  signal: AbortSignal,
  find: (head: ServiceState) => 'there' | 'called-off' | null,
): Promise<void> {
  const found = await within(clock, wayMs, 'the router', signal, (inner) => turn.until(find, inner)).catch(() => null);
  signal.throwIfAborted();
  if (found === 'there') return;
  if (found === null)
    throw new UserError('E_DRILL_LATE', `the router did not confirm the route within ${wayMs / 1_000} s`, {
      where: `the router of ${name}`,
      fix: 'see what the router says, and whether it can be reached; all traffic goes to stable as soon as it can',
    });
  const cause = turn.head.live?.cause ?? turn.head.ended[0]?.cause;
  throw new UserError(
    'E_DRILL_CALLED_OFF',
    `the drill was called off${cause ? `: ${cause.sentence}` : ': the release went on'}`,
    {
      where: `service ${name}`,
      fix: 'let it run again while a release waits with its candidate ready',
    },
  );
}

/** What the candidate got since then, as the router counts it; null where it does not count. */
async function requests(
  { ports }: ServiceAgent,
  clock: Clock,
  sinceMs: number,
  versions: { readonly stable: string | null; readonly candidate: string },
  signal: AbortSignal,
): Promise<Pick<OwnDrill, 'requests' | 'errors'> | null> {
  const router = ports?.router;
  if (!router?.capabilities.counts) return null;
  await clock.after(1_000 - (clock.now() % 1_000) + afterSecondMs, signal);
  const fromSecond = Math.floor(sinceMs / 1_000);
  const samples: readonly Sample[] = await within(clock, routerTimeoutMs, 'the router', signal, (inner) =>
    router.samples({ ...versions, afterSecond: fromSecond - 1, limit: 900 }, inner),
  );
  const counts = samples.flatMap(({ candidate }) => candidate ?? []);
  const sum = (pick: (one: { readonly n: number; readonly errors: number }) => number): number =>
    counts.reduce((total, one) => total + pick(one), 0);
  return { requests: sum(({ n }) => n), errors: sum(({ errors }) => errors) };
}
