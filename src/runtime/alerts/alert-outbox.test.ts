import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { Alertmanager, alertmanagerProgram, type HeldAlert } from '../../../test/programs/alertmanager.ts';
import { Relay } from '../../../test/programs/relay.ts';
import { fires, resolves } from '../../alerts/objective.fixture.ts';
import type { AlertEvent } from '../../alerts/types.ts';
import type { AlertmanagerSpec } from '../../spec/alertmanager.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { systemClock } from '../clock.ts';
import { RecordedState } from '../recorded-state.ts';
import { type AlertmanagerStatus, AlertOutbox } from './alert-outbox.ts';
import { type AlertsRecorded, alertRecording } from './alert-records.ts';

const program = await alertmanagerProgram();

describe('a real Alertmanager', 'missing' in program ? { skip: program.missing } : {}, () => {
  let alertmanager: Alertmanager;
  let relay: Relay;
  const log = openMemoryLog();
  let alerts: AlertsRecorded;
  let outbox: AlertOutbox | null = null;
  const warnings: string[] = [];
  let aheadMs = 0;

  before(async () => {
    assert('path' in program);
    alertmanager = await Alertmanager.start(program.path);
    relay = await Relay.to(alertmanager.port);
    alerts = await onRecord();
  });
  after(async () => {
    await relay?.cut();
    await alertmanager?.close();
  });
  afterEach(async () => {
    await outbox?.stop();
    const open = [...alerts.state.open.keys()].map((key) => key.split('/').at(-1) ?? '');
    await record(...open.flatMap(resolves));
    warnings.length = 0;
    aheadMs = 0;
    await relay.mend();
  });

  /** As a controller that starts finds them. */
  async function onRecord(): Promise<AlertsRecorded> {
    const recorded = new RecordedState(alertRecording, log, await log.claim('tests'), systemClock.now);
    await recorded.catchUp();
    return recorded;
  }

  async function record(...events: readonly AlertEvent[]): Promise<void> {
    await alerts.change(() => events);
  }

  function begin(...specs: readonly Partial<AlertmanagerSpec>[]): void {
    const base = {
      url: alertmanager.url,
      headers: {},
      timeoutMs: 1_000,
      intervalMs: 300,
      resolveTimeoutMs: 60_000,
      generatorUrl: null,
    };
    outbox = new AlertOutbox({
      alertmanagers: specs.map((spec) => ({ ...base, ...spec })),
      publicUrl: 'https://rampart.example',
      environment: { AM_TOKEN: 'hunter2-and-more' },
      alerts,
      clock: { ...systemClock, now: () => systemClock.now() + aheadMs },
      warn: (text) => warnings.push(text),
    });
  }

  const held = async (tier: string): Promise<HeldAlert | undefined> =>
    (await alertmanager.alerts()).find(({ labels }) => labels.tier === tier);
  const isHeld = (tier: string) => until(`${tier} is active`, async () => (await held(tier))?.status.state === 'active');
  const isGone = (tier: string) => until(`${tier} is gone`, async () => (await held(tier)) === undefined);
  const status = (at = 0): AlertmanagerStatus => outbox?.status[at] ?? assert.fail();

  test('has an alert while it fires, and not when it has ended', async () => {
    begin({ headers: { Authorization: { env: 'AM_TOKEN', prefix: 'Bearer ' } } });
    await record(...fires('A'), ...fires('Silenced', { silencedBy: 'checkout/availability/A' }));
    await isHeld('A');
    const found = await held('A');
    const [own] = alerts.state.open.values();
    assert.deepEqual(found?.labels, own?.labels);
    assert.deepEqual(
      [found?.annotations.rampart_alert, found?.annotations.description, found?.generatorURL, Date.parse(found?.startsAt ?? '')],
      [own?.id, own?.said, 'https://rampart.example/services/checkout', own?.firedAtMs],
    );
    const endsMs = Date.parse(found?.endsAt ?? '');
    await until('it is told again', async () => Date.parse((await held('A'))?.endsAt ?? '') > endsMs);
    assert.equal(await held('Silenced'), undefined);
    await record(...resolves('A'));
    await isGone('A');
    assert.deepEqual([status().ok, status().lastProblem, warnings], [true, null, []]);
    await until('nothing waits', () => status().waiting === 0);
  });

  test('that was restarted has it again', async () => {
    begin({});
    await record(...fires('B'));
    await isHeld('B');
    await alertmanager.down();
    await until('it is missed', () => !status().ok);
    await alertmanager.up();
    await isHeld('B');
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0] ?? '', /^Alertmanager http:\S+ takes no alerts: it cannot be reached: ECONNREFUSED/);
  });

  test('hears from a controller that was away what is still open, and what has ended meanwhile', async () => {
    begin({});
    await record(...fires('C'), ...fires('D'));
    await isHeld('C');
    await isHeld('D');
    await outbox?.stop();
    await record(...resolves('C'));
    assert(await held('C'));
    alerts = await onRecord();
    const endsMs = Date.parse((await held('D'))?.endsAt ?? '');
    begin({});
    await isGone('C');
    await until('D is told on', async () => Date.parse((await held('D'))?.endsAt ?? '') > endsMs);
  });

  test('that cannot be reached is told when it can; nobody else waits for it', async () => {
    await relay.cut();
    begin({ url: relay.url }, { url: `${alertmanager.url}/` });
    await record(...fires('E'));
    await isHeld('E');
    await until('it is said', () => !status().ok);
    assert(status().waiting > 0);
    assert.deepEqual([status(1).ok, status(1).lastProblem], [true, null]);
    await record(...resolves('E'));
    await isGone('E');
    await relay.mend();
    await until('it has heard', () => status().ok && status().waiting === 0);
    assert.match(status().lastProblem?.text ?? '', /ECONNREFUSED/);
    assert.equal(warnings.length, 1);
  });

  test('that says nothing is given up after its time, and asked again', async () => {
    relay.silence();
    begin({ url: relay.url, timeoutMs: 200 });
    await record(...fires('F'));
    await until('it is said', () => !status().ok);
    assert.equal(status().lastProblem?.text, 'no answer within 200 ms');
    await relay.mend();
    await isHeld('F');
  });

  test('is not told again of what it refuses, and of all the others', async () => {
    begin({});
    await record(...fires('G'), ...fires('Bad', { labels: { 'bad-name': 'x' } }), ...fires('H'));
    await isHeld('G');
    await isHeld('H');
    await until('it is said', () => warnings.length > 0);
    const deliveredMs = status().lastDeliveredAtMs ?? 0;
    await until('the others are told on', () => (status().lastDeliveredAtMs ?? 0) > deliveredMs + 600);
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? '',
      /it refuses checkout\/availability\/Bad@\d+, which it is not told of again: it answers 400: .*bad-name/,
    );
    assert.deepEqual([status().ok, status().waiting], [true, 0]);
  });

  test('whose clock is another than ours is named', async () => {
    aheadMs = 120_000;
    begin({});
    await record(...fires('Skewed'));
    await isHeld('Skewed');
    const said = /: its clock is behind by 2m: alerts begin and end there at other times than here$/;
    await until('it is said', () => warnings.some((text) => said.test(text)));
  });

  test('that has no such path, or whose header has no value, is asked again later; it is said once', async () => {
    begin({ url: `${alertmanager.url}/nowhere` }, { headers: { Authorization: { env: 'MISSING', prefix: '' } } });
    await record(...fires('I'));
    await until('both are said', () => warnings.length === 2);
    assert.match(warnings.find((text) => text.includes('/nowhere')) ?? '', /it answers 404.*; it is asked again every 1m$/);
    assert.match(status(1).lastProblem?.text ?? '', /headers\.Authorization: the environment variable MISSING is not set/);
    assert(!JSON.stringify([warnings, outbox?.status]).includes('hunter2'));
  });
});
