import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { uniform } from '../src/analysis/simulated-traffic.fixture.ts';
import type { Bench, Figure } from './parts/figure.ts';
import { type Past, releaseName, serviceName, writePast } from './parts/past-log.ts';
import { outputIn, type Workplace, workplace } from './parts/processes.ts';
import type { ReadsDoor, ReadsTask } from './parts/reads-process.ts';
import { rounded, type Spread, spreadOf } from './parts/spread.ts';

const entry = fileURLToPath(new URL('./parts/reads-process.ts', import.meta.url));
const limitMs = 50;
/** What ten consoles with a page open each ask for, and how many connections they have. It comes at its times, whatever the answers take. */
const readsPerSecond = 50;
const connections = 12;
const caughtUpMaxMs = 600_000;
const silentMaxMs = 30_000;
const dayMs = 86_400_000;

/** Chooses what to ask for. */
type Draw = {
  readonly service: () => string;
  /** A release of any age: nearly all have left the controller's memory. */
  readonly release: () => string;
  /** One that a service's page shows. */
  readonly recent: () => string;
  readonly of: <T>(...values: readonly T[]) => T;
  readonly daysAgo: () => number;
};

/** A read and how it is asked. `path` is that of the description: what it does not name is not measured. */
type Read = { readonly name: string; readonly path: string; readonly url: (draw: Draw) => string };

const people = ['anna', 'boris', 'clara', 'dmitri', 'ci'];
const api = '/api/v1';

const reads: readonly Read[] = [
  { name: 'overview', path: '/overview', url: () => '/overview' },
  { name: 'services', path: '/services', url: () => '/services' },
  { name: 'service', path: '/services/{name}', url: ({ service }) => `/services/${service()}` },
  {
    name: 'signals',
    path: '/services/{name}/signals',
    url: ({ service, of }) => `/services/${service()}/signals?every=${of(10, 60)}`,
  },
  { name: 'configuration', path: '/services/{name}/configuration', url: ({ service }) => `/services/${service()}/configuration` },
  {
    name: 'dora',
    path: '/services/{name}/dora',
    url: ({ service, of }) => `/services/${service()}/dora?days=${of(7, 30, 90)}`,
  },
  { name: 'releases', path: '/releases', url: ({ of }) => `/releases?limit=${of(20, 50, 100)}` },
  {
    name: 'releasesOfService',
    path: '/releases',
    url: ({ service, of }) => `/releases?service=${service()}&limit=${of(20, 100)}`,
  },
  {
    name: 'releasesFiltered',
    path: '/releases',
    url: ({ of, service, daysAgo }) =>
      of(
        `/releases?by=${of(...people)}`,
        '/releases?outcome=rolled-back',
        `/releases?outcome=rolled-back&by=${of(...people)}&service=${service()}`,
        `/releases?version=1.${of(3, 50, 99)}.0`,
        `/releases?before=${daysAgo()}`,
        `/releases?after=${daysAgo()}&outcome=succeeded`,
        // Nothing has these: the list is searched to its end.
        '/releases?state=live',
        '/releases?outcome=cancelled',
        '/releases?by=nobody',
        `/releases?service=${service()}&version=9.9.9`,
      ),
  },
  { name: 'release', path: '/releases/{id}', url: ({ release }) => `/releases/${release()}` },
  { name: 'recentRelease', path: '/releases/{id}', url: ({ recent }) => `/releases/${recent()}` },
  { name: 'events', path: '/releases/{id}/events', url: ({ release }) => `/releases/${release()}/events` },
  {
    name: 'series',
    path: '/releases/{id}/series',
    url: ({ release, of }) => `/releases/${release()}/series?every=${of(1, 10, 60)}`,
  },
  { name: 'audit', path: '/audit', url: ({ of }) => `/audit?limit=${of(20, 50, 100)}` },
  {
    name: 'auditFiltered',
    path: '/audit',
    url: ({ of, service, daysAgo }) =>
      of(
        `/audit?service=${service()}`,
        `/audit?actor=${of(...people)}`,
        `/audit?actor=${of(...people)}&service=${service()}`,
        `/audit?before=${daysAgo()}`,
        '/audit?kind=requested',
        '/audit?kind=verb',
        '/audit?actor=nobody',
        `/audit?after=${daysAgo()}&kind=requested&service=${service()}`,
      ),
  },
  { name: 'users', path: '/users', url: () => '/users' },
  { name: 'tokens', path: '/tokens', url: () => '/tokens' },
  { name: 'session', path: '/session', url: () => '/session' },
  { name: 'schema', path: '/schema', url: () => '/schema' },
];

