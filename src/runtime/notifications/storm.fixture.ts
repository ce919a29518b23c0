import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { queueEvents } from '../../notifications/queue.ts';
import type { Message, MessageEvent } from '../../notifiers/notifier.ts';
import { notifiers } from '../../notifiers/registry.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { systemClock } from '../clock.ts';
import { RecordedState } from '../recorded-state.ts';
import { OutboxKeeper } from './outbox-keeper.ts';
import { outboxRecording } from './outbox-records.ts';
import { SetupKeeper } from './setup-keeper.ts';
import { setupRecording } from './setup-records.ts';
import { notifierTools } from './tools.ts';

/*
 * The notifications of a controller, in a process that tests may kill: `node storm.fixture.ts FOLDER URL FIRST COUNT`. It queues the
 * messages FIRST … COUNT - 1 as fast as they come on record, and tells its parent how far it is, and when nothing waits any more.
 */
const [folder = '', url = '', first = '0', count = '0'] = process.argv.slice(2);
const events: readonly MessageEvent[] = ['trigger', 'update', 'resolve'];

/** Three messages for each thread, ten threads at a time. */
function messageAt(index: number): Message {
  const round = Math.floor(index / 30);
  const event = events[Math.floor((index % 30) / 10)] ?? 'notice';
  const thread = `storm-${round * 10 + (index % 10)}`;
  return {
    key: `${thread}/${event}`,
    thread,
    event,
    severity: 'P1',
    title: `${thread} ${event}`,
    text: '',
    facts: [],
    links: [],
    actions: [],
    source: 'storm',
    atMs: 0,
    language: 'en',
  };
}

const document = `apiVersion: rampart/v1
kind: Notifier
metadata: { name: hook }
spec: { webhook: { url: "${url}" }, delivery: { perMinute: 6000, timeout: 2s } }
`;

const warn = (text: string): void => void process.stderr.write(`${text}\n`);
mkdirSync(folder, { recursive: true });
const log = await openSqliteLog(join(folder, 'log.db'));
const token = await log.claim('storm');
const setupRecords = await RecordedState.caughtUp(setupRecording, log, token, systemClock.now);
const records = await RecordedState.caughtUp(outboxRecording, log, token, systemClock.now);
const setup = new SetupKeeper(setupRecords, { notifiers, checks: {}, alertSources: {} }, warn);
await setup.apply({ files: [{ file: 'storm.yaml', text: document }], by: 'storm', why: '', replaces: null });
const tools = notifierTools({}, null);
const keeper = new OutboxKeeper({ records, setup, plugins: notifiers, tools, clock: systemClock, random: Math.random, warn });
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: true });

const done = (): void => {
  if (records.state.pending.size === 0) process.send?.({ idle: true, handedOver: records.state.handedOver.length });
};
for (let index = Number(first); index < Number(count); index += 1) {
  const message = messageAt(index);
  // In pace with the receiver: what ended before it was told is told to nobody, and the storm is to reach it.
  while (keeper.state.pending.size >= 5) await systemClock.after(2);
  await records.change((state) => queueEvents(state, { message, notifier: 'hook', to: null, incident: null }));
  process.send?.({ recorded: index });
}
records.listen(done);
done();
