import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { random } from '../../../test/simulation/random.ts';
import { simulatedService } from '../../../test/simulation/spec.ts';
import { VirtualTime } from '../../../test/simulation/virtual-time.ts';
import { World } from '../../../test/simulation/world.ts';
import { timeline, timelineEntries } from '../../spec/timeline.ts';
import { durationMs } from '../../spec/unit-text.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { isOverride } from '../../timeline/asked.ts';
import type { EntryState } from '../../timeline/types.ts';
import { Controller } from '../controller.ts';
import { runHook } from '../hooks.ts';
import { publishing } from '../publishing-log.ts';
import { RecordedState } from '../recorded-state.ts';
import { timelineDeeds } from './deeds.ts';
import { TimelineKeeper } from './timeline-keeper.ts';
import { timelineRecording } from './timeline-records.ts';

const hook = (script: string) => ({ command: [process.execPath, '-e', script] });
const asked = { by: 'anna', why: '' };

/** A controller of the real runtime in a world whose time passes when the test says so; entries really run. */
async function staged() {
  const time = new VirtualTime(1_800_000_000_000);
  const world = new World(time, random(1), new Map(), 5_000);
  const clock = time.clock({ dead: false });
  const log = publishing(world.log({ dead: false }, openMemoryLog({ hashing: false })));
  let ids = 0;
  const newId = (service: string) => `${service}-${(ids += 1)}`;
  const controller = await Controller.start({ log, clock, ports: world.ports({ dead: false }), owner: 'test', newId });
  const pass = (ms: number) => time.runUntil(time.elapsedMs + ms);
  const warnings: string[] = [];
  const open = async () => {
    const records = new RecordedState(timelineRecording, log, controller.health.token, clock.now);
    await Promise.all([pass(1_000), records.catchUp()]);
    const place = { cwd: null, backups: '', variables: {}, base: process.env };
    const deeds = timelineDeeds({
      runs: null,
      runHook: (given, variables, _folder, signal) => runHook(given, { ...place, variables }, signal),
      environment: process.env,
      own: () => null,
      tell: async () => ({ ok: true, detail: 'told' }),
      now: clock.now,
    });
    return new TimelineKeeper({ records, controller, deeds, clock, newId, warn: (text) => warnings.push(text) });
  };
  const stage = {
    keeper: await open(),
    controller,
    world,
    warnings,
    clock,
    time,
    /** Time passes without anything else. */
    pass,
    /** Time passes for as long as something takes. */
    during: async <T>(work: Promise<T>): Promise<T> => {
      let isOver = false;
      const settled = work.finally(() => {
        isOver = true;
      });
      settled.catch(() => {});
      while (!isOver) await pass(10);
      return await settled;
    },
    /** Programs run in real time, so time passes no faster than 200 times as fast until they have ended. */
    until: async (what: string, isSo: () => boolean): Promise<void> => {
      const untilMs = performance.now() + 30_000;
      while (!isSo()) {
        assert.ok(performance.now() < untilMs, `${what}: ${stage.states()} ${warnings.join()}`);
        await Promise.all([pass(200), new Promise((resolve) => setTimeout(resolve, 1))]);
      }
    },
    states: () =>
      stage.keeper
        .find('shop')
        ?.entries.map(({ id, state, late }) => `${id} ${state.kind}${late ? ' late' : ''}`)
        .join(', ') ?? 'none',
    state: (entry: string): EntryState | undefined => stage.keeper.find('shop')?.entries.find(({ id }) => id === entry)?.state,
    plan: (entries: readonly unknown[] | null, inMs: number, version = '1.0.0') => {
      const parsed = entries === null ? 'standard' : timeline.parse(entries);
      const spec = simulatedService(parsed === 'standard' ? {} : { timeline: timelineEntries(parsed, 30_000) });
      return stage.during(stage.keeper.plan({ spec, version, startMs: clock.now() + inMs, ...asked }));
    },
    /** The controller's part is away for a while, and another one comes back. */
    away: async (ms: number): Promise<void> => {
      await stage.during(stage.keeper.stop());
      await pass(ms);
      stage.keeper = await open();
    },
    end: async () => {
      await stage.during(stage.keeper.stop());
      await stage.during(controller.stop());
    },
  };
  return stage;
}

