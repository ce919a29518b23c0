import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../../../test/acceptance/stage.ts';
import type { StandingOverride } from '../../incidents/on-call/overrides.ts';
import type { EscalationView, OnCallView } from '../../views/on-call-view.ts';
import { Served } from '../access/server.fixture.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Of tomorrow, whenever this is run: overrides are for times to come. */
const nowMs = Date.now();
const first = new Date(nowMs - 2 * dayMs).toISOString().slice(0, 10);
const tomorrowMs = Math.floor(nowMs / dayMs) * dayMs + dayMs + 9 * hourMs;
const text = [
  'apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: hook }\nspec: { webhook: { url: "http://127.0.0.1:9/" } }',
  ...['anna', 'boris', 'carl'].map(
    (name) => `apiVersion: rampart/v1\nkind: Person\nmetadata: { name: ${name} }\nspec: { contacts: [ { notifier: hook } ] }`,
  ),
  'apiVersion: rampart/v1\nkind: EscalationPolicy\nmetadata: { name: default }\nspec: { steps: [ { notify: [ { schedule: payments } ] } ], acknowledge: { expires: { P0: 2h } } }',
  `apiVersion: rampart/v1\nkind: Schedule\nmetadata: { name: payments }\nspec: { layers: [ { name: all, people: [anna, boris], rotation: { every: 1d, from: ${first} } } ] }`,
].join('\n---\n');

type OnCall = { readonly schedules: readonly OnCallView[]; readonly overrides: readonly StandingOverride[] };

