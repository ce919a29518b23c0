/**
 * The built-in router's engine in a process of its own, as it is or without weights and counters, for the difference between the two.
 * What is left out is replaced here: the product has no switch for it. Started by `router-throughput.ts`.
 */
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { EndpointCounters } from '../../src/routers/builtin/endpoint-counters.ts';
import { Engine } from '../../src/routers/builtin/engine.ts';
import type { Target } from '../../src/routers/builtin/forwarding.ts';
import { BuiltinConfig } from '../../src/routers/builtin/schema.ts';
import { VersionCounters } from '../../src/routers/counters.ts';

export type AloneTask = { readonly backend: number; readonly bare: boolean };
/** Processor time in the functions that choose a version and count, in percent of all that the process used. */
export type Shares = { readonly weights: number; readonly counters: number };

/** Where weights and counts are made; `engine.ts` has other work as well, so there it goes by the function's name. */
const weightFiles = /\/builtin\/(split|match)\.ts$/;
const counterFiles = /(\/routers\/counters|\/builtin\/endpoint-(counters|name)|\/analysis\/sample)\.ts$/;
const weightFunctions = new Set(['choose', 'split', 'withEndpoints']);

const task = JSON.parse(process.argv[2] ?? '{}') as AloneTask;
if (task.bare) {
  VersionCounters.prototype.record = () => {};
  EndpointCounters.prototype.record = () => {};
  const only = {
    value(this: { inForce: { stable: Target } }) {
      return { target: this.inForce.stable, fallback: null, setCookie: '' };
    },
  };
  Object.defineProperty(Engine.prototype, 'choose', only);
}
const config = BuiltinConfig.parse({ listen: '127.0.0.1:0' });
const engine = new Engine({ service: 'bench', config, edgesMs: [500] });
const { port } = await engine.listen('127.0.0.1', 0);
const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port: task.backend }] });
engine.apply({ route: { stable: backend('1'), candidate: backend('2'), weight: 10, match: [] }, leaseLeftMs: null });
// As the router process does: complete seconds are taken out.
setInterval(() => engine.report(), 1_000);

const session = new Session();
session.connect();
process.on('message', async (message) => {
  if (message === 'start') {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    process.send?.('started');
  } else {
    const { profile } = await session.post('Profiler.stop');
    process.send?.(shares(profile));
  }
});
// Whoever started us has gone.
process.on('disconnect', () => process.exit(0));
process.send?.({ port });

function shares({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const kinds = kindsOf(nodes);
  const spent = { idle: 0, weights: 0, counters: 0, rest: 0 };
  samples.forEach((id, index) => {
    spent[kinds.get(id) ?? 'rest'] += timeDeltas[index] ?? 0;
  });
  const busy = spent.weights + spent.counters + spent.rest;
  return { weights: (spent.weights / busy) * 100, counters: (spent.counters / busy) * 100 };
}

type Kind = 'idle' | 'weights' | 'counters' | 'rest';

/** What each node of the profile is part of. Whatever ours calls is ours too: only the choice has Node take a request's headers apart. */
function kindsOf(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, Kind> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const kinds = new Map<number, Kind>();
  const mark = (node: Profiler.ProfileNode, above: Kind): void => {
    const kind = above === 'rest' ? kindOf(node.callFrame) : above;
    kinds.set(node.id, kind);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child) mark(child, kind);
    }
  };
  const [root] = nodes;
  if (root) mark(root, 'rest');
  return kinds;
}

function kindOf({ functionName, url }: { readonly functionName: string; readonly url: string }): Kind {
  if (functionName === '(idle)') return 'idle';
  const isChoice = url.endsWith('/builtin/engine.ts') && weightFunctions.has(functionName);
  if (isChoice || weightFiles.test(url)) return 'weights';
  return counterFiles.test(url) ? 'counters' : 'rest';
}