test('entries run in their time, the release starts at T-0, and what comes after follows', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const stage = await staged();
  const { keeper, controller } = stage;
  try {
    await stage.plan(
      [
        { at: 'T-10s', title: 'A port', check: { tcp: { host: '127.0.0.1', port } } },
        { at: 'T-8s', title: 'Told', notify: true },
        { at: 'T-5s', title: 'A program', hook: hook('console.log("done by the program")') },
        { at: 'T+5s', title: 'After', notify: hook('') },
      ],
      15_000,
    );
    await stage.pass(3_000);
    assert.equal(stage.states(), 'T-10s planned, T-8s planned, T-5s planned, T-0 planned, T+5s planned');
    await stage.until('before', () => stage.state('T-5s')?.kind === 'done');
    await stage.until('started', () => keeper.find('shop')?.state.kind === 'started');
    assert.equal(controller.service('shop')?.live?.by, 'anna');
    await stage.until('over', () => keeper.find('shop')?.state.kind === 'ended');
    assert.equal(stage.states(), 'T-10s done, T-8s done, T-5s done, T-0 done, T+5s done');
    assert.deepEqual(stage.warnings, []);
  } finally {
    server.close();
    await stage.end();
  }
});

test('a check that fails holds the start, a person runs it again or leaves it out, and the release begins', async () => {
  const stage = await staged();
  const { keeper, controller } = stage;
  try {
    const id = await stage.plan([{ at: 'T-5s', title: 'A program', hook: hook('process.exit(1)') }], 10_000);
    await stage.until('failed', () => stage.state('T-5s')?.kind === 'failed');
    await stage.until('waits', () => JSON.stringify(keeper.find('shop')?.state).includes('has failed'));
    assert.deepEqual(keeper.find('shop')?.state, { kind: 'waiting', why: { en: 'T-5s has failed', ru: 'T-5s не пройдено' } });
    assert.equal(controller.service('shop')?.live ?? null, null);
    const planned = keeper.find(id);
    assert.ok(planned);
    assert.deepEqual([isOverride(planned, 'T-5s', 'skip'), isOverride(planned, 'T-0', 'run')], [true, true]);
    await stage.during(keeper.run(id, 'T-5s', asked));
    await stage.until('again', () => stage.state('T-5s')?.kind === 'failed');
    await stage.during(keeper.skip(id, 'T-5s', { by: 'ben', why: 'known' }));
    await stage.until('started', () => keeper.find('shop')?.state.kind !== 'waiting');
    assert.ok(controller.service('shop')?.live);
    await assert.rejects(stage.during(keeper.skip(id, 'T-5s', asked)), { code: 'E_REFUSED' });
  } finally {
    await stage.end();
  }
});

test('a checklist that nobody runs does not pass, and a check with a mistake says where it is', async () => {
  const stage = await staged();
  try {
    await stage.plan(
      [
        { at: 'T-5s', title: 'All', checklist: 'production' },
        { at: 'T-4s', title: 'Odd', check: { tcp: { too: 1 } } },
        { at: 'T-3s', title: 'None', check: { nothing: {} } },
      ],
      10_000,
    );
    await stage.until('failed', () => stage.state('T-3s')?.kind === 'failed');
    await stage.until('waits', () => stage.keeper.find('shop')?.state.kind === 'waiting');
    const details = ['T-5s', 'T-4s', 'T-3s'].map((entry) => {
      const state = stage.state(entry);
      return state && 'detail' in state ? JSON.stringify(state.detail) : '';
    });
    assert.match(details[0] ?? '', /nobody runs checklists/);
    assert.match(details[1] ?? '', /tcp/);
    assert.match(details[2] ?? '', /no check of kind nothing/);
  } finally {
    await stage.end();
  }
});

