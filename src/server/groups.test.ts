import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../test/acceptance/stage.ts';
import type { Role } from '../access/types.ts';
import type { GroupView } from '../views/group-view.ts';
import { problemIn, Served } from './access/server.fixture.ts';

/** A service whose versions never start: what a group does needs no more here. */
const service = (name: string) => `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name} }
spec:
  target: { process: { command: [node, there-is-no-such-file.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  release: { approval: { expires: 1h } }
`;
const group = `apiVersion: rampart/v1
kind: ReleaseGroup
metadata: { name: mall }
spec: { members: [ { service: shop, file: shop.yaml }, { service: cart } ] }
---
${service('cart')}`;
const body = {
  document: group,
  file: 'mall.yaml',
  folder: '/srv',
  files: [{ name: 'shop.yaml', document: service('shop') }],
  version: '1.0.0',
};

describe('groups over the API', () => {
  const served = new Served();
  before(() => served.up());
  after(() => served.close());
  const asked = async (
    method: string,
    path: string,
    sent: unknown,
    ...grants: readonly { role: Role; services: '*' | string[] }[]
  ) => {
    const { secret } = await served.token(`t${Math.random().toString(36).slice(2)}`, grants);
    return await served.ask(method, path, sent, { token: secret });
  };

  test('a plan names each member, who it is after, and its barriers', async () => {
    type Plan = {
      barrierMs: number;
      members: { service: string; after: string[]; plan: { steps: { kind: string; text: string }[] } }[];
    };
    const plan = await served.own<Plan>('POST', '/api/v1/groups/plan', { ...body, versions: { cart: '2.0.0' } });
    assert.deepEqual(
      plan.members.map(({ service: name, after: names }) => [name, names]),
      [
        ['shop', []],
        ['cart', ['shop']],
      ],
    );
    assert.deepEqual(
      plan.members[0]?.plan.steps.map(({ kind }) => kind),
      ['barrier', 'promote', 'bake', 'barrier', 'retire'],
    );
    assert.equal(plan.members[0]?.plan.steps[0]?.text, 'wait for the others of group mall before all requests, at most 1h');
  });

  test('a plan names those who would be told of the release and whom the setup does not have', async () => {
    const document = service('shop').replace('release: {', 'release: { notify: [ team ],');
    const { warnings } = await served.own<{ warnings: string[] }>('POST', '/api/v1/plan', {
      ...{ document, folder: '/srv', file: 'shop.yaml', version: '1.0.0' },
    });
    assert.equal(warnings.at(-1), 'nobody is told of it by "team": the setup has no Notifier of that name');
  });

  test('a document that is missing or wrong is told with its file and place', async () => {
    const alone = await served.ask('POST', '/api/v1/groups', { ...body, files: [] }, { token: served.ownerToken });
    assert.equal(alone.status, 422);
    const [problem] = (alone.body as { problems: { file: string; line: number; message: string }[] }).problems;
    assert.deepEqual(problem && [problem.file, problem.line], ['mall.yaml', 4]);
    assert.match(problem?.message ?? '', /expected a file with a Service document called shop, found none in shop\.yaml/);
    const files = [{ name: 'shop.yaml', document: service('shop').replace('release:', 'relase:') }];
    const wrong = await served.ask('POST', '/api/v1/groups', { ...body, files }, { token: served.ownerToken });
    const [mistake] = (wrong.body as { problems: { file: string; line: number }[] }).problems;
    assert.deepEqual(mistake && [mistake.file, mistake.line], ['/srv/shop.yaml', 7]);
    const stranger = await served.ask(
      'POST',
      '/api/v1/groups',
      { ...body, versions: { front: '1.0.0' } },
      { token: served.ownerToken },
    );
    const slow = service('cart').replace('approval:', 'bake: 3h, approval:');
    const unequal = { ...body, document: group.replace(service('cart'), slow) };
    assert.match(
      problemIn(await served.ask('POST', '/api/v1/groups', unequal, { token: served.ownerToken })),
      /^409 E_REFUSED group mall: shop would wait at least 2h50m until the last member has baked/,
    );
    assert.match(problemIn(stranger), /^409 E_REFUSED group mall: front is no member/);
  });

  test('whoever starts, sees and aborts a group needs that right for every member', async () => {
    const one = { role: 'operator', services: ['shop'] } as const;
    const refused = await asked('POST', '/api/v1/groups', body, { ...one, services: ['shop'] });
    assert.match(problemIn(refused), /^403 E_FORBIDDEN .* may not start or roll back releases of cart/);
    assert.deepEqual((await served.own<{ groups: unknown[] }>('GET', '/api/v1/groups')).groups, [], 'nothing was begun');

    const started = await served.own<{ release: string }>('POST', '/api/v1/groups', { ...body, by: 'anna', why: 'spring' });
    assert.match(started.release, /^mall-/);
    const view = () => served.own<GroupView>('GET', '/api/v1/groups/mall');
    await until('the first member asks for its approval', async () => (await view()).live?.members[0]?.state === 'releasing');
    const live = (await view()).live;
    assert.deepEqual([live?.state, live?.by, live?.why, live?.verdict], ['gathering', 'anna', 'spring', null]);
    assert.equal(
      problemIn(await asked('GET', '/api/v1/groups/mall', undefined, { ...one, services: ['shop'] })),
      '404 E_UNKNOWN_GROUP there is no group mall',
    );
    const viewer = await asked('POST', '/api/v1/groups/mall/verbs', { verb: 'abort' }, { role: 'viewer', services: '*' });
    assert.match(problemIn(viewer), /^403 E_FORBIDDEN .* may not abort releases of shop/);
    const again = await served.ask('POST', '/api/v1/groups', body, { token: served.ownerToken });
    assert.match(problemIn(again), /^409 E_REFUSED group mall: it is being released already/);
    const other = { ...body, document: group.replace('name: mall', 'name: market') };
    assert.match(
      problemIn(await served.ask('POST', '/api/v1/groups', other, { token: served.ownerToken })),
      /^409 E_REFUSED group market: shop: 1\.0\.0 is being released \(shop-\S+\); cart: it is being released with group mall/,
    );

    const done = await asked(
      'POST',
      '/api/v1/groups/mall/verbs',
      { verb: 'abort', why: 'no' },
      { role: 'operator', services: ['shop', 'cart'] },
    );
    assert.equal((done.body as { done: boolean }).done, true, JSON.stringify(done.body));
    await until('it has ended', async () => (await view()).live === null);
    const [end] = (await view()).ended;
    assert.equal(end?.outcome, 'rolled-back');
    assert.deepEqual(
      end?.members.map(({ state }) => state),
      ['back', 'waiting'],
    );
    const { events } = await served.own<{ events: { kind: string; said: string | null; state: string }[] }>(
      'GET',
      '/api/v1/groups/mall/events',
    );
    assert.deepEqual([events[0]?.kind, events[0]?.said], ['requested', 'release by anna: spring: shop 1.0.0, cart 1.0.0']);
    assert.equal(events.at(-1)?.state, 'rolled-back');
    const audit = async (services: '*' | string[]) => {
      const { body: seen } = await asked('GET', '/api/v1/audit?kind=group-aborted', undefined, { role: 'viewer', services });
      return (seen as { entries: { subject: string }[] }).entries.map(({ subject }) => subject);
    };
    assert.deepEqual(await audit('*'), ['mall'], 'who may see all services sees who aborted them');
    assert.deepEqual(await audit(['shop']), []);
    const id = end?.id ?? '';
    assert.match(problemIn(await served.ask('GET', `/api/v1/releases/${id}`, undefined, { token: served.ownerToken })), /^404/);
  });

  test('releases of a group that had other members are shown to those alone who may see all of these', async () => {
    const alone = { ...body, document: group.replace('{ service: shop, file: shop.yaml }, ', ''), files: [] };
    await served.own('POST', '/api/v1/groups', { ...alone, by: 'ben' });
    await served.own('POST', '/api/v1/groups/mall/verbs', { verb: 'abort', by: 'ben' });
    await until('it has ended', async () => (await served.own<GroupView>('GET', '/api/v1/groups/mall')).live === null);
    const seen = async (path: string) => (await asked('GET', path, undefined, { role: 'viewer', services: ['cart'] })).body;
    const { ended } = (await seen('/api/v1/groups/mall')) as GroupView;
    assert.deepEqual(
      ended.map(({ by, members }) => [by, members.map(({ service: name }) => name)]),
      [['ben', ['cart']]],
    );
    const { groups } = (await seen('/api/v1/groups')) as { groups: GroupView[] };
    assert.deepEqual(
      groups.map((one) => one.ended.length),
      [1],
    );
  });

  test('a group is not called like a service, which would mean both', async () => {
    const called = { ...body, document: group.replace('name: mall', 'name: cart').replace(', { service: cart }', '') };
    assert.match(
      problemIn(await served.ask('POST', '/api/v1/groups', called, { token: served.ownerToken })),
      /^409 E_REFUSED group cart: there is a service of that name/,
    );
  });

  test('a controller that is started again knows its groups', async () => {
    await served.down();
    await served.up();
    const { groups } = await served.own<{ groups: GroupView[] }>('GET', '/api/v1/groups');
    assert.deepEqual(
      groups.map(({ name, live, ended }) => [name, live, ended.length]),
      [['mall', null, 2]],
    );
    assert.equal((await served.own<{ kind: string }>('GET', '/api/v1/audit/verify')).kind, 'intact');
  });
});
