import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textIn } from '../spec/text.ts';
import type { Instance } from '../targets/target.ts';
import { effectsOf, nextWakeMs } from './levels.ts';
import { restartRefusal, restartUnderWay } from './restart.ts';
import { canary, instance, Story, weight } from './story.fixture.ts';
import type { Restart } from './types.ts';

type Is = { readonly state?: Instance['state']; readonly life?: string; readonly restarts?: number; readonly problem?: string };

/** Three instances of 1.0.0, of their first start. */
function three(): Story {
  const story = new Story();
  story.replicas = 3;
  story.install();
  return are(story, {}, {}, {}).confirm();
}

/** How the instances are now: ready and of their first start, but for what is said. */
function are(story: Story, ...all: readonly Is[]): Story {
  const instances = all.map(({ state = 'ready', life = 'a', restarts = 0, problem }, index) => ({
    ...instance('1.0.0', index, state, restarts),
    life,
    ...(problem === undefined ? {} : { problem }),
  }));
  story.tell({ kind: 'instances', version: '1.0.0', instances });
  return story;
}

function ask(story: Story, how: Restart['how'] = 'one-by-one', restart = 'x1', version = '1.0.0'): Story {
  story.tell({ kind: 'restart-asked', restart, version, how, by: 'anna', why: 'it leaks' });
  return story;
}

/** The instances that the target is asked to start anew. */
function order(story: Story): readonly string[] {
  return effectsOf(story.state).flatMap((effect) =>
    effect.kind === 'restart' ? effect.instances.map(({ id }) => id.split('/').at(-1) ?? '') : [],
  );
}

function accept(story: Story): Story {
  const key = effectsOf(story.state).find(({ kind }) => kind === 'restart')?.key;
  assert(key !== undefined, 'a restart is asked for');
  story.tell({ kind: 'restart-accepted', key });
  return story;
}

function routed(story: Story): readonly number[] {
  return (story.state.route.want?.stable?.endpoints ?? []).map(({ port }) => port - 1_000);
}

function endOf(story: Story): unknown {
  const [last] = story.state.restarts ?? [];
  return [last?.end?.outcome, last?.end?.said];
}

test('one instance after the other gives up its requests, is started anew, and has to be ready before the next', () => {
  const story = ask(three());
  assert.equal(story.said, 'restart of 1.0.0 by anna: it leaks; shop/1.0.0/0 is started anew');
  assert.deepEqual([routed(story), order(story)], [[1, 2], []]);
  assert.deepEqual(order(story.confirm()), ['0']);
  // It is on record, so the next controller asks for the same again.
  story.tell({ kind: 'controller-started' });
  assert.deepEqual(order(story.confirm()), ['0']);
  assert.deepEqual(order(accept(story)), []);
  are(story, { state: 'unready' }, {}, {});
  are(story, { state: 'starting', life: 'b' }, {}, {});
  assert.deepEqual([routed(story), order(story.confirm())], [[1, 2], []]);
  are(story, { life: 'b' }, {}, {});
  assert.deepEqual([routed(story), story.said], [[0, 2], 'shop/1.0.0/1 is started anew']);
  accept(story.confirm());
  are(story, { life: 'b' }, { life: 'b' }, {});
  accept(story.confirm());
  are(story, { life: 'b' }, { life: 'b' }, { life: 'b' });
  assert.deepEqual(endOf(story), ['done', 'all 3 instances of 1.0.0 have been started anew']);
  assert.deepEqual([routed(story), restartUnderWay(story.state)], [[0, 1, 2], undefined]);
  assert.equal(nextWakeMs(story.state, 0), Number.POSITIVE_INFINITY);
});

test('what is not ready comes first, and nothing that works is ended until it is', () => {
  const story = three();
  are(story, {}, {}, { state: 'unready' }).confirm();
  assert.deepEqual(order(ask(story).confirm()), ['2']);
  accept(story);
  are(story, {}, {}, { state: 'starting', life: 'b' });
  assert.deepEqual(order(story.confirm()), []);
  are(story, {}, { state: 'unready' }, { life: 'b' });
  assert.deepEqual(order(story.confirm()), ['1']);
});

test('the only instance keeps its requests until it ends: there is nobody else', () => {
  const story = new Story().install();
  are(story, {}).confirm();
  ask(story);
  assert.deepEqual([routed(story), order(story)], [[0], ['0']]);
});

test('a start that fails ends it: at once where it crashes again, else when its time is up', () => {
  const crashing = accept(ask(three()).confirm());
  are(crashing, { state: 'crashed', life: 'b' }, {}, {});
  assert(restartUnderWay(crashing.state));
  are(crashing, { state: 'crashed', life: 'c', restarts: 1, problem: 'exit code 1' }, {}, {});
  assert.deepEqual(endOf(crashing), [
    'failed',
    'the restart of 1.0.0 has failed: shop/1.0.0/0 does not start: exit code 1; the others stay as they are',
  ]);
  assert.deepEqual(order(crashing.confirm()), []);
  const late = accept(ask(three()).confirm());
  are(late, { state: 'starting', life: 'b' }, {}, {});
  const atMs = nextWakeMs(late.state, 0);
  assert(Number.isFinite(atMs));
  late.wait(atMs - late.at - 1);
  assert(restartUnderWay(late.state));
  late.wait(1);
  assert.match(String(endOf(late)), /^failed,.* shop\/1\.0\.0\/0 is not ready in time; the others stay/);
});