/** Lists that are gone through to their end, page by page, as far as this many pages. */
const lists = ['/releases', '/audit'] as const;
const pagesMax = 1_000;

/** Answers that are not small by their nature: a stream without end, the whole log, and what a process of a target prints. */
const notMeasured: ReadonlySet<string> = new Set(
  ['/stream', '/audit/verify', '/audit/export', '/services/{name}/instances/{id}/log', '/demo', '/settings'].map(
    (path) => `${api}${path}`,
  ),
);

/** Reads of the API of a controller with a long past: 10,000 releases in 1,000,000 events. */
export const bench: Bench = async ({ quick, profile, signal, say }) => {
  const past: Past = quick
    ? { services: 20, releasesEach: 50, events: 100_000 }
    : { services: 50, releasesEach: 200, events: 1_000_000 };
  const place = workplace('reads');
  // The log has some hundred MiB: in memory, where the machine has such a file system, so that its disk is not what is measured.
  const memory = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/rampart-bench-reads-') : null;
  const data = memory ?? join(place.folder, 'data');
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const writeFromMs = performance.now();
    const log = await writePast(join(data, 'log.db'), past, Date.now(), say);
    signal.throwIfAborted();
    const writeS = rounded((performance.now() - writeFromMs) / 1_000);
    say(`${log.events} events written in ${writeS} s; the controller starts`);

    const first = await serve(place, data, profile);
    const catchUp = await caughtUp(first, past, signal);
    say(`answers after ${Math.round(first.door.startMs)} ms, has caught up after ${Math.round(catchUp.ms)} ms more`);
    const spreads = await measure(first, past, quick ? 30 : 150, signal, say);
    const pages = await goThrough(first, signal);
    await first.end();
    const second = await serve(place, data, null);
    const again = await caughtUp(second, past, signal);
    await second.end();
    return [
      ...readsFigures(log.events, past.services * past.releasesEach, spreads, pages),
      {
        figure: 'start-with-a-past',
        limit: {},
        measured: {
          events: log.events,
          bytesPerEvent: log.bytesPerEvent,
          startMs: Math.round(first.door.startMs),
          caughtUpMs: Math.round(catchUp.ms),
          readyWhileCatchingUpP99Ms: catchUp.spread.p99,
          readyWhileCatchingUpMaxMs: catchUp.spread.max,
          startAgainMs: Math.round(second.door.startMs),
          caughtUpAgainMs: Math.round(again.ms),
          rssMiB: Math.round(second.door.rssMiB),
        },
        text:
          `a controller on ${log.events} events answers after ${Math.round(first.door.startMs)} ms, its lists are complete ` +
          `${rounded(catchUp.ms / 1_000)} s later (/ready meanwhile: p99 ${catchUp.spread.p99} ms, max ${catchUp.spread.max} ms); ` +
          `started again: ${Math.round(second.door.startMs)} ms and ${Math.round(again.ms)} ms, ${Math.round(second.door.rssMiB)} MiB`,
      },
    ];
  } finally {
    await place.remove();
    if (memory !== null) rmSync(memory, { recursive: true, force: true });
  }
};

/** A series is made by folding a release again, which takes as long as the release has seconds: a figure of its own, or it would be all of the others'. */
const folded = 'series';

