import type { Text } from '../spec/text.ts';
import type { Instance } from '../targets/target.ts';
import { waitsForRestart } from './phase-name.ts';
import type { Effect, InstanceBefore, Move, Restart, ServiceEvent, ServiceState } from './types.ts';

/** Longest time that an instance may take to end before it is started anew; a target has its own deadline inside. */
const endMaxMs = 120_000;

/** Restarts of a service that are remembered. */
const restartsMax = 10;

/** The restart that is under way; undefined: none is. At most one is at a time. */
export function restartUnderWay({ restarts }: ServiceState): Restart | undefined {
  const [last] = restarts ?? [];
  return last?.end === null ? last : undefined;
}

/**
 * Why the instances of a version cannot be started anew now; null when they can.
 *
 * @param version - null: the stable one.
 */
export function restartRefusal(state: ServiceState, version: string | null): Text | null {
  const { stable, name } = state;
  const underWay = restartUnderWay(state);
  if (underWay)
    return {
      en: `${underWay.version} is being restarted already, asked for by ${underWay.by}`,
      ru: `${underWay.version} уже перезапускается по просьбе ${underWay.by}`,
    };
  const hindrance = hindranceOf(state, version ?? stable?.version ?? '');
  if (hindrance) return hindrance;
  if (!stable || (state.instances[stable.version] ?? []).length === 0)
    return { en: `no instance of ${name} runs`, ru: `ни один экземпляр ${name} не работает` };
  return null;
}

/** A release decides how many instances there are and compares them: nothing is restarted beside it, and the way back comes first. */
function hindranceOf({ stable, live, name }: ServiceState, version: string): Text | null {
  if (!stable) return { en: `${name} has no stable version`, ru: `у ${name} нет стабильной версии` };
  if (live && !waitsForRestart(live)) {
    const way = live.plan.strategy === 'restore' ? ['brought back', 'возвращается'] : ['released', 'выпускается'];
    return {
      en: `${live.version} is being ${way[0]} (${live.id})`,
      ru: `${live.version} ${way[1]} (${live.id})`,
    };
  }
  if (version !== stable.version)
    return { en: `${version} does not run: ${stable.version} does`, ru: `${version} не работает: работает ${stable.version}` };
  return null;
}

/** Begins to start the instances of a version anew. The same again, or one that cannot be done now, changes nothing. */
export function takeRestart(state: ServiceState, event: Extract<ServiceEvent, { kind: 'restart-asked' }>): Move {
  const { restart: id, version, by, why, how, at } = event;
  const { restarts = [], stable } = state;
  if (!stable || restarts.some((one) => one.id === id) || restartRefusal(state, version) !== null) return { state, said: null };
  const of = (state.instances[version] ?? []).map(
    ({ id: instance, life = null, restarts: count }): InstanceBefore => ({ id: instance, life, restarts: count }),
  );
  const begun: Restart = { id, version, by, why, how, of, askedAtMs: at, readyMs: readyMsOf(state), now: null, end: null };
  return {
    state: { ...state, restarts: [begun, ...restarts].slice(0, restartsMax) },
    said: `restart of ${version} by ${by}${why ? `: ${why}` : ''}`,
  };
}

/** Somebody has had enough of it: what is ending comes back, and no other one is ended. Where it is over already this changes nothing. */
export function stopRestart(state: ServiceState, event: Extract<ServiceEvent, { kind: 'restart-stopped' }>): Move {
  const restart = restartUnderWay(state);
  if (!restart || restart.id !== event.restart) return { state, said: null };
  const why = event.why ? `: ${event.why}` : '';
  return end(state, restart, 'stopped', `the restart of ${restart.version} is stopped by ${event.by}${why}`, event.at);
}

/** The target has begun what it was asked for. */
export function takeRestartAccepted(state: ServiceState, key: string): Move {
  const restart = restartUnderWay(state);
  if (!restart?.now || keyOf(restart) !== key) return { state, said: null };
  const accepted = put(state, { ...restart, now: { ...restart.now, isAccepted: true } });
  if (restart.how === 'rolling') return { state: accepted, said: null };
  const { version, of, now } = restart;
  const ends = of.filter(({ id }) => now.ids.includes(id));
  // It is being ended. That the last look has found it ready holds no more, also where the restart itself is stopped meanwhile.
  const instances = (state.instances[version] ?? []).map((one) =>
    one.state === 'ready' && ends.some(({ id, life }) => id === one.id && life === (one.life ?? null))
      ? { ...one, state: 'unready' as const }
      : one,
  );
  return { state: { ...accepted, instances: { ...state.instances, [version]: instances } }, said: null };
}

/**
 * One step of a restart. Where it goes one by one, those that are not ready come first, and a ready one only while all others are: one
 * instance at most is missing that was there before. The first that does not become ready ends it.
 */
