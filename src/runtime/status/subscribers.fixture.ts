import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { notifiers } from '../../notifiers/registry.ts';
import { takeStatus } from '../../status/fold.ts';
import type { StatusState } from '../../status/types.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { acme, acmeView, folded } from '../../views/status/status.fixture.ts';
import { systemClock } from '../clock.ts';
import { OutboxKeeper } from '../notifications/outbox-keeper.ts';
import { outboxRecording } from '../notifications/outbox-records.ts';
import { SetupKeeper } from '../notifications/setup-keeper.ts';
import { setupRecording } from '../notifications/setup-records.ts';
import { notifierTools } from '../notifications/tools.ts';
import { RecordedState } from '../recorded-state.ts';
import { SubscriberKeeper } from './subscriber-keeper.ts';
import { subscriberRecording } from './subscriber-records.ts';
import { openSubscriberStore } from './subscriber-store.ts';

/*
 * Subscribers of a status page and the outbox that writes to them, in a process that tests may kill: `node subscribers.fixture.ts FOLDER
 * PORT COUNT UPDATES`. It takes in COUNT people, then the page has UPDATES news, and it tells its parent when all is sent.
 */
const [folder = '', port = '', count = '0', updates = '0'] = process.argv.slice(2);
const warn = (text: string): void => void process.stderr.write(`${text}\n`);
mkdirSync(folder, { recursive: true });
const log = await openSqliteLog(join(folder, 'log.db'));
const token = await log.claim('mailing');
const setupRecords = new RecordedState(setupRecording, log, token, systemClock.now);
const messages = new RecordedState(outboxRecording, log, token, systemClock.now);
const records = new RecordedState(subscriberRecording, log, token, systemClock.now);
for (const one of [setupRecords, messages, records]) await one.catchUp();
const setup = new SetupKeeper(setupRecords, { notifiers, checks: {}, alertSources: {} }, warn);
const document = `apiVersion: rampart/v1
kind: Notifier
metadata: { name: mail }
spec:
  email: { host: 127.0.0.1, port: ${port}, secure: none, from: status@acme.example, to: status@acme.example }
  delivery: { perMinute: 6000, inFlight: 10 }
`;
await setup.apply({ files: [{ file: 'mail.yaml', text: document }], by: 'test', why: '', replaces: null });
const subscribers = { notifier: 'mail', max: 10_000, confirmWithinMs: 86_400_000, suspendAfter: 3, releases: true };
const page = { ...acme, subscribers };

/** The page with its news, which come a moment after the last one was taken in. */
function stateAt(fromMs: number): StatusState {
  const id = 'p-1';
  const text = { title: 'It is slow', body: 'We look.' };
  const drafted = { id, incident: null, startedAtMs: fromMs, components: ['c1'], state: 'investigating', ...text } as const;
  const first = takeStatus(folded([]), { kind: 'status-post-drafted', data: drafted, at: fromMs, actor: 'anna' });
  return Array.from({ length: Number(updates) }, (_, index) => index).reduce(
    (state, index) =>
      takeStatus(state, {
        kind: 'status-post-published',
        data: { id, update: `${id}/${index}`, state: 'monitoring', ...text },
        at: fromMs + index,
        actor: 'anna',
      }),
    first,
  );
}

let newsMs = Number.POSITIVE_INFINITY;
const keeper = new SubscriberKeeper({
  records,
  messages,
  store: openSubscriberStore(join(folder, 'subscribers.db'), warn),
  view: () => acmeView({ page, state: stateAt(newsMs), releases: [], nowMs: systemClock.now() }),
  problem: () => null,
  newId: () => Math.random().toString(36).slice(2),
  clock: systemClock,
  warn,
});
new OutboxKeeper({
  records: messages,
  setup,
  plugins: notifiers,
  tools: notifierTools({}, null),
  clock: systemClock,
  random: Math.random,
  private: keeper,
  warn,
});
process.once('disconnect', () => process.exit(0));

// A killed one has taken some of them in: their addresses are known, and they are not taken in twice.
const wanted = Number(count);
for (let index = records.state.subscribers.size; index < wanted; index = records.state.subscribers.size)
  await keeper.takeIn([{ address: `reader-${index}@shop.example`, language: 'en', components: null }], 'anna');
newsMs = Math.max(...[...records.state.subscribers.values()].map(({ confirmed }) => confirmed?.atMs ?? 0));
process.send?.({ ready: true });
const done = (): void => {
  const told = records.state.mailings.get(`p-1/${Number(updates) - 1}`)?.after === records.state.number;
  if (told && messages.state.pending.size === 0) process.send?.({ idle: true });
};
messages.listen(done);
records.listen(done);
keeper.wake();
done();