test('after a downtime late entries are caught up before the start; behind it they are missed, and the start waits', async () => {
  const stage = await staged();
  try {
    const entries = [
      { at: 'T-3h', title: 'Told', notify: true },
      { at: 'T-2h', title: 'A program', hook: hook('') },
    ];
    const id = await stage.plan(entries, durationMs('4h') ?? 0);
    await stage.away(durationMs('3h') ?? 0);
    await stage.until('caught up', () => stage.state('T-2h')?.kind === 'done');
    assert.equal(stage.states(), 'T-3h done late, T-2h done late, T-0 planned');
    await stage.during(stage.keeper.cancel(id, asked));
    await stage.plan(entries, durationMs('4h') ?? 0);
    await stage.away(durationMs('4h10m') ?? 0);
    await stage.until('missed', () => stage.keeper.find('shop')?.state.kind === 'waiting');
    assert.equal(stage.states(), 'T-3h missed late, T-2h missed late, T-0 planned');
    assert.equal(stage.controller.service('shop')?.live ?? null, null);
  } finally {
    await stage.end();
  }
});

test('an entry that the end of its controller has broken off runs again, and a release is started once', async () => {
  const stage = await staged();
  try {
    await stage.plan([{ at: 'T-5s', title: 'Slow', hook: hook('setTimeout(() => {}, 400)') }], 10_000);
    await stage.until('running', () => stage.state('T-5s')?.kind === 'running');
    await stage.away(1_000);
    assert.equal(stage.state('T-5s')?.kind, 'running');
    await stage.until('done', () => stage.state('T-5s')?.kind === 'done');
    await stage.until('started', () => stage.keeper.find('shop')?.state.kind === 'started');
    const { live } = stage.controller.service('shop') ?? {};
    assert.match(live?.why ?? '', /\(timeline shop-1\)$/);
    await stage.away(1_000);
    assert.equal(stage.controller.service('shop')?.live?.id ?? live?.id, live?.id);
  } finally {
    await stage.end();
  }
});

test('the start is moved, cancelled or made at once by a person; a second plan of a service is refused', async () => {
  const stage = await staged();
  const { keeper, clock } = stage;
  try {
    const id = await stage.plan(
      [
        { at: 'T-1h', title: 'Told', notify: true },
        { at: 'T+5m', title: 'Told', notify: true },
      ],
      durationMs('90m') ?? 0,
    );
    await assert.rejects(stage.plan(null, 60_000), { code: 'E_REFUSED' });
    await assert.rejects(stage.plan(null, -1), { code: 'E_REFUSED' });
    await stage.during(keeper.move(id, clock.now() + (durationMs('3h') ?? 0), asked));
    await stage.pass(durationMs('40m') ?? 0);
    assert.match(stage.states(), /^T-1h planned/);
    await assert.rejects(stage.during(keeper.run(id, 'T-7h', asked)), { code: 'E_UNKNOWN_ENTRY' });
    await assert.rejects(stage.during(keeper.run(id, 'T+5m', asked)), { code: 'E_REFUSED' });
    await stage.during(keeper.run(id, 'T-0', { by: 'ben', why: 'now' }));
    await stage.until('started', () => keeper.find('shop')?.state.kind === 'started');
    assert.equal(stage.controller.service('shop')?.live?.by, 'ben');
    await stage.during(keeper.cancel(id, asked));
    assert.equal(keeper.find('shop')?.state.kind, 'ended');
    await assert.rejects(stage.during(keeper.cancel(id, asked)), { code: 'E_REFUSED' });
  } finally {
    await stage.end();
  }
});

test('a clock that jumps ahead is a downtime, one that jumps back changes nothing', async () => {
  const stage = await staged();
  try {
    await stage.plan([{ at: 'T-1h', title: 'A program', hook: hook('') }], durationMs('2h') ?? 0);
    stage.time.skewMs = -(durationMs('5h') ?? 0);
    await stage.pass(durationMs('30m') ?? 0);
    assert.equal(stage.states(), 'T-1h planned, T-0 planned');
    stage.time.skewMs = durationMs('60m') ?? 0;
    await stage.until('caught up', () => stage.state('T-1h')?.kind === 'done');
    assert.equal(stage.states(), 'T-1h done late, T-0 planned');
  } finally {
    await stage.end();
  }
});