export function advanceRestart(state: ServiceState, atMs: number): Move {
  const restart = restartUnderWay(state);
  if (!restart) return { state, said: null };
  const { version, how, of, now, readyMs } = restart;
  const hindrance = hindranceOf(state, version);
  if (hindrance) return end(state, restart, 'stopped', `the restart of ${version} stops: ${textEn(hindrance)}`, atMs);
  const instances = state.instances[version] ?? [];
  const left = of.filter((before) => isOld(before, instances));
  const anew = instances.filter((one) => !left.some(({ id }) => id === one.id) && !isGoing(one));
  const broken = anew.find((one) => isBroken(one, of));
  if (broken) return failed(state, restart, `${broken.id} does not start: ${broken.problem ?? broken.state}`, atMs);
  const isReady = anew.every((one) => one.state === 'ready');
  const isNowDone = now === null || !left.some(({ id }) => now.ids.includes(id));
  if (isNowDone && isReady) {
    if (left.length === 0) {
      if (anew.length >= of.length)
        return end(state, restart, 'done', `all ${of.length} instances of ${version} have been started anew`, atMs);
    } else {
      const ids = (how === 'one-by-one' ? [nextOf(left, instances)] : left).map(({ id }) => id);
      const turn = (now?.turn ?? 0) + 1;
      const next = { ids, turn, left: left.length, isAccepted: false, untilMs: atMs + readyMs + endMaxMs };
      return { state: put(state, { ...restart, now: next }), said: how === 'one-by-one' ? `${ids[0]} is started anew` : null };
    }
  }
  if (now === null) return { state, said: null };
  // As long as something moves it has time.
  if (left.length < now.left)
    return {
      state: put(state, { ...restart, now: { ...now, left: left.length, untilMs: atMs + readyMs + endMaxMs } }),
      said: null,
    };
  return atMs >= now.untilMs ? failed(state, restart, lateText(state, restart, anew), atMs) : { state, said: null };
}

/** What is asked of the target now; none while the router may still send requests to the instance. */
export function restartEffect(state: ServiceState): Effect | null {
  const restart = restartUnderWay(state);
  const { stable, route } = state;
  if (!restart?.now || restart.now.isAccepted || !stable) return null;
  if (restart.how === 'one-by-one' && route.want !== null && route.status !== 'confirmed') return null;
  const { ids } = restart.now;
  return {
    kind: 'restart',
    key: keyOf(restart),
    version: restart.version,
    spec: stable.spec,
    restart: restart.id,
    askedAtMs: restart.askedAtMs,
    instances: restart.of.filter(({ id }) => ids.includes(id)),
  };
}

/** An instance that is about to be started anew gets no more requests, while others can take them. */
export function withoutRestarting(state: ServiceState, version: string, instances: readonly Instance[]): readonly Instance[] {
  const restart = restartUnderWay(state);
  if (restart?.version !== version || restart.how !== 'one-by-one' || !restart.now) return instances;
  const { ids } = restart.now;
  const others = instances.filter(({ id }) => !ids.includes(id));
  return others.some((one) => one.state === 'ready') ? others : instances;
}

function keyOf({ id, now }: Restart): string {
  return `restart:${id}:${now?.turn ?? 0}`;
}

function put(state: ServiceState, restart: Restart): ServiceState {
  return { ...state, restarts: [restart, ...(state.restarts ?? []).slice(1)] };
}

function end(state: ServiceState, restart: Restart, outcome: 'done' | 'failed' | 'stopped', said: string, atMs: number): Move {
  return { state: put(state, { ...restart, now: null, end: { outcome, said, atMs } }), said };
}

function failed(state: ServiceState, restart: Restart, why: string, atMs: number): Move {
  const others = restart.of.length > 1 && restart.how === 'one-by-one' ? '; the others stay as they are' : '';
  return end(state, restart, 'failed', `the restart of ${restart.version} has failed: ${why}${others}`, atMs);
}

/** Not ready in time, and what is known of the reason. */
function lateText(state: ServiceState, restart: Restart, anew: readonly Instance[]): string {
  const refused = state.retries[keyOf(restart)]?.reason;
  if (restart.now?.isAccepted === false) {
    if (refused !== undefined) return refused;
    if (state.route.status !== 'confirmed') return 'the router has not confirmed that the instance gets no more requests';
  }
  const late = anew.find((one) => one.state !== 'ready');
  if (!late) return `${restart.now?.ids[0] ?? 'an instance'} has not ended in time`;
  return `${late.id} is not ready in time${late.problem === undefined ? '' : `: ${late.problem}`}`;
}

/** Whether it still runs as it did when the restart was asked for. */
function isOld({ id, life }: InstanceBefore, instances: readonly Instance[]): boolean {
  const now = instances.find((one) => one.id === id);
  return now !== undefined && !isGoing(now) && (now.life ?? null) === life;
}

function nextOf(left: readonly InstanceBefore[], instances: readonly Instance[]): InstanceBefore {
  const isReady = ({ id }: InstanceBefore): boolean => instances.find((one) => one.id === id)?.state === 'ready';
  const [first, ...rest] = left;
  if (!first) throw new Error('nothing is left to be restarted');
  return [first, ...rest].find((one) => !isReady(one)) ?? first;
}

function isGoing({ state }: Instance): boolean {
  return state === 'stopping';
}

/** It has ended by itself, was started again, and has ended again; or it never starts. */
function isBroken(one: Instance, of: readonly InstanceBefore[]): boolean {
  const before = of.find(({ id }) => id === one.id)?.restarts ?? 0;
  return one.hopeless === true || (one.state === 'crashed' && one.restarts > before);
}

function readyMsOf({ stable }: ServiceState): number {
  return stable?.spec.release.deadlines.readyMs ?? 0;
}

function textEn(text: Text): string {
  return typeof text === 'string' ? text : text.en;
}