describe('who is on call over the API', () => {
  const served = new Served();
  const onCall = (query = '') => served.own<OnCall>('GET', `/api/v1/on-call${query}`);
  const override = (body: object) => served.own<StandingOverride>('POST', '/api/v1/on-call/overrides', body);
  const people = async (): Promise<readonly string[]> =>
    ((await onCall(`?at=${tomorrowMs}&days=2`)).schedules[0]?.shifts ?? []).map(({ person }) => person ?? 'nobody');
  before(async () => {
    await served.up();
    await served.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'ours.yaml', text }] });
  });
  after(() => served.close());

  test('overrides and swaps are on record with who and why, outlive a restart, and can be taken back', async () => {
    const before = await people();
    assert.deepEqual(before, before[0] === 'anna' ? ['anna', 'boris'] : ['boris', 'anna']);
    const [one = '', other = ''] = before;
    const time = { fromMs: tomorrowMs + hourMs, untilMs: tomorrowMs + 2 * hourMs };
    const made = await override({ schedule: 'payments', times: [{ person: 'carl', ...time }], by: 'dora', why: 'a dentist' });
    assert.deepEqual([made.id, made.by, made.why], ['override-1', 'dora', 'a dentist']);
    const swap = await override({
      schedule: 'payments',
      times: [
        { person: one, fromMs: tomorrowMs, untilMs: tomorrowMs + hourMs },
        { person: other, fromMs: tomorrowMs + dayMs, untilMs: tomorrowMs + 2 * dayMs },
      ],
    });
    await served.down();
    await served.up();
    assert.deepEqual(await people(), [other, 'carl', one, one]);
    const { overrides } = await onCall();
    assert.deepEqual(overrides, [made, swap]);
    await served.own('POST', `/api/v1/on-call/overrides/${swap.id}/cancel`, { by: 'dora', why: 'not needed' });
    assert.deepEqual(await people(), [one, 'carl', one, other]);
    const audit = await served.own<{ entries: { kind: string; subject: string; actor: string; why: string }[] }>(
      'GET',
      '/api/v1/audit',
    );
    assert.deepEqual(
      audit.entries
        .filter(({ kind }) => kind.startsWith('on-call'))
        .map(({ kind, subject, actor, why }) => `${kind} ${subject} ${actor} ${why}`),
      [
        'on-call-override-cancelled swap-2 dora not needed',
        'on-call-overridden swap-2 owner ',
        'on-call-overridden override-1 dora a dentist',
      ],
    );
  });

  test('what makes no sense is refused, and nothing is recorded', async () => {
    const time = { person: 'carl', fromMs: tomorrowMs, untilMs: tomorrowMs + hourMs };
    const bad: readonly [body: object, said: RegExp][] = [
      [{ schedule: 'payment', times: [time] }, /there is no schedule .*did you mean payments\?/],
      [{ schedule: 'payments', times: [{ ...time, person: 'karl' }] }, /there is no person .*did you mean carl\?/],
      [{ schedule: 'payments', times: [{ ...time, untilMs: time.fromMs }] }, /ends before it begins/],
      [{ schedule: 'payments', times: [{ ...time, fromMs: nowMs - dayMs, untilMs: nowMs - hourMs }] }, /is over/],
      [{ schedule: 'payments', times: [time, { ...time, person: 'anna' }] }, /carl is not on call of payments/],
      [{ schedule: 'payments', times: [] }, /times/],
    ];
    for (const [body, said] of bad) await assert.rejects(override(body), said);
    await assert.rejects(
      served.own('POST', '/api/v1/on-call/overrides/swap-2/cancel', {}),
      /there is no override or swap swap-2/,
    );
    assert.equal((await onCall()).overrides.length, 1);
  });

  test('who would be told of an incident, and when: names and ways, and no numbers; the command line asks it too', async () => {
    const found = await served.own<EscalationView>('GET', `/api/v1/on-call/escalate?policy=default&severity=P1&at=${tomorrowMs}`);
    const [step] = found.told;
    assert.deepEqual([found.policy, found.severity, found.timeZone, step?.atMs], ['default', 'P1', 'UTC', tomorrowMs]);
    assert.match(step?.receivers[0]?.person ?? '', /^(anna|boris|carl)$/);
    assert.deepEqual(Object.keys(step?.receivers[0] ?? {}), ['person', 'notifier']);
    await assert.rejects(served.own('GET', '/api/v1/on-call/escalate?policy=defualt'), /no escalation policy defualt/);
    const rampart = fileURLToPath(new URL('../../../bin/rampart.js', import.meta.url));
    const words = ['oncall', 'escalate', 'default', '--at', new Date(tomorrowMs).toISOString(), '--data', served.data];
    const { stdout } = await promisify(execFile)(process.execPath, [rampart, ...words], {
      timeout: 60_000,
      env: { ...process.env, RAMPART_URL: '', NO_COLOR: '1' },
    });
    assert.match(
      stdout,
      /^default, P0: \d+ steps? in \d rounds? while nobody acknowledges \(UTC\)\n.*step 1 +(anna|boris|carl) by hook/,
    );
  });

  test('whoever may see a service sees whom to call; an operator of all of them changes it', async () => {
    const viewer = await served.token('viewer', [{ role: 'viewer', services: ['shop'] }]);
    const seen = await served.ask('GET', '/api/v1/on-call', undefined, { token: viewer.secret });
    assert.equal(seen.status, 200);
    assert.doesNotMatch(JSON.stringify(seen.body), /127\.0\.0\.1/);
    const some = await served.token('some', [{ role: 'operator', services: ['shop'] }]);
    const body = { schedule: 'payments', times: [{ person: 'carl', fromMs: tomorrowMs, untilMs: tomorrowMs + hourMs }] };
    assert.equal((await served.ask('POST', '/api/v1/on-call/overrides', body, { token: some.secret })).status, 403);
    const all = await served.token('all', [{ role: 'operator', services: '*' }]);
    assert.equal((await served.ask('POST', '/api/v1/on-call/overrides', body, { token: all.secret })).status, 201);
  });

  test('calendars and findings are there as well', async () => {
    const response = await fetch(`${served.host.url}/api/v1/on-call/calendar.ics?days=2&person=carl`, {
      headers: { authorization: `Bearer ${served.ownerToken}` },
    });
    assert.match(response.headers.get('content-type') ?? '', /^text\/calendar/);
    assert.match(await response.text(), /SUMMARY:On call: payments \(carl\)\r\nDESCRIPTION:override: a dentist/);
    type Found = { findings: { kind: string }[]; schedules: string[]; policies: string[] };
    const { findings, schedules, policies } = await served.own<Found>('GET', '/api/v1/on-call/findings?days=3');
    assert.deepEqual([...new Set(findings.map(({ kind }) => kind))], ['one-contact']);
    assert.deepEqual([schedules, policies], [['payments'], ['default']]);
  });

  test('a name that nothing has is told with the nearest, and not with an empty answer', async () => {
    for (const path of ['/api/v1/on-call', '/api/v1/on-call/calendar.ics']) {
      await assert.rejects(served.own('GET', `${path}?schedule=paymnts`), /no schedule paymnts/);
      await assert.rejects(served.own('GET', `${path}?person=crl`), /no person crl/);
    }
    const mine = await onCall('?days=30&person=carl');
    assert.deepEqual([...new Set(mine.schedules[0]?.shifts.map(({ person }) => person))], ['carl']);
  });

  test('whoever was given a turn is called of an incident in place of the one who gave it', async () => {
    await override({
      schedule: 'payments',
      times: [{ person: 'carl', fromMs: Date.now() - hourMs, untilMs: Date.now() + hourMs }],
    });
    const { id } = await served.own<{ id: string }>('POST', '/api/v1/incidents', { title: 'nothing is paid', severity: 'P0' });
    const told = async (): Promise<readonly (string | null)[]> => {
      const incident = await served.own<{ told: { person: string | null }[] }>('GET', `/api/v1/incidents/${id}`);
      return incident.told.map(({ person }) => person);
    };
    await until('somebody is called', async () => (await told()).length > 0);
    assert.deepEqual(await told(), ['carl']);
    const beforeMs = Date.now();
    await served.own('POST', `/api/v1/incidents/${id}/verbs`, { verb: 'acknowledge', by: 'carl' });
    const { ack } = await served.own<{ ack: { untilMs: number } }>('GET', `/api/v1/incidents/${id}`);
    assert(ack.untilMs >= beforeMs + 2 * hourMs && ack.untilMs < beforeMs + 3 * hourMs, 'as long as the policy says');
  });

  test('the command line shows, swaps and cancels through the controller', async () => {
    const rampart = fileURLToPath(new URL('../../../bin/rampart.js', import.meta.url));
    const run = async (...words: readonly string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)(process.execPath, [rampart, 'oncall', ...words, '--data', join(served.data)], {
        timeout: 60_000,
        env: { ...process.env, RAMPART_URL: '', RAMPART_USER: 'erik', NO_COLOR: '1' },
      });
      return stdout;
    };
    const iso = (ms: number): string => new Date(ms).toISOString();
    const [from, until] = [iso(tomorrowMs + 5 * dayMs), iso(tomorrowMs + 5 * dayMs + hourMs)];
    const made = await run('override', 'payments', '--person', 'carl', '--from', from, '--until', until, '--why', 'a wedding');
    const [id = ''] = /override-\d+/.exec(made) ?? [];
    assert.match(await run('--at', from), /^payments {2}carl {2}until .*, then (anna|boris) \(UTC\)\n$/);
    assert.match(await run('overrides'), new RegExp(`${id} {2}payments {2}carl from .* by erik: a wedding`));
    assert.match(await run('cancel', id), new RegExp(`${id} is taken back`));
    assert.doesNotMatch(await run('overrides'), new RegExp(id));
    const laterMs = tomorrowMs + 10 * dayMs;
    const { schedules } = await onCall(`?at=${laterMs}&days=2`);
    const [one, other] = (schedules[0]?.shifts ?? []).map(({ person }) => person ?? '');
    const time = (who: string | undefined, ms: number): string => `${who}=${iso(ms)}/${iso(ms + hourMs)}`;
    const swapped = await run('swap', 'payments', time(one, laterMs), time(other, laterMs + dayMs));
    assert.match(
      swapped,
      new RegExp(`^swap-\\d+ {2}payments {2}${other} for ${one} from .*, ${one} for ${other} from .* by erik\n$`),
    );
  });
});
