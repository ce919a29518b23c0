import { messageOf, UserError } from '../errors.ts';
import type { Effect, ServiceEvent } from '../release/types.ts';
import type { MetricSource } from '../sources/source.ts';
import { type Clock, within } from './clock.ts';
import type { Ports, ServicePorts } from './ports.ts';

/** Longest wait for one answer of a router, but for a route where its capabilities say more. */
export const routerTimeoutMs = 3_000;

/** Longest wait for the instances of a version to end; they have their own deadline inside. */
const retireTimeoutMs = 120_000;

/** Longest wait until a target has begun to start something anew. */
const restartTimeoutMs = 15_000;

/** Longest wait for a source before a release, a little above the usual `timeout`: one that does not answer says nothing about the document. */
const sourceCheckMs = 6_000;

export type EffectContext = {
  readonly clock: Clock;
  readonly ports: Ports;
  readonly service: string;
  readonly token: number;
  /** Ports of the service, with the router opened. */
  readonly opened: () => Promise<ServicePorts>;
  /** What runs the versions; it works while the router does not. */
  readonly target: () => ServicePorts['target'];
  readonly source: () => ServicePorts['source'];
};

/** Carries out one effect and answers with the event it led to. Chooses nothing; every effect may be carried out twice. */
export async function performEffect(effect: Effect, context: EffectContext, signal: AbortSignal): Promise<ServiceEvent> {
  const { clock, ports } = context;
  switch (effect.kind) {
    case 'validate': {
      try {
        // At once, because the time for both is that of one.
        const [opened, asked] = await Promise.all([
          within(clock, routerTimeoutMs * 3, 'the router', signal, context.opened),
          sourceProblems(context.source(), effect.watched, clock, signal),
        ]);
        return {
          kind: 'validated',
          at: clock.now(),
          release: effect.release,
          problems: [
            ...ports.problems(effect.spec, effect.stable, opened),
            ...asked,
            ...(await versionProblems(opened, effect.version, clock, signal)),
          ],
        };
      } catch (error) {
        // A router that cannot be opened is a requirement that is not met, and nothing has moved yet.
        return { kind: 'validated', at: clock.now(), release: effect.release, problems: [withFix(error)] };
      }
    }
    case 'set-route': {
      const { router } = await within(clock, routerTimeoutMs, 'the router', signal, context.opened);
      const limitMs = Math.max(routerTimeoutMs, router.capabilities.setRouteMs ?? 0);
      await within(clock, limitMs, 'the router', signal, (inner) =>
        router.setRoute(effect.route, { token: context.token, seq: effect.seq }, inner),
      );
      return { kind: 'route-accepted', at: clock.now(), seq: effect.seq };
    }
    case 'read-route': {
      const { router } = await within(clock, routerTimeoutMs, 'the router', signal, context.opened);
      const reading = await within(clock, routerTimeoutMs, 'the router', signal, (inner) => router.readRoute(inner));
      return { kind: 'route-read', at: clock.now(), reading };
    }
    case 'run-hook': {
      const result = await within(clock, effect.hook.timeoutMs + 1_000, effect.hook.name, signal, (inner) =>
        ports.runHook(effect.hook, effect.environment, effect.folder, inner),
      ).catch((error: unknown) => ({
        ok: false,
        detail: messageOf(error),
      }));
      return { kind: 'hook-ended', at: clock.now(), key: effect.key, ...result };
    }
    case 'smoke': {
      const limitMs = 1_000 + effect.checks.reduce((total, check) => total + check.timeoutMs, 0);
      const result = await within(clock, limitMs, 'the checks', signal, (inner) =>
        ports.smoke(effect.instances, effect.checks, inner),
      ).catch((error: unknown) => ({
        ok: false,
        detail: messageOf(error),
      }));
      return { kind: 'smoked', at: clock.now(), key: effect.key, ...result };
    }
    case 'restart': {
      const { version, spec, restart: id, askedAtMs, instances } = effect;
      await within(clock, restartTimeoutMs, `restarting ${version}`, signal, async (inner) => {
        const target = context.target();
        if (!target.restart) throw new Error('its target cannot restart anything');
        await target.restart(ports.workload({ version, spec }), { id, askedAtMs, instances }, inner);
      });
      return { kind: 'restart-accepted', at: clock.now(), key: effect.key };
    }
    case 'retire': {
      await within(clock, retireTimeoutMs, `retiring ${effect.version}`, signal, (inner) =>
        context.target().retire(context.service, effect.version, inner),
      );
      return { kind: 'retired', at: clock.now(), version: effect.version };
    }
  }
}

/** What went wrong, with what to do about it where that is known. */
function withFix(error: unknown): string {
  return error instanceof UserError ? `${error.message}. ${error.fix}` : messageOf(error);
}

/** What the router finds wrong with the version. */
async function versionProblems(
  { router }: ServicePorts,
  version: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!router.check) return [];
  return await within(
    clock,
    routerTimeoutMs,
    'the router',
    signal,
    (inner) => router.check?.(version, inner) ?? Promise.resolve([]),
  );
}

/** What a source finds wrong with the document. Whether it can be reached is found out, and told, by the looks at it. */
async function sourceProblems(
  source: MetricSource | null,
  watched: string | null,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!source || watched === null) return [];
  try {
    return await within(clock, sourceCheckMs, 'the source', signal, (inner) => source.check(watched, inner));
  } catch {
    return [];
  }
}
