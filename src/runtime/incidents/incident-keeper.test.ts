import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualTime } from '../../../test/simulation/virtual-time.ts';
import type { AlertEvent } from '../../alerts/types.ts';
import { groupByService } from '../../incidents/group.ts';
import type { EventLog } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { alertRecording } from '../alerts/alert-records.ts';
import { RecordedState } from '../recorded-state.ts';
import { IncidentKeeper } from './incident-keeper.ts';
import { incidentRecording } from './incident-records.ts';

const asker = { by: 'anna', why: '' };

function begins(name: string, urgency: 'page' | 'chat' = 'page'): readonly AlertEvent[] {
  const key = `shop/${name}`;
  const of = { key, said: `${name} is bad` };
  const more = {
    origin: 'objective',
    name,
    service: 'shop',
    objective: null,
    tier: null,
    urgency,
    labels: {},
    annotations: {},
    url: null,
  } as const;
  return [
    { kind: 'alert-pending', actor: 'slo', data: { ...of, ...more } },
    { kind: 'alert-fired', actor: 'slo', data: { ...of, silencedBy: null, attribution: null } },
  ];
}

function ends(name: string): readonly AlertEvent[] {
  return [{ kind: 'alert-resolved', actor: 'slo', data: { key: `shop/${name}`, said: 'over' } }];
}

/** One controller after another on one log, in a time that passes when the test says so. */
class Place {
  readonly time = new VirtualTime(1_800_000_000_000);
  readonly clock = this.time.clock({ dead: false });
  readonly log: EventLog = openMemoryLog({ hashing: false });
  readonly warnings: string[] = [];
  isLogFailing = false;

  async up(withKeeper = true) {
    const token = await this.log.claim('test');
    const log: EventLog = {
      ...this.log,
      append: (...given) => (this.isLogFailing ? Promise.reject(new Error('no space')) : this.log.append(...given)),
    };
    const alerts = new RecordedState(alertRecording, log, token, this.clock.now);
    const records = new RecordedState(incidentRecording, log, token, this.clock.now);
    await Promise.all([alerts.catchUp(), records.catchUp()]);
    const warn = (text: string) => void this.warnings.push(text);
    const keeper = withKeeper
      ? new IncidentKeeper({
          records,
          alerts,
          groupOf: groupByService,
          change: (build) => records.change(build),
          clock: this.clock,
          warn,
        })
      : null;
    const at = (): string => [...records.state.incidents.values()].map(({ id, state }) => `${id.slice(-1)} ${state}`).join(', ');
    return {
      alerts,
      records,
      keeper: keeper as IncidentKeeper,
      at,
      tell: (...events: AlertEvent[]) => alerts.change(() => events),
    };
  }

  async pass(ms = 1): Promise<void> {
    await this.time.runUntil(this.time.elapsedMs + ms);
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    for (let turn = 0; turn < 2_000; turn += 1) {
      if (isSo()) return;
      await this.pass(5);
    }
    assert.fail(`${what}: ${this.warnings.join()}`);
  }
}

test('an alert is an incident as soon as it is on record, and the next controller goes on with what changed while there was none', async () => {
  const place = new Place();
  const first = await place.up();
  await first.tell(...begins('errors'));
  await place.until('it is open', () => first.at() === '1 open');
  await first.keeper.ask('shop-20270115-1', { kind: 'acknowledge', forMs: 1_800_000 }, asker);
  // It is gone without a word, and while there is nobody to look, alerts go on.
  const between = await place.up(false);
  await between.tell(...begins('latency', 'chat'), ...ends('errors'));
  await place.pass(10);
  await between.tell(...ends('latency'), ...begins('latency', 'chat'));
  const second = await place.up();
  await place.until('it has all of them', () => second.records.state.incidents.get('shop-20270115-1')?.alertCount === 3);
  const [incident] = second.keeper.all;
  assert.deepEqual([incident?.state, incident?.ack?.by, incident?.firing, incident?.severity], ['acknowledged', 'anna', 1, 'P0']);
  await assert.rejects(first.tell(...begins('saturation')), { code: 'E_STOPPED' });
  await second.tell(...ends('latency'));
  await place.until('it is over', () => second.at() === '1 resolved');
  await second.keeper.stop();
});

test('an acknowledgement ends in its time, also after a restart', async () => {
  const place = new Place();
  const first = await place.up();
  await first.tell(...begins('errors'));
  await place.until('it is open', () => first.at() === '1 open');
  await first.keeper.ask('shop-20270115-1', { kind: 'acknowledge', forMs: 60_000 }, asker);
  const second = await place.up();
  await place.pass(59_000);
  assert.equal(second.at(), '1 acknowledged');
  await place.pass(1_100);
  await place.until('nobody has it', () => second.at() === '1 open');
  await second.keeper.stop();
});

test('while the log takes nothing nothing is lost, and it is said once', async () => {
  const place = new Place();
  const { keeper, tell, at, alerts } = await place.up();
  await tell(...begins('errors'));
  await place.until('it is open', () => at() === '1 open');
  await tell(...ends('errors'));
  place.isLogFailing = true;
  await place.pass(20_000);
  await assert.rejects(keeper.open({ key: 'k', policy: null, title: 'Down', service: null, severity: 'P1' }, asker), {
    code: 'E_LOG_FAILING',
  });
  place.isLogFailing = false;
  await tell(...begins('errors'));
  await tell(...ends('errors'));
  await place.until('all of it is on record', () => at() === '1 resolved' && keeper.all[0]?.alertCount === 2);
  assert.deepEqual([place.warnings.length <= 1, alerts.state.open.size], [true, 0]);
  await keeper.stop();
});

test('what people ask is answered, and asked again changes nothing', async () => {
  const place = new Place();
  const { keeper, at } = await place.up();
  const wanted = { key: 'hand:Down', policy: null, title: 'Down', service: null, severity: 'P1' } as const;
  const opened = await keeper.open(wanted, asker);
  assert.deepEqual([opened.id, opened.done, (await keeper.open(wanted, asker)).done], ['rampart-20270115-1', true, false]);
  assert.equal((await keeper.ask(opened.id, { kind: 'resolve' }, asker)).done, true);
  assert.equal((await keeper.ask(opened.id, { kind: 'resolve' }, asker)).done, false);
  assert.equal(at(), '1 resolved');
  await assert.rejects(keeper.ask('none', { kind: 'resolve' }, asker), { code: 'E_UNKNOWN_INCIDENT' });
  await keeper.stop();
});
