import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { CountingReceiver } from '../../../test/programs/counting-receiver.ts';
import type { IncidentRecorded } from '../../incidents/events.ts';
import { messageOf } from '../../notifications/outbox.fixture.ts';
import { notifiers } from '../../notifiers/registry.ts';
import type { EventLog } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { systemClock } from '../clock.ts';
import { incidentRecording } from '../incidents/incident-records.ts';
import { RecordedState } from '../recorded-state.ts';
import { OutboxKeeper } from './outbox-keeper.ts';
import { outboxRecording } from './outbox-records.ts';
import { SetupKeeper } from './setup-keeper.ts';
import { setupRecording } from './setup-records.ts';
import { withIncidents } from './told.ts';
import { notifierTools } from './tools.ts';

describe('the outbox of a controller', () => {
  let receiver: CountingReceiver;
  before(async () => {
    receiver = await CountingReceiver.start();
  });
  const keepers: OutboxKeeper[] = [];
  after(async () => {
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    await receiver.stop();
  });

  /** One controller after another on one log, whose appends may fail. */
  async function up(log: EventLog, trouble: { isFailing: boolean } = { isFailing: false }) {
    const token = await log.claim('test');
    const shaky: EventLog = {
      ...log,
      append: (...given) => (trouble.isFailing ? Promise.reject(new Error('no space')) : log.append(...given)),
    };
    const warnings: string[] = [];
    const warn = (text: string): void => void warnings.push(text);
    const setupRecords = new RecordedState(setupRecording, shaky, token, systemClock.now);
    const records = new RecordedState(outboxRecording, shaky, token, systemClock.now);
    const incidents = new RecordedState(incidentRecording, shaky, token, systemClock.now);
    await Promise.all([setupRecords.catchUp(), records.catchUp(), incidents.catchUp()]);
    const setup = new SetupKeeper(setupRecords, { notifiers, checks: {}, alertSources: {} }, warn);
    const keeper = new OutboxKeeper({
      records,
      setup,
      plugins: notifiers,
      tools: notifierTools({}, null),
      clock: systemClock,
      random: () => 0,
      commit: withIncidents(records, incidents),
      warn,
    });
    keepers.push(keeper);
    const apply = (text: string) =>
      setup.apply({ files: text === '' ? [] : [{ file: 'a.yaml', text }], by: 'anna', why: '', replaces: null });
    return { keeper, incidents, apply, warnings };
  }

  const hook = (path = '', delivery = ''): string =>
    `apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: hook }\nspec: { webhook: { url: "${receiver.url}${path}" }${delivery} }\n`;

  test('what a receiver has taken is on record with the incident that it belongs to, in one append', async () => {
    const log = openMemoryLog({ hashing: false });
    const { keeper, incidents, apply } = await up(log);
    await apply(hook());
    const id = 'shop-20261129-1';
    const opened: IncidentRecorded = {
      kind: 'incident-opened',
      actor: 'rampart',
      data: {
        id,
        key: 'shop',
        policy: null,
        title: 'errors',
        service: 'shop',
        severity: 'P1',
        startedAtMs: 0,
        attribution: null,
        byHand: false,
        why: '',
      },
    };
    const told = { id, key: 'one/trigger/1', person: 'anna', notifier: 'hook', step: 2, state: 'queued', said: '' } as const;
    await incidents.change(() => [opened, { kind: 'incident-told', actor: 'rampart', data: told }]);
    await keeper.tell({ message: messageOf('one', 'trigger'), notifier: 'hook', to: null, incident: id });
    const note = () => incidents.state.incidents.get(id)?.told[0];
    await until('it was told', () => note()?.state === 'delivered');
    assert.deepEqual([note()?.person, note()?.step, note()?.said], ['anna', 2, 'it answers 200']);
    await keeper.tell({ message: messageOf('one', 'resolve'), notifier: 'hook', to: null, incident: id });
    const end = () => incidents.state.incidents.get(id)?.told.find(({ key }) => key === 'one/resolve/1');
    await until('its end was told', () => end()?.state === 'delivered');
    assert.deepEqual([end()?.person, end()?.step], ['anna', null], 'who is behind the address, by no step of its own');
    const all = await log.readAll(0, 100);
    const delivered = all.findIndex(({ kind }) => kind === 'message-delivered');
    assert.deepEqual([all[delivered + 1]?.kind, all[delivered + 1]?.at], ['incident-told', all[delivered]?.at]);
    await keeper.stop();
  });

  test('while the log takes nothing, what was taken is not sent again: it comes on record later', async () => {
    const trouble = { isFailing: false };
    const { keeper, apply, warnings } = await up(openMemoryLog({ hashing: false }), trouble);
    await apply(hook());
    await receiver.behave('yes', 300);
    await keeper.tell({ message: messageOf('two', 'trigger'), notifier: 'hook', to: null, incident: null });
    await until('it is under way', async () => (await receiver.count('two/trigger/1')).sent === 1);
    trouble.isFailing = true;
    await until('it is said', () => warnings.some((text) => text.includes('is not on record yet')));
    trouble.isFailing = false;
    await until('it is on record', () => keeper.state.ended[0]?.state === 'delivered');
    assert.equal((await receiver.count('two/trigger/1')).sent, 1);
    await receiver.behave('yes');
    await keeper.stop();
  });

  test('a controller that is asked to stop waits for what is under way, and the next one ends what it began, also where the notifier is gone', async () => {
    const log = openMemoryLog({ hashing: false });
    const first = await up(log);
    await first.apply(hook());
    await receiver.behave('yes', 300);
    await first.keeper.tell({ message: messageOf('three', 'trigger'), notifier: 'hook', to: null, incident: null });
    await until('it is under way', async () => (await receiver.count('three/trigger/1')).sent === 1);
    await first.keeper.stop();
    await receiver.behave('yes');
    const second = await up(log);
    assert.equal(second.keeper.state.ended[0]?.state, 'delivered');
    await second.apply('');
    await second.keeper.tell({ message: messageOf('three', 'resolve'), notifier: 'hook', to: null, incident: null });
    await until('its end was told', async () => (await receiver.count('three/resolve/1')).taken === 1);
    assert.equal((await receiver.count('three/trigger/1')).sent, 1);
    await second.keeper.tell({ message: messageOf('four', 'trigger'), notifier: 'hook', to: null, incident: null });
    await until('nobody is there', () => second.keeper.state.ended[0]?.state === 'given-up');
    await second.keeper.stop();
  });

  test('an address that its receiver cannot have as it is configured is refused at once, and holds nobody else up', async () => {
    const { keeper, apply } = await up(openMemoryLog({ hashing: false }));
    await apply(
      'apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: team }\nspec: { slack: { webhook: { env: SLACK_WEBHOOK } } }\n',
    );
    assert.throws(() => keeper.mustReach('team', 'U024BE7LH'), { code: 'E_NOTIFIER_ADDRESS' });
    keeper.mustReach('team', null);
    await keeper.tell({ message: messageOf('six', 'trigger'), notifier: 'team', to: 'U024BE7LH', incident: null });
    await until('it is over', () => keeper.state.ended[0]?.state === 'refused');
    assert.match(String(keeper.state.ended[0]?.said), /goes to one channel alone; give the Notifier a token/);
    await keeper.stop();
  });

  test('a receiver that answers nothing within its time is told again, and takes it once', async () => {
    const { keeper, apply } = await up(openMemoryLog({ hashing: false }));
    await apply(hook('', ', delivery: { timeout: 150ms }'));
    await receiver.behave('silent');
    await keeper.tell({ message: messageOf('five', 'trigger'), notifier: 'hook', to: null, incident: null });
    await until('it was tried', () => [...keeper.state.pending.values()][0]?.failures === 1);
    assert.match([...keeper.state.pending.values()][0]?.said ?? '', /no answer within 150 ms/);
    await receiver.behave('yes');
    await until('it was told', () => keeper.state.ended[0]?.state === 'delivered');
    assert.equal((await receiver.count('five/trigger/1')).taken, 1);
    await keeper.stop();
  });
});