test('a target that refuses, and a router that does not confirm, are the reason of a restart that comes to nothing', () => {
  const refused = ask(three()).confirm();
  const key = effectsOf(refused.state).find(({ kind }) => kind === 'restart')?.key ?? '';
  refused.tell({ kind: 'effect-failed', key, reason: 'the engine is away' });
  assert.match(String(endOf(refused.wait(600_000))), /^failed,.*: the engine is away/);
  assert.match(String(endOf(ask(three()).wait(600_000))), /^failed,.*the router has not confirmed/);
});

test('a rolling one is asked for once, and has ended when all are there anew', () => {
  const story = three();
  const pods = (...names: readonly [name: string, state: Instance['state']][]) =>
    story.tell({
      kind: 'instances',
      version: '1.0.0',
      instances: names.map(([name, state], index) => ({ ...instance('1.0.0', index, state), id: `shop/1.0.0/${name}` })),
    });
  pods(['0', 'ready'], ['1', 'ready'], ['2', 'ready']);
  ask(story, 'rolling');
  // Whatever runs them looks after their requests.
  assert.deepEqual(
    [routed(story), order(story)],
    [
      [0, 1, 2],
      ['0', '1', '2'],
    ],
  );
  accept(story);
  const before = nextWakeMs(story.state, 0);
  story.wait(60_000);
  pods(['0', 'stopping'], ['1', 'ready'], ['2', 'ready'], ['n0', 'ready']);
  // Something moves: it has its time anew.
  assert.equal(nextWakeMs(story.state, 0), before + 60_000);
  pods(['2', 'stopping'], ['n0', 'ready'], ['n1', 'ready']);
  assert(restartUnderWay(story.state));
  pods(['2', 'stopping'], ['n0', 'ready'], ['n1', 'ready'], ['n2', 'ready']);
  assert.equal(String(endOf(story)).split(',')[0], 'done');
});

test('the same restart asked for twice is one, and another one is refused while it goes on', () => {
  const story = ask(three()).confirm();
  const { state } = story;
  assert.equal(ask(story).state, state);
  assert.equal(ask(story, 'one-by-one', 'x2').state, state);
  assert.match(textIn(restartRefusal(state, null) ?? '', 'en'), /is being restarted already, asked for by anna/);
  story.tell({ kind: 'restart-stopped', restart: 'x1', by: 'boris', why: 'enough' });
  assert.deepEqual(endOf(story), ['stopped', 'the restart of 1.0.0 is stopped by boris: enough']);
  assert.equal(ask(story).state.restarts?.length, 1);
  assert.equal(ask(story, 'one-by-one', 'x2').state.restarts?.length, 2);
});

test('nothing is restarted beside a release, and a release that begins ends it', () => {
  const story = three();
  assert.match(textIn(restartRefusal(story.state, '0.9.0') ?? '', 'en'), /^0\.9\.0 does not run: 1\.0\.0 does$/);
  story.request('2.0.0', canary(weight(10)));
  assert.equal(restartRefusal(story.state, null), null);
  ask(story);
  story.validated();
  assert.match(String(endOf(story)), /^stopped,the restart of 1\.0\.0 stops: 2\.0\.0 is being released/);
  assert.match(textIn(restartRefusal(story.state, null) ?? '', 'ru'), /2\.0\.0 выпускается/);
  assert.equal(ask(story, 'one-by-one', 'x2').state.restarts?.length, 1);
});

test('an instance that was told to end gets no requests when its restart is stopped, until it is ready anew', () => {
  const story = accept(ask(three()).confirm());
  story.tell({ kind: 'restart-stopped', restart: 'x1', by: 'boris', why: '' });
  assert.deepEqual(routed(story), [1, 2]);
  are(story, { life: 'b' }, {}, {});
  assert.deepEqual(routed(story), [0, 1, 2]);
  const early = ask(three()).confirm();
  early.tell({ kind: 'restart-stopped', restart: 'x1', by: 'boris', why: '' });
  assert.deepEqual(routed(early), [0, 1, 2]);
});

test('bringing a version back ends a restart with the very request', () => {
  const story = ask(three().request('2.0.0').validated().settle().verb('abort').wait(1_000));
  const back = ask(three());
  back.request('0.9.0', {}, true);
  assert.match(String(endOf(back)), /^stopped,.*0\.9\.0 is being brought back/);
  assert.deepEqual(order(back.confirm()), []);
  assert.equal(story.state.restarts, undefined);
});

test('without instances there is nothing to restart', () => {
  assert.match(textIn(restartRefusal(new Story().state, null) ?? '', 'en'), /has no stable version/);
  const story = new Story().install();
  story.tell({ kind: 'instances', version: '1.0.0', instances: [] });
  assert.match(textIn(restartRefusal(story.state, null) ?? '', 'en'), /no instance of shop runs/);
});
