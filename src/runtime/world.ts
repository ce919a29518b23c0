import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { routers } from '../routers/registry.ts';
import type { FlagRoutes, RouterPlugin } from '../routers/router.ts';
import { sources } from '../sources/registry.ts';
import type { SourcePlugin } from '../sources/source.ts';
import { replicasOf } from '../spec/replicas.ts';
import { namedSecrets, secretValue } from '../spec/secret.ts';
import { stepsOf } from '../spec/steps-of.ts';
import { switchOf } from '../spec/switch-of.ts';
import { readSecretFile } from '../spec/text-file.ts';
import type { Plugged, ServiceSpec } from '../spec/types.ts';
import { targets } from '../targets/registry.ts';
import type { TargetPlugin } from '../targets/target.ts';
import { withEventCheck } from './event-check.ts';
import { runHook } from './hooks.ts';
import type { ReaderOf } from './objectives/event-feeds.ts';
import type { Gates, Ports, ServicePorts } from './ports.ts';
import { SecretFiles } from './secret-files.ts';
import { smoke } from './smoke.ts';

/**
 * The real world: plugins from their shelves, working under the data folder.
 *
 * @param folder - Absolute path of the data folder.
 * @param environment - What hooks inherit, and where sources find their secrets.
 * @param warn - Takes a line about something that went wrong in the background.
 * @param flags - The feature flags of the controller; absent: no router gives any out.
 * @param gates - What objectives say to a release; absent: nobody keeps any, and none is kept.
 */
export function realPorts(
  folder: string,
  environment: NodeJS.ProcessEnv,
  warn: (text: string) => void,
  flags?: FlagRoutes,
  gates?: Gates,
): Ports {
  const secretFiles = new SecretFiles(readSecretFile);
  return {
    router(spec, { edgesMs, leaseMs }) {
      const plugin = plugged<RouterPlugin>('router', routers, spec.router);
      return plugin.create(spec.router.config, {
        service: spec.name,
        folder: join(folder, 'routers', spec.name),
        edgesMs,
        leaseMs,
        ...(flags ? { flags } : {}),
      });
    },
    source(spec, edgesMs) {
      if (!spec.source) return null;
      const plugin = plugged<SourcePlugin>('source', sources, spec.source);
      const { config } = spec.source;
      // The wall clock and not the controller's: what the latter is ahead after a jump back has not been measured yet.
      const context = { environment, now: () => Date.now() };
      const metrics = spec.release.metricQueries ?? [];
      const source = plugin.create(config, { ...context, service: spec.name, edgesMs, metrics });
      const objectives = spec.objectives.flatMap(({ name, belowMs, events }) => (events ? [{ name, belowMs, events }] : []));
      const events = objectives.length > 0 ? plugin.events?.(config, { ...context, of: spec.name, objectives }) : undefined;
      return events ? withEventCheck(source, events, (line) => warn(`${spec.name}: ${line}`)) : source;
    },
    target(spec) {
      return plugged<TargetPlugin>('target', targets, spec.target).create({
        folder: join(folder, 'targets', spec.target.kind),
        environment,
        log: warn,
      });
    },
    workload({ spec, version, replicas = replicasOf(spec) }) {
      return { service: spec.name, version, replicas, definition: spec.target.config };
    },
    runHook: (hook, variables, cwd, signal) =>
      runHook(hook, { cwd, variables, base: environment, backups: join(folder, 'backups'), gates }, signal),
    smoke,
    secrets: (specs) => secretsOf(specs, environment, secretFiles),
    problems,
  };
}

/**
 * What reads the events of objectives that only a source knows.
 *
 * @param environment - Where sources find their secrets.
 */
export function eventReaders(environment: NodeJS.ProcessEnv): ReaderOf {
  return ({ of, source, objectives }) => {
    const plugin = plugged<SourcePlugin>('source', sources, source);
    const counted = objectives.map(({ id, objective: { belowMs, events } }) => ({ name: id, belowMs, events: events ?? null }));
    return plugin.events?.(source.config, { of, objectives: counted, environment, now: () => Date.now() }) ?? null;
  };
}

