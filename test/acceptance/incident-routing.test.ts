import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AlertEvent } from '../../src/alerts/types.ts';
import type { Explanation } from '../../src/incidents/routing/explanation.ts';
import type { Simulation } from '../../src/incidents/routing/simulate.ts';
import { alertsStream } from '../../src/runtime/alerts/alert-records.ts';
import type { NewEvent } from '../../src/stores/log.ts';
import { openSqliteLog } from '../../src/stores/sqlite/index.ts';
import { type Answer, rampart } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-incident-routing-'));
const t0 = Date.parse('2026-11-29T00:00:00Z');
const minute = 60_000;

/** A log as a controller leaves it: more than a page of it, and with kinds that nobody knows. */
before(async () => {
  mkdirSync(join(folder, 'data'));
  const log = await openSqliteLog(join(folder, 'data', 'log.db'));
  const token = await log.claim('test');
  const events = [
    ...Array.from({ length: 600 }, (_, at) => alert(`disk-${at}`, { team: 'infra', disk: String(at) }, at * 1_000, 30)).flat(),
    { at: t0, kind: 'alert-of-tomorrow', release: null, actor: 'test', data: {} },
    ...alert('Slow', { team: 'payments' }, 10 * minute, 5),
    ...alert('Slow', { team: 'payments' }, 60 * minute, null),
  ];
  await log.append(token, [{ stream: alertsStream, expectedVersion: 0, events: events.toSorted((a, b) => a.at - b.at) }]);
  await log.close();
  const document = (spec: string): string =>
    `apiVersion: rampart/v1\nkind: AlertRouting\nmetadata: { name: default }\nspec: ${spec}\n`;
  const payments = '{ matchers: [team="payments"], policy: off, notifiers: [pay] }';
  writeFileSync(join(folder, 'now.yaml'), document(`{ route: { policy: all, groupBy: [team], routes: [${payments}] } }`));
  writeFileSync(
    join(folder, 'next.yaml'),
    document(`{ route: { policy: all, groupBy: [team], groupWait: 6m, routes: [${payments}] } }`),
  );
});
after(() => rmSync(folder, { recursive: true, force: true }));

function alert(
  name: string,
  labels: Readonly<Record<string, string>>,
  fromMs: number,
  lasts: number | null,
): readonly NewEvent[] {
  const key = `alertmanager/${name}`;
  const more = { key, said: `${name} is firing` };
  const event = (ms: number, { kind, data }: Pick<AlertEvent, 'kind' | 'data'>): NewEvent => ({
    at: t0 + ms,
    kind,
    release: null,
    actor: 'test',
    data,
  });
  const begun = {
    ...more,
    origin: 'alertmanager',
    name,
    service: null,
    objective: null,
    tier: null,
    urgency: 'page',
    labels,
    annotations: {},
    url: null,
  } as const;
  return [
    event(fromMs, { kind: 'alert-pending', data: begun }),
    event(fromMs, { kind: 'alert-fired', data: { ...more, silencedBy: null, attribution: null } }),
    ...(lasts === null ? [] : [event(fromMs + lasts * minute, { kind: 'alert-resolved', data: more })]),
  ];
}

async function run(...words: readonly string[]): Promise<Answer> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }), HOME: folder, NO_COLOR: '1' };
  return await new Promise((resolve) => {
    const options = { cwd: folder, env, timeout: 60_000 };
    const child = execFile(process.execPath, [rampart, 'incidents', ...words, '--data', 'data'], options, (_, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

test('alerts on record are explained, and played through two routings', { concurrency: true }, async (context) => {
  const simulate = ['simulate', '--routing', 'next.yaml', '--against', 'now.yaml', '--until', '2026-11-29T02:00:00Z'];
  await Promise.all([
    context.test('the last alert of a name', async () => {
      const { code, out, err } = await run('explain', 'Slow', '--routing', 'now.yaml', '--at', '2026-11-29T01:02:00Z', '--json');
      assert.equal(code, 0, err);
      const { alert: found, nodes } = JSON.parse(out) as Explanation;
      assert.equal(found.id, `alertmanager/Slow@${t0 + 60 * minute}`);
      const [node] = nodes;
      assert.deepEqual(
        [
          nodes.length,
          node?.policy,
          node?.notifiers,
          node?.told.map(({ atMs, reason }) => [atMs - t0, reason]),
          node?.standing.kind,
        ],
        [1, null, ['pay'], [[60 * minute, 'FirstNotification']], 'repeat-not-due'],
      );
    }),
    context.test('what a longer wait costs', async () => {
      const { code, out, err } = await run(...simulate, '--json');
      assert.equal(code, 1, err);
      const found = JSON.parse(out) as Simulation;
      assert.equal(found.alerts, 602);
      assert.deepEqual(found.lost, [`alertmanager/Slow@${t0 + 10 * minute}`]);
      assert(found.before.messages > found.after.messages);
      // All disks are one group: its first messages come later, the ones after them with its interval.
      assert(found.differences.some(({ kind, receiver }) => kind === 'later' && receiver.name === 'pay'));
    }),
    context.test('the same for people', async () => {
      const { out } = await run(...simulate);
      assert.match(out, /^602 alerts from 2026-11-29 00:00:00Z to 2026-11-29 02:00:00Z\n/);
      assert.match(out, /\nmessages of groups +\d+ +\d+\n/);
      assert.match(
        out,
        /Slow: receiver pay was told at 2026-11-29 00:10:00Z, and would not be \(it was over at 2026-11-29 00:15:00Z\)/,
      );
      assert.match(out, /of 1 alert nobody would hear any more: alertmanager\/Slow@/);
    }),
    context.test('an alert that is not on record', async () => {
      const { code, err } = await run('explain', 'Fast', '--routing', 'now.yaml');
      assert.equal(code, 2);
      assert.match(err, /no alert Fast has fired on record up to then\n.*\n.*give an id such as alertmanager\/Slow@/);
    }),
  ]);
});
