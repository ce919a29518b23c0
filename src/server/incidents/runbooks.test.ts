import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { RunbookView } from '../../views/runbook-view.ts';
import { Served } from '../access/server.fixture.ts';

const setup = `apiVersion: rampart/v1
kind: Runbook
metadata: { name: queue }
spec:
  alerts: ["*queue*"]
  steps:
    - { do: { en: Tell support, ru: Сообщить поддержке }, within: 5m }
    - title: Depth of the queue
      check: { command: { run: [sh, -c, "echo depth 7; echo password=hunter2hunter2"] } }
    - title: What hangs
      check: { command: { run: [sh, -c, "echo it hangs; echo here; sleep 60"] } }
      timeout: 300ms
    - { look: instances }
`;

describe('runbooks of incidents', () => {
  const served = new Served();
  before(async () => {
    await served.up();
    await served.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'runbook.yaml', text: setup }] });
  });
  after(() => served.close());
  let id = '';
  const steps = async (lang = 'en') => {
    const { runbooks } = await served.own<{ runbooks: RunbookView[] }>('GET', `/api/v1/incidents/${id}/runbooks?lang=${lang}`);
    return runbooks.find(({ name }) => name === 'queue')?.steps ?? [];
  };

  test('what runs by itself has run when people come: bounded, without secrets, and each failure is an answer', async () => {
    ({ id } = await served.own<{ id: string }>('POST', '/api/v1/incidents', { title: 'The queue is full', severity: 'P1' }));
    await until('every step that runs by itself has ended', async () => {
      const all = await steps();
      return all.length === 3 && all.every(({ does, outcome }) => does === 'person' || outcome !== null);
    });
    // The incident is of no service, so there is nothing to look up: that step was left out.
    const [support, depth, hanging] = await steps();
    assert.deepEqual([support?.outcome, support?.dueAtMs !== undefined], [null, true]);
    assert.equal(depth?.outcome?.state, 'told');
    const output = depth.outcome.lines.join('\n');
    assert.match(output, /depth 7/);
    assert.ok(!output.includes('hunter2'), output);
    assert.match(hanging?.outcome?.said ?? '', /^no end within \d+ms, so it was killed/);
    assert.deepEqual(hanging?.outcome?.lines, ['it hangs', 'here'], 'what it had said by then');
  });

  test('people say what they have done, and run a step again; both are there after a restart', async () => {
    const of = `/api/v1/incidents/${id}/runbooks/queue/steps`;
    await served.own('POST', `${of}/1/done`, { by: 'anna', text: 'told by phone' });
    const before = (await steps())[1]?.outcome?.atMs ?? 0;
    await served.own('POST', `${of}/2/run`, { by: 'anna' });
    await assert.rejects(served.own('POST', `${of}/1/run`, {}), /only people can do this step/);
    await assert.rejects(served.own('POST', `${of}/9/done`, {}), /has no step 9/);
    await assert.rejects(served.own('POST', `${of}/2/done`, {}), /runs by itself/);
    await served.down();
    await served.up();
    const [support, depth] = await steps('ru');
    assert.deepEqual(
      [support?.title, support?.outcome?.by, support?.outcome?.said],
      ['Сообщить поддержке', 'anna', 'told by phone'],
    );
    assert.deepEqual([depth?.outcome?.by, (depth?.outcome?.atMs ?? 0) > before], ['anna', true]);
  });
});
