import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Placed, Stage } from './stage.ts';

const stage = new Stage();

/** Gives a verb as somebody, and answers what was said to them. */
async function give(release: string, verb: string, by: string): Promise<{ done: boolean; said: string }> {
  const { status, body } = await stage.ask('POST', `/api/v1/releases/${release}/verbs`, { verb, by, why: `${by} says so` });
  assert.equal(status, 200, JSON.stringify(body));
  return body as { done: boolean; said: string };
}

describe('two operators at once', () => {
  let shop: Placed;
  before(async () => {
    await stage.up();
    shop = await stage.place('shop', {
      release: { strategy: '{ canary: { steps: [ { weight: 20%, for: 30s } ] } }' },
    });
    await stage.install(shop, '1.0.0');
  });
  after(() => stage.close());

  for (const [index, other] of ['promote', 'pause', 'resume'].entries())
    test(`${other} and abort in either order: abort wins, and both see why`, async () => {
      for (const order of [
        [other, 'abort'],
        ['abort', other],
      ]) {
        const release = await stage.begin(shop, `1.${index + 1}.${order[0] === 'abort' ? 1 : 0}`);
        await stage.reaches(release, 'has traffic', ({ weight }) => weight === 20);
        const answers = await Promise.all(order.map((verb) => give(release, verb, verb === 'abort' ? 'ann' : 'bob')));
        const abort = answers[order.indexOf('abort')];
        assert.equal(abort?.done, true, JSON.stringify(answers));
        const summary = await stage.end(release);
        assert.equal(summary.outcome, 'rolled-back');
        assert.match(summary.reason, /aborted by ann: ann says so/);
        // Whoever came second is told that it is going back, or reads in the timeline who has overruled them.
        const late = answers[order.indexOf(other)];
        if (order[0] === 'abort') {
          assert.equal(late?.done, false);
          assert.match(late.said, /^it is going back already/);
        }
        const told = (await stage.events(release)).flatMap(({ kind, said }) => (kind === 'verb' && said ? [said] : []));
        assert.equal(told.length, 2, told.join('; '));
        assert(
          told.some((said) => said.startsWith('abort by ann (ann says so)')),
          told.join('; '),
        );
        assert(
          told.some((said) => said.startsWith(`${other} by bob`)),
          told.join('; '),
        );
      }
    });
});
