import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiProxy } from '../../../test/programs/api-proxy.ts';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { ensureUntil, eventually, never } from '../conformance.ts';
import { placeOfTarget, serving } from './place.fixture.ts';

/** Tests of what lies between Rampart and the API server; they may run at the same time. */
export function wayFaults(cluster: () => Kubernetes): void {
  test('while every write meets a conflict a release waits and says why; then it goes on', async (t) => {
    const { target, work, proxy } = await behindProxy(t);
    await ensureUntil(target, work('1.0.0'), 'ready');
    proxy.refuse((method) =>
      method === 'PATCH' ? { status: 409, reason: 'Operation cannot be fulfilled: the object has been modified' } : null,
    );
    const [waiting] = await target.ensure(work('1.1.0'), never());
    assert.deepEqual([waiting?.id, waiting?.state], ['shop/1.1.0/pending-1', 'starting']);
    assert.match(waiting?.problem ?? '', /object has been modified.*Rampart tries again/);
    const before = proxy.seen;
    for (let i = 0; i < 50; i += 1) await target.ensure(work('1.1.0'), never());
    assert(proxy.seen - before <= 4, `${proxy.seen - before} requests of 50 calls`);
    assert.equal((await target.ensure(work('1.0.0'), never()))[0]?.problem, undefined);
    proxy.refuse(() => null);
    await ensureUntil(target, work('1.1.0'), 'ready');
  });

  test('a server that is too busy is left alone for as long as it says', async (t) => {
    const { target, work, proxy } = await behindProxy(t);
    const before = await ensureUntil(target, work('1.0.0'), 'ready');
    proxy.refuse(() => ({ status: 429, reason: 'too many requests, please try again later', retryAfterS: 2 }));
    const [waiting] = await target.ensure(work('1.1.0'), never());
    assert.match(waiting?.problem ?? '', /asks to wait 2 s: too many requests/);
    const seen = proxy.seen;
    const begunMs = performance.now();
    for (const version of ['1.2.0', '1.3.0', '1.4.0']) await target.ensure(work(version), never());
    if (performance.now() - begunMs < 1_500) assert.equal(proxy.seen, seen, 'nothing is asked meanwhile');
    assert.deepEqual(await target.list('shop', never()), before);
    proxy.refuse(() => null);
    await ensureUntil(target, work('1.1.0'), 'ready');
  });

  test('a watch that breaks is begun again, and what happened meanwhile is seen', async (t) => {
    const { target, work, proxy, namespace } = await behindProxy(t);
    await ensureUntil(target, work('1.0.0'), 'ready');
    proxy.refuse(() => ({ status: 502, reason: 'bad gateway' }));
    proxy.cut();
    await cluster().admin.request(
      {
        method: 'DELETE',
        path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
        query: { labelSelector: 'rampart.dev/service' },
      },
      never(),
    );
    assert.equal((await target.list('shop', never())).length, 1);
    proxy.refuse(() => null);
    await eventually('the loss is seen', async () => (await target.list('shop', never())).length === 0);
    await ensureUntil(target, work('1.0.0'), 'ready');
  });

  test('where nothing was ever heard from the cluster there is no answer, so that what is on record stays', async (t) => {
    const { target, work, proxy } = await behindProxy(t);
    proxy.refuse(() => ({ status: 503, reason: 'not yet' }));
    await assert.rejects(target.ensure(work('1.0.0'), never()), (error: unknown) => {
      // Not a UserError: the runtime would take it for a version that can never be started.
      assert.equal((error as Error).constructor, Error);
      assert.match((error as Error).message, /asks to wait: not yet/);
      return true;
    });
    proxy.refuse(() => null);
    await eventually('it is heard', () => target.ensure(work('1.0.0'), never()).catch(() => null));
    await ensureUntil(target, work('1.0.0'), 'ready');
  });

  test('while the API server is gone what is known stays known, and it goes on when it is back', async (t) => {
    const { target, work, proxy } = await behindProxy(t);
    const before = await ensureUntil(target, work('1.0.0'), 'ready');
    await proxy.down();
    try {
      assert.deepEqual(await target.list('shop', never()), before);
      assert.deepEqual(await target.ensure(work('1.0.0'), never()), before);
      const [waiting] = await target.ensure(work('1.1.0'), never());
      assert.equal(waiting?.state, 'starting');
      assert.match(waiting?.problem ?? '', /the Kubernetes API does not answer: .*readyz/);
    } finally {
      await proxy.up();
    }
    await ensureUntil(target, work('1.1.0'), 'ready');
    await target.retire('shop', '1.0.0', never());
    assert.deepEqual([...new Set((await target.list('shop', never())).map(({ version }) => version))], ['1.1.0']);
  });

  async function behindProxy(t: TestContext) {
    const proxy = await ApiProxy.to(cluster().port);
    const user = `proxied-${proxy.port}`;
    cluster().writeKubeconfig(user, cluster().adminToken, `http://127.0.0.1:${proxy.port}`);
    const place = await placeOfTarget(cluster(), t, serving, user);
    t.after(() => proxy.down());
    return { ...place, proxy };
  }
}
