import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { uniform } from '../src/analysis/simulated-traffic.fixture.ts';
import { messagesStream } from '../src/runtime/notifications/outbox-records.ts';
import { openSqliteLog } from '../src/stores/sqlite/index.ts';
import { CountingReceiver } from '../test/programs/counting-receiver.ts';
import { type ControllerProcess, startController } from './parts/controller-process.ts';
import type { Bench } from './parts/figure.ts';
import { workplace } from './parts/processes.ts';
import { until } from './parts/wait.ts';

const seed = 8;
/** Messages that are asked for at once. */
const askersMax = 24;
/** A controller lives so long in the storm; at most, in milliseconds. */
const lifeMaxMs = 600;
const drainMaxMs = 120_000;

type Outbox = { readonly messages: readonly { readonly state: string }[] };

/** `kill -9` of a real controller in a storm of messages: none that came on record is lost, and a receiver takes none twice. */
export const bench: Bench = async ({ quick, signal, say }) => {
  const kills = quick ? 10 : 200;
  const random = uniform(seed);
  const place = workplace('notifications');
  const data = join(place.folder, 'data');
  const receiver = await CountingReceiver.start();
  let controller: ControllerProcess | null = null;
  try {
    await receiver.behave('yes', 3);
    const text = `apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: hook }\nspec: { webhook: { url: "${receiver.url}" }, delivery: { perMinute: 6000, inFlight: 8, timeout: 5s } }\n`;
    controller = await startController(place, data, signal);
    await controller.ask('PUT', '/incidents/setup', { files: [{ file: 'storm.yaml', text }], by: 'bench' });
    for (let kill = 1; kill <= kills; kill += 1) {
      controller ??= await startController(place, data, signal);
      const living = controller;
      let isOver = false;
      const askers = Array.from({ length: askersMax }, async () => {
        while (!isOver) await living.ask('POST', '/notifications/test', { notifier: 'hook', by: 'bench' }).catch(() => delay(5));
      });
      await delay(20 + random() * lifeMaxMs, undefined, { signal });
      await living.kill();
      isOver = true;
      await Promise.all(askers);
      controller = null;
      if (kill % 20 === 0) say(`${kill} kills, ${(await receiver.all()).order.length} messages taken`);
    }
    controller = await startController(place, data, signal);
    const last = controller;
    await until('nothing waits', drainMaxMs, signal, async () => {
      const { messages } = await last.ask<Outbox>('GET', '/notifications?limit=1');
      return messages.every(({ state }) => state !== 'waiting' && state !== 'under-way') ? true : delay(100, null);
    });
    await last.kill();
    const queued = await queuedIn(data);
    const { known } = await receiver.all();
    const taken = new Map(known.map(({ body, taken: times, sent }) => [body.key, { times, sent }]));
    const lost = [...queued].filter((key) => taken.get(key)?.times !== 1).length;
    const twice = known.filter(({ taken: times }) => times > 1).length;
    const unknown = known.filter(({ body }) => !queued.has(body.key)).length;
    const again = known.reduce((sum, { sent }) => sum + sent - 1, 0);
    return [
      {
        figure: 'notifications-kill',
        limit: { lost: { atMost: 0 }, takenTwice: { atMost: 0 }, unknown: { atMost: 0 } },
        measured: { kills, messages: queued.size, lost, takenTwice: twice, unknown, sentAgain: again },
        text: `${kills} times kill -9 in a storm of ${queued.size} messages: ${lost} lost, ${twice} taken twice; ${again} were sent again and recognised by their key`,
      },
    ];
  } finally {
    await controller?.kill();
    await receiver.stop();
    await place.remove();
  }
};

/** Keys of the messages on record. */
async function queuedIn(data: string): Promise<ReadonlySet<string>> {
  const log = await openSqliteLog(join(data, 'log.db'));
  const keys = new Set<string>();
  try {
    for (let after = 0; ; ) {
      const page = await log.read(messagesStream, after, 500);
      for (const { kind, data: held } of page)
        if (kind === 'message-queued') keys.add((held as { message: { key: string } }).message.key);
      after += page.length;
      if (page.length < 500) return keys;
    }
  } finally {
    await log.close();
  }
}
