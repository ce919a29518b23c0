import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Container, containersIn, label, lastEndText } from './container.ts';
import { ContainerLife } from './container-life.ts';

const watch = { port: 80, path: null, intervalMs: 1_000, timeoutMs: 1_000, unhealthyAfter: 3 };

/** A container as `docker inspect` of an engine 20.10 tells it, shortened. */
function inspected(state: Record<string, unknown> = {}, labels: Record<string, string> = {}): string {
  const Labels = {
    'com.docker.compose.container-number': '2',
    [label.version]: '1.0.0',
    [label.watch]: JSON.stringify(watch),
    ...labels,
  };
  return JSON.stringify([
    {
      Id: 'c1',
      RestartCount: 2,
      State: {
        Status: 'running',
        ExitCode: 0,
        OOMKilled: false,
        Error: '',
        StartedAt: '2026-11-28T15:00:52.381628612Z',
        FinishedAt: '2026-11-28T15:00:53.413429896Z',
        ...state,
      },
      Config: { Labels },
      NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }], '81/tcp': null } },
    },
  ]);
}

const one = (state: Record<string, unknown> = {}): Container => containersIn(inspected(state))[0] as Container;

test('a container of ours is read with its address; what has not our labels is none', () => {
  assert.deepEqual([one().number, one().endpoint, one().restarts], [2, { host: '127.0.0.1', port: 32_768 }, 2]);
  assert.equal(one({ Status: 'restarting' }).endpoint, null);
  for (const labels of [{ [label.watch]: '{' }, { [label.watch]: '{}' }, { 'com.docker.compose.container-number': 'x' }])
    assert.deepEqual(containersIn(inspected({}, labels)), []);
});

test('an end is told in one line', () => {
  const cases: readonly [state: Record<string, unknown>, want: string][] = [
    [{ ExitCode: 1 }, 'exit code 1 after 1.0 s: Error: no such table'],
    [{ ExitCode: 137, OOMKilled: true }, 'killed for want of memory: killed by SIGKILL after 1.0 s: Error: no such table'],
    [{ ExitCode: 127, Error: 'exec: "x": not found' }, 'the engine could not start it: exec: "x": not found'],
  ];
  for (const [state, want] of cases) assert.equal(lastEndText(one(state), ['Error: no such table']), want);
});

test('states of the engine are the states of an instance', async () => {
  const cases: readonly [state: Record<string, unknown>, want: string, hopeless?: true][] = [
    [{}, 'starting', true],
    [{ Health: { Status: 'starting' } }, 'starting'],
    [{ Health: { Status: 'healthy' } }, 'ready'],
    [{ Health: { Status: 'unhealthy', Log: [{ Output: 'no' }] } }, 'starting'],
    [{ Status: 'paused', Health: { Status: 'healthy' } }, 'unready'],
    [{ Status: 'restarting', ExitCode: 1 }, 'crashed'],
    [{ Status: 'exited', ExitCode: 0 }, 'crashed'],
    [{ Status: 'created' }, 'starting'],
    [{ Status: 'removing' }, 'stopping'],
  ];
  for (const [state, want, hopeless] of cases) {
    const container = one(state);
    const life = new ContainerLife(container, () => undefined);
    await life.take(container, null, async () => 'it ended');
    const instance = life.instance('shop', false);
    assert.deepEqual([instance.id, instance.state, instance.hopeless], ['shop/1.0.0/1', want, hopeless], JSON.stringify(state));
    assert.equal(life.instance('shop', true).state, 'stopping');
  }
});

test('one that ended and began between two looks has a problem, with the code that was heard of', async () => {
  const life = new ContainerLife(one(), () => undefined);
  const told = async (ended: Container) => lastEndText(ended, ['Error: x']);
  await life.take(one({ StartedAt: '2026-11-28T15:00:55Z' }), 3, told);
  assert.equal(life.instance('shop', false).restarts, 2);
  assert.equal(life.instance('shop', false).hopeless, true);
  await life.take(one({ StartedAt: '2026-11-28T15:00:55Z', Health: { Status: 'starting' } }), null, told);
  assert.equal(life.instance('shop', false).problem, 'exit code 3: Error: x');
});

test('an end is told as soon as the engine tells it, and what it wrote when that is known', async () => {
  const life = new ContainerLife(one(), () => undefined);
  const told = async (ended: Container) => lastEndText(ended, ['Error: x']);
  await life.take(one({ Health: { Status: 'healthy' } }), null, told);
  life.died(3);
  const { state, problem, endpoint } = life.instance('shop', false);
  assert.deepEqual([state, problem, endpoint], ['crashed', 'exit code 3', null]);
  await life.take(one({ Status: 'restarting', ExitCode: 3 }), 3, told);
  assert.equal(life.instance('shop', false).problem, 'exit code 3 after 1.0 s: Error: x');
});
