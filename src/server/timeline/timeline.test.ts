import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { Role } from '../../access/types.ts';
import { freePort } from '../../system/free-port.ts';
import type { TimelineView } from '../../views/timeline-view.ts';
import { type Answer, Served } from '../access/server.fixture.ts';

const port = await freePort();
const checklist = `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  phases:
    - id: ports
      title: Ports
      items:
        - { id: open, title: Something listens, check: { tcp: { host: 127.0.0.1, port: ${port} } } }
`;
/** A service whose versions never start: what comes before that needs no more here. */
const document = (release: string) => `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, there-is-no-such-file.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  release:
${release}
`;
const timeline = `    approval: { expires: 1h }
    timeline:
      - { at: T-2h, title: { en: A port, ru: Порт }, role: devops, check: { tcp: { host: 127.0.0.1, port: ${port} } } }
      - { at: T-1h, title: Told, notify: true }
      - { at: T+5m, title: After, notify: true }`;

describe('gates and planned releases over the API', () => {
  const served = new Served();
  before(async () => {
    await served.up();
    writeFileSync(join(served.data, 'ours.yaml'), checklist);
  });
  after(() => served.close());
  const body = (release: string) => ({ document: document(release), folder: served.data, version: '1.0.0' });
  let tokens = 0;
  const asked = async (role: Role, method: string, path: string, sent?: unknown) => {
    const { secret } = await served.token(`${role}-${(tokens += 1)}`, [{ role, services: ['shop'] }]);
    return await served.ask(method, path, sent, { token: secret });
  };

  test('a release whose preflight is not ready is held, and only an approver goes on all the same, with a reason', async () => {
    const gated = body(`    preflight: { checklist: ./ours.yaml }`);
    const { release } = await served.own<{ release: string }>('POST', '/api/v1/releases', gated);
    const path = `/api/v1/releases/${release}`;
    type Release = { state: string; doing: string };
    const look = () => served.own<Release>('GET', path);
    await until('it is held', async () => (await look()).state === 'held');
    assert.match((await look()).doing, /checklist \.\/ours\.yaml is not ready: ports\.open fails: /);
    const ru = await served.own<Release>('GET', `${path}?lang=ru`);
    assert.match(ru.doing, /чек-лист \.\/ours\.yaml не пройден: ports\.open/);
    const refused = await asked('operator', 'POST', `${path}/verbs`, { verb: 'resume', why: 'now' });
    assert.equal(codeOf(refused), 'E_FORBIDDEN');
    const silent = (await asked('approver', 'POST', `${path}/verbs`, { verb: 'resume' })).body as { done: boolean; said: string };
    assert.deepEqual(
      [silent.done, silent.said],
      [false, 'a checklist is not ready: going on all the same needs a reason, for the record'],
    );
    const given = (await asked('approver', 'POST', `${path}/verbs`, { verb: 'resume', why: 'seen by hand' })).body as {
      done: boolean;
      said: string;
    };
    assert.deepEqual(
      [given.done, /^resume by approver-\d \(seen by hand\); goes on although checklist/.test(given.said)],
      [true, true],
    );
    await served.own('POST', `${path}/verbs`, { verb: 'abort' });
    await until('it has ended', async () => (await look()).state === 'rolled-back');
  });

  test('a plan shows its gates', async () => {
    const all = body(`    preflight: { checklist: production, phases: [code], signOffs: all }
    cutover: { checklist: cutover, mode: dry-run }
    verify: { at: [0s, { after: 10m, phases: [smoke] }], then: hold, watch: { for: 24h } }`);
    const plan = await served.own<{ steps: { text: string; deadline: string | null }[]; warnings: string[] }>(
      'POST',
      '/api/v1/plan',
      all,
    );
    const gates = plan.steps.filter(({ text }) => text.startsWith('ask checklist'));
    assert.deepEqual(
      gates.map(({ text }) => text),
      [
        'ask checklist production (code), signed by all of its roles',
        'ask checklist post-deploy at T+0s',
        'ask checklist post-deploy (smoke) at T+10m',
      ],
    );
    assert.match(gates[0]?.deadline ?? '', /held, asked again every 1m, for at most 1d, .*an approver may go on with a reason/);
  });

  test('a release is planned, seen, moved, and started past what stands against it by an approver with a reason', async () => {
    const startMs = Date.now() + 100 * 60_000;
    const planned = await served.own<TimelineView>('POST', '/api/v1/timelines', { ...body(timeline), startMs });
    assert.deepEqual(
      planned.entries.map(({ id }) => id),
      ['T-2h', 'T-1h', 'T-0', 'T+5m'],
    );
    const path = '/api/v1/timelines/shop';
    const look = (lang = 'en') => served.own<TimelineView>('GET', `${path}?lang=${lang}`);
    await until('what is late is caught up', async () => (await look()).entries[0]?.state === 'failed');
    const [first] = (await look('ru')).entries;
    assert.deepEqual([first?.title, first?.late, first?.what], ['Порт', true, 'tcp']);
    const list = await served.own<{ timelines: TimelineView[] }>('GET', '/api/v1/timelines?service=shop');
    assert.equal(list.timelines.length, 1);
    const moved = await asked('operator', 'POST', `${path}/move`, { startMs: startMs + 60_000, why: 'lunch' });
    assert.equal((moved.body as TimelineView).startMs, startMs + 60_000);
    for (const [role, deed] of [
      ['viewer', 'move'],
      ['viewer', 'cancel'],
      ['operator', 'entries/T-2h/skip'],
      ['operator', 'entries/T-0/run'],
      ['viewer', 'entries/T-1h/run'],
    ] as const)
      assert.equal(
        codeOf(await asked(role, 'POST', `${path}/${deed}`, { why: 'so', ...(deed === 'move' ? { startMs } : {}) })),
        'E_FORBIDDEN',
        deed,
      );
    assert.equal(codeOf(await asked('approver', 'POST', `${path}/entries/T-0/run`, {})), 'E_REFUSED');
    await asked('approver', 'POST', `${path}/entries/T-0/run`, { why: 'the port is not needed' });
    await until('it has started', async () => (await look()).state === 'started');
    const { release, entries } = await look();
    assert.match(entries.map(({ state }) => state).join(), /^failed,missed,done,planned$/);
    const { by, why } = await served.own<{ by: string; why: string }>('GET', `/api/v1/releases/${release}`);
    assert.match(by, /^approver-/);
    assert.match(why, /\(timeline shop-/);
    await served.own('POST', `/api/v1/releases/${release}/verbs`, { verb: 'abort' });
    await until('it is over', async () => (await look()).state === 'ended');
    const audit = await served.own<{ entries: { kind: string; subject: string; service: string }[] }>(
      'GET',
      '/api/v1/audit?service=shop&limit=50',
    );
    const kinds = audit.entries.flatMap((entry) => (entry.kind.startsWith('timeline-') ? [entry.kind] : []));
    assert.deepEqual(kinds, ['timeline-entry-asked', 'timeline-moved', 'timeline-planned']);
  });

  test('what there is not, and what cannot be, is told', async () => {
    assert.equal(
      codeOf(await served.ask('GET', '/api/v1/timelines/nothing', undefined, { token: served.ownerToken })),
      'E_UNKNOWN_TIMELINE',
    );
    const past = { ...body(timeline), startMs: Date.now() - 1 };
    assert.equal(codeOf(await served.ask('POST', '/api/v1/timelines', past, { token: served.ownerToken })), 'E_REFUSED');
    const stranger = await served.token('stranger', [{ role: 'admin', services: ['cart'] }]);
    assert.equal(
      codeOf(await served.ask('GET', '/api/v1/timelines/shop', undefined, { token: stranger.secret })),
      'E_UNKNOWN_TIMELINE',
    );
  });
});

function codeOf({ body }: Answer): string {
  return (body as { code?: string }).code ?? 'no problem';
}