function readsFigures(
  events: number,
  releases: number,
  spreads: ReadonlyMap<string, Spread>,
  pages: ReadonlyMap<string, Spread>,
): readonly Figure[] {
  const all = [...spreads, ...pages].filter(([name]) => name !== folded);
  const slow = [...all].sort((a, b) => b[1].p99 - a[1].p99);
  const worstP99Ms = slow[0]?.[1].p99 ?? Number.NaN;
  const told = slow.slice(0, 4).map(([name, { p50, p99 }]) => `${name} ${p99} (p50 ${p50})`);
  const series = spreads.get(folded);
  return [
    {
      figure: 'api-reads',
      limit: { worstP99Ms: { atMost: limitMs } },
      measured: {
        events,
        releases,
        readsPerSecond,
        worstP99Ms,
        ...Object.fromEntries(
          all.flatMap(([name, { p50, p99 }]) => [[`${name}P50Ms`, p50] as const, [`${name}P99Ms`, p99] as const]),
        ),
      },
      text:
        `${all.length} kinds of reads, ${readsPerSecond}/s, over ${releases} past releases in ${events} events: each p99 ≤ ${worstP99Ms} ms ` +
        `(≤ ${limitMs}); slowest ${told.join(', ')}`,
    },
    {
      figure: 'api-series',
      limit: { p99Ms: { atMost: limitMs } },
      measured: { p50Ms: series?.p50 ?? Number.NaN, p99Ms: series?.p99 ?? Number.NaN, maxMs: series?.max ?? Number.NaN },
      text: `series of a past release that nobody has looked at lately: ${series?.p50} ms (p50), ${series?.p99} ms (p99, ≤ ${limitMs})`,
    },
  ];
}

type Served = {
  readonly door: ReadsDoor;
  /** Asks as the owner of the data folder; answers with the body of a 200, and fails for anything else. */
  readonly get: (path: string) => Promise<string>;
  readonly end: () => Promise<void>;
};

async function serve(place: Workplace, data: string, profile: string | null): Promise<Served> {
  const task: ReadsTask = { data };
  const child = place.start(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    ...(profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
    entry,
    JSON.stringify(task),
  ]);
  const exited = once(child, 'exit');
  const door = await Promise.race([
    once(child, 'message').then(([message]) => message as ReadsDoor),
    exited.then(() => {
      throw new Error(`the controller's process ended early: ${outputIn(place)}`);
    }),
  ]);
  const { token } = JSON.parse(readFileSync(join(data, 'api.json'), 'utf8')) as { token: string };
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    door,
    get: (path) => get(`${door.url}${path}`, token, agent),
    async end() {
      agent.destroy();
      child.disconnect();
      await exited;
    },
  };
}

function get(url: string, token: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { authorization: `Bearer ${token}` }, timeout: silentMaxMs }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url}: ${response.statusCode} ${body.slice(0, 300)}`));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url}: no answer within ${silentMaxMs} ms`)));
    sent.on('error', reject);
    sent.end();
  });
}

/** Waits until the newest release is in the list as it ended, and asks meanwhile how long the controller keeps others waiting. */
async function caughtUp(
  { get }: Served,
  past: Past,
  signal: AbortSignal,
): Promise<{ readonly ms: number; readonly spread: Spread }> {
  const fromMs = performance.now();
  const waited: number[] = [];
  const described = await pathsOf(get);
  for (;;) {
    signal.throwIfAborted();
    const askedMs = performance.now();
    await get('/ready');
    waited.push(performance.now() - askedMs);
    if (!described.has(`${api}/releases`)) break;
    const service = serviceName(past.services - 1);
    const { releases } = JSON.parse(await get(`${api}/releases?service=${service}&limit=1`)) as {
      releases: { id: string; endedAtMs: number | null }[];
    };
    const [newest] = releases;
    if (newest?.id === releaseName(service, past.releasesEach - 1) && newest.endedAtMs !== null) break;
    if (performance.now() - fromMs > caughtUpMaxMs) throw new Error(`its lists are not complete: ${JSON.stringify(newest)}`);
    await delay(20);
  }
  return { ms: performance.now() - fromMs, spread: spreadOf(waited) };
}