function secretsOf(specs: readonly ServiceSpec[], environment: NodeJS.ProcessEnv, files: SecretFiles): readonly string[] {
  const values = new Set<string>();
  const places = specs.flatMap((spec) => namedSecrets(spec)).map((named) => [JSON.stringify(named), named] as const);
  for (const named of new Map(places).values()) {
    const texts = 'file' in named ? files.texts(named.file) : [''];
    for (const text of texts) {
      const found = secretValue({ ...named, prefix: '' }, environment, () => text);
      if ('value' in found) values.add(found.value);
    }
  }
  return [...values];
}

function plugged<Plugin>(shelf: string, registry: Readonly<Record<string, Plugin>>, { kind }: Plugged): Plugin {
  const plugin = Object.hasOwn(registry, kind) ? registry[kind] : undefined;
  if (plugin === undefined)
    throw new UserError('E_UNKNOWN_KIND', `there is no ${shelf} of kind ${kind}`, {
      where: `spec.${shelf}`,
      fix: `use one of: ${Object.keys(registry).join(', ')}`,
    });
  return plugin;
}

function problems(spec: ServiceSpec, stable: ServiceSpec | null, { router, target, source }: ServicePorts): readonly string[] {
  const found: string[] = [];
  if (stable && JSON.stringify(stable.router) !== JSON.stringify(spec.router)) {
    found.push(
      'spec.router differs from the router that has the traffic now, and a release cannot replace it without cutting its users off: release with the old spec.router',
    );
  }
  if (stable && stable.target.kind !== spec.target.kind)
    found.push(
      `spec.target is ${spec.target.kind}, but the stable version runs as ${stable.target.kind}: release with the same kind`,
    );
  if (stable && !target.capabilities.sideBySide)
    found.push(`a target of kind ${spec.target.kind} cannot run two versions at once`);
  const { strategy } = spec.release;
  const steps = stepsOf(strategy);
  const respond = spec.incidents?.respond;
  const restarts = respond && [...respond.P0, ...respond.P1, ...respond.P2].includes('restart');
  if (restarts && respond.restart === null && target.capabilities.restarts === 'none')
    found.push(
      `spec.incidents.respond has restart, and what runs ${spec.name} is not started by Rampart: say how in spec.incidents.respond.restart, or leave it out`,
    );
  if (!router.capabilities.match && (steps.some((step) => step.kind === 'match') || switchOf(strategy)?.test))
    found.push(`a router of kind ${spec.router.kind} cannot send requests by header`);
  const finest = router.capabilities.weightStepPercent;
  for (const step of steps) {
    if (step.kind !== 'weight') continue;
    const percent = step.weightPpm / 10_000;
    if (Math.abs(percent / finest - Math.round(percent / finest)) > 1e-9)
      found.push(`a router of kind ${spec.router.kind} sets weights in steps of ${finest} %, so ${percent} % cannot be set`);
  }
  const asksLatency = spec.release.guard.latency.length > 0;
  const withoutLatency =
    'so the guard would take every request for a fast one: switch its limits off with latency: { p95: { worseBy: off, max: off }, p99: { max: off } }';
  if (router.capabilities.counts && !router.capabilities.latency && asksLatency)
    found.push(`a router of kind ${spec.router.kind} counts no latency, ${withoutLatency}`);
  if (!router.capabilities.counts) {
    if (!source?.capabilities.counts)
      found.push(
        `a router of kind ${spec.router.kind} does not count requests, so the guard would be blind: give spec.source what counts them`,
      );
    else if (!source.capabilities.latency && asksLatency) found.push(`spec.source has no latency, ${withoutLatency}, or add it`);
  }
  return found;
}
