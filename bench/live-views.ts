import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './parts/figure.ts';
import type { LiveReady, LiveResult, LiveRun, LiveTask } from './parts/live-process.ts';
import { outputIn, type Workplace, workplace } from './parts/processes.ts';
import { rounded, spreadOf } from './parts/spread.ts';
import type { ViewersResult, ViewersTask } from './parts/viewers-process.ts';

const partOf = (name: string): string => fileURLToPath(new URL(`./parts/${name}.ts`, import.meta.url));

const releases = 20;
const manyStreams = 500;

/** From a record on the disk to whoever looks: one view alone, then many at once, with the controller and its disk on one core. */
export const bench: Bench = async ({ quick, profile, signal, say }) => {
  const place = workplace('live');
  try {
    const data = join(place.folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const args = [
      // One core is one core: the collector gets no second one.
      '--single-threaded-gc',
      '--disable-warning=ExperimentalWarning',
      ...(profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      partOf('live-process'),
      JSON.stringify({ data, releases } satisfies LiveTask),
    ];
    const server = place.start(process.execPath, args);
    const kill = (): void => void server.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    const ready = await told<LiveReady>(place, server);
    const { token } = JSON.parse(readFileSync(join(data, 'api.json'), 'utf8')) as { token: string };
    const door = { url: ready.url, token };
    const id = ready.releases[0] ?? '';

    say('one view');
    const alone = { seconds: quick ? 10 : 60, everyMs: 700, of: 1 };
    const one = await look(place, server, { ...door, streams: [[`release:${id}`, 'service:service-0']] }, alone);
    const entry = spreadOf(delays(one.server, one.viewers));
    const level = spreadOf(levelDelays(one.server, one.viewers));

    say(`${manyStreams} views`);
    const all = { seconds: quick ? 10 : 60, everyMs: 100, of: releases };
    const many = await look(place, server, { ...door, streams: pages(ready.releases) }, all);
    const entries = spreadOf(delays(many.server, many.viewers));
    server.send('end');
    await once(server, 'exit');
    signal.removeEventListener('abort', kill);

    const measured = {
      entryP50Ms: entry.p50,
      entryP95Ms: entry.p95,
      levelP50Ms: level.p50,
      levelP95Ms: level.p95,
      levels: level.n,
      verbs: one.server.verbs.length,
      manyEntries: entries.n,
      manyP50Ms: entries.p50,
      manyP99Ms: entries.p99,
      manyMaxMs: entries.max,
      broken: one.viewers.broken + many.viewers.broken,
      messagesPerSecond: rounded(many.viewers.messages / all.seconds),
      kiBPerSecond: rounded(many.viewers.bytes / all.seconds / 1_024),
      corePercent: rounded(many.server.cpuShare * 100),
    };
    return [
      {
        figure: 'live-views',
        limit: {
          entryP95Ms: { atMost: 300 },
          levelP95Ms: { atMost: 300 },
          manyP99Ms: { atMost: 1_000 },
          broken: { atMost: 0 },
        },
        measured,
        text: `a record on one screen ${entry.p50} ms (p50), ${entry.p95} ms (p95, ≤ 300) after it was durable, the state it led to ${level.p50} and ${level.p95} ms; with ${manyStreams} views ${entries.p50} ms (p50), ${entries.p99} ms (p99, ≤ 1,000), ${measured.messagesPerSecond} messages/s, ${measured.corePercent} % of the core`,
      },
    ];
  } finally {
    await place.remove();
  }
};

/** What pages of a console look at: two in five the overview, the others one release with its service. */
function pages(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: manyStreams }, (_, index) => {
    const which = index % ids.length;
    return index % 5 < 2 ? ['overview'] : [`release:${ids[which]}`, `service:service-${which}`];
  });
}

async function look(place: Workplace, server: ChildProcess, task: ViewersTask, run: LiveRun) {
  const child = place.start(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    partOf('viewers-process'),
    JSON.stringify(task),
  ]);
  await told<'open'>(place, child);
  server.send(run);
  const measured = await told<LiveResult>(place, server);
  child.send('enough');
  const viewers = await told<ViewersResult>(place, child);
  return { server: measured, viewers };
}

/** Milliseconds from each record to each view that it came to. */
function delays({ appended }: LiveResult, { entries }: ViewersResult): readonly number[] {
  const at = new Map(appended.map(([seq, ns]) => [seq, BigInt(ns)]));
  return entries.flatMap(([seq, ns]) => {
    const began = at.get(seq);
    return began === undefined ? [] : [Number(BigInt(ns) - began) / 1e6];
  });
}

/** Milliseconds from each verb on record to the first view that shows what it led to. */
function levelDelays({ verbs }: LiveResult, { states }: ViewersResult): readonly number[] {
  return verbs.flatMap(([state, ns], index) => {
    const [began, end] = [BigInt(ns), BigInt(verbs[index + 1]?.[1] ?? '9'.repeat(18))];
    // What came in the turn of the event loop in which it was put on record is as early as can be.
    const shown = states.find(([other, atNs]) => other === state && BigInt(atNs) > began - 50_000_000n && BigInt(atNs) < end);
    return shown ? [Math.max(0, Number(BigInt(shown[1]) - began) / 1e6)] : [];
  });
}

async function told<Message>(place: Workplace, child: ChildProcess): Promise<Message> {
  const message = once(child, 'message').then(([one]) => one as Message);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`a process ended early: ${outputIn(place)}`);
  });
  ended.catch(() => {});
  return await Promise.race([message, ended]);
}
