import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualTime } from '../../../test/simulation/virtual-time.ts';
import type { Incident } from '../../incidents/types.ts';
import type { StatusPageSpec } from '../../spec/status-page.ts';
import { incidentOf } from '../../status/incident.fixture.ts';
import type { ServiceReading } from '../../status/types.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { acme } from '../../views/status/status.fixture.ts';
import { RecordedState } from '../recorded-state.ts';
import { StatusKeeper } from './status-keeper.ts';
import { statusRecording } from './status-records.ts';

const seconds = 1_000;

/** A page over a log, whose measurements and time the test sets. */
async function staged(page: StatusPageSpec | null = { ...acme, url: null }) {
  const time = new VirtualTime(1_800_000_000_000);
  const clock = time.clock({ dead: false });
  const log = await openMemoryLog({ hashing: false });
  const stage = {
    time,
    failed: 0,
    incidents: [] as Incident[],
    page,
    isKnown: true,
    warnings: [] as string[],
    pass: (ms: number) => time.runUntil(time.elapsedMs + ms),
    open: async (): Promise<StatusKeeper> => {
      const token = await log.claim('test');
      const records = new RecordedState(statusRecording, log, token, clock.now);
      await records.catchUp();
      return new StatusKeeper({
        records,
        page: () => stage.page,
        readings: (services, nowMs) =>
          services.map(
            (service): ServiceReading => ({
              service,
              requests: stage.isKnown ? { all: 1_000, failed: service === 'api' ? stage.failed : 0, spanMs: 60_000 } : null,
              isServing: true,
              isSlow: false,
              isFailing: false,
              knownAtMs: stage.isKnown ? nowMs : null,
            }),
          ),
        incidents: () => stage.incidents,
        releases: () => [],
        url: () => 'http://127.0.0.1/status',
        clock,
        warn: (text) => stage.warnings.push(text),
      });
    },
    close: async (keeper: StatusKeeper) => {
      const stopped = keeper.stop();
      await stage.pass(1);
      await stopped;
    },
  };
  return stage;
}

test('what is measured is on the page within five seconds, and there again after a restart', async () => {
  const stage = await staged();
  const keeper = await stage.open();
  await stage.pass(5 * seconds);
  assert.equal(keeper.view?.worst, 'operational');
  assert.equal(keeper.view.url, 'http://127.0.0.1/status');
  stage.failed = 600;
  await stage.pass(5 * seconds);
  assert.equal(keeper.view.worst, 'major_outage');
  assert.deepEqual(keeper.unmeasured, []);
  await stage.close(keeper);
  stage.isKnown = false;
  const next = await stage.open();
  await stage.pass(5 * seconds);
  assert.deepEqual([next.view?.worst, next.view?.provenAtMs], ['major_outage', null], 'as it was last known, without a proof');
  assert.deepEqual(next.unmeasured, ['api', 'checkout']);
  await stage.close(next);
  assert.deepEqual(stage.warnings, []);
});

test('a person publishes a draft, with changes or as it is, or declines it', async () => {
  const stage = await staged();
  const keeper = await stage.open();
  stage.failed = 100;
  stage.incidents = [incidentOf('open')];
  await stage.pass(10 * seconds);
  const [post] = keeper.posts;
  assert.deepEqual([post?.draft?.state, post?.publishedAtMs, keeper.view?.posts.length], ['investigating', null, 0]);
  const deed = keeper.publish('p-api-1', { by: 'anna' }, { state: 'investigating', title: 'API', body: 'We look.' });
  await stage.pass(1);
  await deed;
  await stage.pass(5 * seconds);
  assert.deepEqual(
    keeper.view?.posts.map(({ updates }) => updates.map(({ by, body }) => [by, body])),
    [[['anna', 'We look.']]],
  );
  stage.incidents = [incidentOf('mitigated')];
  await stage.pass(10 * seconds);
  assert.equal(keeper.posts[0]?.draft?.state, 'monitoring');
  const declined = keeper.decline('p-api-1', { by: 'anna' }, 'too early');
  await stage.pass(1);
  await declined;
  await stage.pass(10 * seconds);
  assert.equal(keeper.posts[0]?.draft, null);
  await assert.rejects(keeper.decline('p-api-1', { by: 'anna' }, 'again'), { code: 'E_REFUSED' });
  await assert.rejects(keeper.publish('p-none', { by: 'anna' }, { state: 'resolved', title: 'x', body: 'x' }), {
    code: 'E_UNKNOWN_POST',
  });
  await stage.close(keeper);
});

test('without a document there is no page, and with one there is', async () => {
  const stage = await staged(null);
  const keeper = await stage.open();
  const seen: (string | null)[] = [];
  keeper.listen((view) => seen.push(view?.worst ?? null));
  await stage.pass(10 * seconds);
  assert.equal(keeper.view, null);
  stage.page = acme;
  keeper.wake();
  await stage.pass(1);
  assert.deepEqual(seen, [null, 'operational']);
  stage.page = null;
  await stage.pass(5 * seconds);
  assert.equal(keeper.view, null);
  await stage.close(keeper);
});
