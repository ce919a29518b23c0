import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../../../test/acceptance/stage.ts';
import { CountingReceiver } from '../../../test/programs/counting-receiver.ts';
import type { MessageView, ReceiverView } from '../../views/notification-view.ts';
import { Served } from '../access/server.fixture.ts';

const notifier = (name: string, url: string, delivery = ''): string =>
  `---\napiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: ${name} }\nspec: { webhook: { url: "${url}" }${delivery} }\n`;

type Answer = { readonly receivers: readonly ReceiverView[]; readonly messages: readonly MessageView[] };

describe('notifications over the API', () => {
  const served = new Served();
  let receiver: CountingReceiver;
  before(async () => {
    receiver = await CountingReceiver.start();
    await served.up();
    await served.own('PUT', '/api/v1/incidents/setup', {
      files: [
        {
          file: 'a.yaml',
          text: notifier('hook', receiver.url) + notifier('slow', receiver.url, ', delivery: { timeout: 200ms }'),
        },
      ],
    });
  });
  after(async () => {
    await served.close();
    await receiver.stop();
  });
  const look = () => served.own<Answer>('GET', '/api/v1/notifications');
  const tell = (name: string) => served.own<MessageView>('POST', '/api/v1/notifications/test', { notifier: name, by: 'anna' });

  test('a test arrives, and says what the receiver has answered', async () => {
    const sent = await tell('hook');
    assert.deepEqual([sent.state, sent.said, sent.attempts], ['delivered', 'it answers 200', 1]);
    assert.equal((await receiver.count(sent.key)).sent, 1);
    const { receivers } = await look();
    assert.deepEqual(
      receivers.map(({ name, kind, waiting, problem }) => [name, kind, waiting, problem]),
      [
        ['hook', 'webhook', 0, null],
        ['slow', 'webhook', 0, null],
      ],
    );
    const ru = await served.own<MessageView>('POST', '/api/v1/notifications/test?lang=ru', { notifier: 'hook' });
    assert.equal(ru.title, 'Проверка уведомлений Rampart');
  });

  test('a receiver that says when to come back, one that is broken and one that is half open are tried again until they take it', async () => {
    for (const behaviour of ['busy', 'broken', 'half-open'] as const) {
      const before = new Set((await look()).messages.map(({ key }) => key));
      await receiver.behave(behaviour);
      const asked = tell('slow');
      asked.catch(() => {});
      const find = async () => (await look()).messages.find(({ key, attempts }) => !before.has(key) && attempts > 0);
      await until(`${behaviour} was tried`, async () => (await find())?.state === 'waiting', 30_000);
      const waiting = await find();
      assert(waiting?.nextMs, behaviour);
      if (behaviour === 'busy') assert.match(waiting.said, /429/);
      await receiver.behave('yes');
      const sent = await asked;
      assert.equal(sent.state, 'delivered', `${behaviour}: ${sent.said}`);
      const { taken } = await receiver.count(sent.key);
      assert.equal(taken, 1, behaviour);
    }
  });

  test('the command line lists receivers and the outbox, and its test is a no where nothing is taken', async () => {
    const rampart = fileURLToPath(new URL('../../../bin/rampart.js', import.meta.url));
    const run = (...words: readonly string[]) =>
      promisify(execFile)(process.execPath, [rampart, 'notify', ...words, '--data', served.data], {
        timeout: 60_000,
        env: { ...process.env, RAMPART_URL: '', NO_COLOR: '1' },
      });
    assert.match((await run('list')).stdout, /^hook {2}webhook +sent /);
    assert.match((await run('test', 'hook')).stdout, /^hook: delivered: it answers 200\n$/);
    assert.match(
      (await run('outbox', '--limit', '1')).stdout,
      /^delivered .* hook {2}P2 {2}notice {2}Test of Rampart notifications {2}it answers 200\n$/,
    );
    await receiver.behave('no');
    await assert.rejects(run('test', 'hook'), { code: 1, stdout: /^hook: refused: it answers 400/ });
    await assert.rejects(run('test', 'hok'), { code: 2, stderr: /there is no notifier hok/ });
  });
});