/** Paths that can be read, as the API describes itself. */
async function pathsOf(ask: Served['get']): Promise<ReadonlySet<string>> {
  const { paths } = JSON.parse(await ask(`${api}/openapi.json`)) as { paths: Record<string, object> };
  return new Set(Object.keys(paths).filter((path) => path.startsWith(api) && 'get' in (paths[path] ?? {})));
}

/** Asks for everything in a mixed order, `count` times each. */
async function measure(
  { get }: Served,
  past: Past,
  count: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<ReadonlyMap<string, Spread>> {
  const described = await pathsOf(get);
  const known = new Set(reads.map(({ path }) => `${api}${path}`));
  for (const path of described) if (!known.has(path) && !notMeasured.has(path)) say(`NOT MEASURED: ${path}`);
  for (const path of known) if (!described.has(path)) say(`there is no ${path} yet`);
  const here = reads.filter(({ path }) => described.has(`${api}${path}`));
  const random = uniform(7);
  const draw = drawing(past, random);
  const taken = new Map<string, number[]>(here.map(({ name }) => [name, []]));
  const asked = Array.from({ length: count }, () => here)
    .flat()
    .map((read) => ({ read, order: random() }))
    .sort((a, b) => a.order - b.order);
  // Once each before: the first time is also when the code is compiled.
  for (const read of here) await get(`${api}${read.url(draw)}`);
  const fromMs = performance.now();
  let failed: unknown;
  const ask = async ({ name, url }: Read, dueMs: number): Promise<void> => {
    await get(`${api}${url(draw)}`);
    // From when it was due: whoever had to wait for a connection has waited too.
    taken.get(name)?.push(performance.now() - dueMs);
  };
  const under = new Set<Promise<void>>();
  for (const [index, { read }] of asked.entries()) {
    signal.throwIfAborted();
    const dueMs = fromMs + (index * 1_000) / readsPerSecond;
    if (dueMs > performance.now()) await delay(dueMs - performance.now());
    if (failed !== undefined) throw failed;
    const answer = ask(read, dueMs).catch((error: unknown) => {
      failed ??= error;
    });
    under.add(answer);
    void answer.finally(() => under.delete(answer));
  }
  await Promise.all(under);
  if (failed !== undefined) throw failed;
  return new Map([...taken].map(([name, values]) => [name, spreadOf(values)]));
}

/** Follows the cursors of each list to its end, and sees to it that no entry comes twice. */
async function goThrough({ get }: Served, signal: AbortSignal): Promise<ReadonlyMap<string, Spread>> {
  const described = await pathsOf(get);
  const spreads = new Map<string, Spread>();
  for (const path of lists) {
    if (!described.has(`${api}${path}`)) continue;
    const waited: number[] = [];
    const seen = new Set<string | number>();
    let cursor: string | null = null;
    for (let page = 0; page < pagesMax; page += 1) {
      signal.throwIfAborted();
      const fromMs = performance.now();
      const text = await get(`${api}${path}?limit=100${cursor === null ? '' : `&cursor=${cursor}`}`);
      waited.push(performance.now() - fromMs);
      const body = JSON.parse(text) as Page;
      for (const { id, seq } of body.releases ?? body.entries ?? []) {
        const key = id ?? seq ?? '';
        if (seen.has(key)) throw new Error(`${path} has ${key} twice`);
        seen.add(key);
      }
      cursor = body.next;
      if (cursor === null) break;
    }
    spreads.set(`${path.slice(1)}Page`, spreadOf(waited));
  }
  return spreads;
}

type Page = {
  readonly releases?: readonly Entry[];
  readonly entries?: readonly Entry[];
  readonly next: string | null;
};
type Entry = { readonly id?: string; readonly seq?: number };

function drawing(past: Past, random: () => number): Draw {
  const below = (count: number): number => Math.floor(random() * count);
  const service = (): string => serviceName(below(past.services));
  return {
    service,
    release: () => releaseName(service(), below(past.releasesEach)),
    recent: () => releaseName(service(), past.releasesEach - 1 - below(3)),
    of: <T>(...values: readonly T[]): T => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('nothing to choose from');
      return value;
    },
    daysAgo: () => Math.round(Date.now() - random() * 30 * dayMs),
  };
}
