import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { Alertmanager, alertmanagerProgram } from '../../../test/programs/alertmanager.ts';
import { fingerprint } from '../../alerts/fingerprint.ts';
import type { AlertRoutingSpec } from '../../spec/alert-routing.ts';
import { alertmanagerIn } from '../../spec/routing-text.ts';
import { Dispatch, play } from './dispatch.ts';
import { Inhibitor } from './inhibition.ts';
import type { Labels } from './matching.ts';
import type { RecordedAlert } from './recorded-alert.ts';
import { groupKeyOf, groupsOf } from './route-tree.ts';
import { type Silence, silencedBy } from './silences.ts';

const program = await alertmanagerProgram();

/** Trees that the real one is asked about; each costs a few tens of milliseconds. */
const treesMax = 12;
const patienceMs = 60_000;

const name = fc.constantFrom('owner', 'env', 'job');
const value = fc.constantFrom('', 'a', 'b', 'ab', 'A-1', 'x "y"', 'ü');
const pattern = fc.constantFrom('a|b', 'a.*', '.+', '.*', '', '[ab]+', '(?i)a-\\d', 'a?b?', '^a$', 'x .*', '\\w+', '\\pL+');
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const matcher = fc.oneof(
  fc.tuple(name, fc.constantFrom('=', '!='), value).map(([label, op, text]) => `${label}${op}${quoted(text)}`),
  // Unescaped: a backslash that escapes nothing is itself in the classic syntax, and a mistake in the newer one.
  fc.tuple(name, fc.constantFrom('=~', '!~'), pattern).map(([label, op, text]) => `${label}${op}"${text}"`),
);
const labelSet = (of: fc.Arbitrary<string>) => fc.dictionary(name, of, { minKeys: 1, maxKeys: 2 });
const { node } = fc.letrec((tie) => ({
  node: fc.record(
    {
      receiver: fc.constantFrom('r0', 'r1', 'r2'),
      matchers: fc.array(matcher, { minLength: 1, maxLength: 2 }),
      match: labelSet(value),
      match_re: labelSet(pattern),
      continue: fc.boolean(),
      group_by: fc.constantFrom([], ['owner'], ['env', 'job'], ['...'], ['nothing', 'owner']),
      routes: fc.array(tie('node'), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
}));
const rule = fc.record({
  source_matchers: fc.array(matcher, { minLength: 1, maxLength: 2 }),
  target_matchers: fc.array(matcher, { minLength: 1, maxLength: 2 }),
  equal: fc.uniqueArray(fc.oneof(name, fc.constant('nothing')), { maxLength: 2 }),
});
const tree = fc.record({
  routes: fc.array(node, { minLength: 2, maxLength: 5 }),
  inhibit_rules: fc.array(rule, { maxLength: 3 }),
});

describe('a real Alertmanager', 'missing' in program ? { skip: program.missing } : {}, () => {
  let alertmanager: Alertmanager;
  before(async () => {
    assert('path' in program);
    alertmanager = await Alertmanager.start(program.path);
  });
  after(async () => await alertmanager?.close());

  test('puts alerts into the same groups, and keeps the same ones still', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const alerts = fc.sample(fc.tuple(value, value, value), { seed, numRuns: 150 }).map(([owner, env, job], index) => {
      const labels = Object.entries({ alertname: 'A', owner, env, job, i: String(index) }).filter(([, text]) => text !== '');
      return Object.fromEntries(labels);
    });
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    await alertmanager.post(alerts.map((labels) => ({ labels, endsAt })));
    await alertmanager.silence([
      { name: 'owner', value: 'a', isRegex: false, isEqual: true },
      { name: 'env', value: '.+', isRegex: true, isEqual: false },
    ]);
    const silence: Silence = {
      id: 's',
      matcherSets: [
        [
          { name: 'owner', op: '=', value: 'a' },
          { name: 'env', op: '!~', value: '.+' },
        ],
      ],
      startsAtMs: 0,
      endsAtMs: Date.now() + 3_600_000,
      untilResolved: null,
      by: 'test',
      comment: 'test',
    };
    let inhibitedCount = 0;
    let groupCount = 0;
    for (const { routes, inhibit_rules } of fc.sample(tree, { seed, numRuns: treesMax })) {
      const receivers = ['r0', 'r1', 'r2'].map((one) => ({ name: one }));
      const config = stringify({ route: { receiver: 'r0', group_by: ['job'], routes }, receivers, inhibit_rules });
      const { routing } = alertmanagerIn(config, 'alertmanager.yml');
      const firing = alerts.map((labels) => ({ id: fingerprint(labels), labels }));
      const inhibitor = new Inhibitor(routing.inhibitRules, firing);
      const inhibits = (labels: Labels) => inhibitor.by(labels) !== null;
      const wantGroups = ourGroups(routing, alerts);
      const wantStill = firing
        .filter(({ labels }) => inhibits(labels) || silencedBy([silence], { id: 'a', labels }, Date.now()))
        .map(
          ({ id, labels }) =>
            `${id} ${inhibits(labels) ? 'inhibited' : ''} ${silencedBy([silence], { id: 'a', labels }, Date.now()) ? 'silenced' : ''}`,
        );
      inhibitedCount += wantStill.filter((one) => one.includes('inhibited')).length;
      groupCount += wantGroups.length;

      await alertmanager.reload(config);
      const untilMs = Date.now() + patienceMs;
      for (;;) {
        const [groups, held] = [await alertmanager.groups(), await alertmanager.alerts()];
        const found = groups
          .map((group) =>
            textOf(
              group.receiver.name,
              group.labels,
              group.alerts.map((one) => one.fingerprint),
            ),
          )
          .sort();
        const still = held
          .filter(({ status }) => status.state === 'suppressed')
          .map(
            ({ fingerprint: id, status }) =>
              `${id} ${status.inhibitedBy.length > 0 ? 'inhibited' : ''} ${status.silencedBy.length > 0 ? 'silenced' : ''}`,
          );
        const got = { groups: found, still: still.sort() };
        const want = { groups: wantGroups, still: wantStill.sort() };
        if (JSON.stringify(got) === JSON.stringify(want)) break;
        // It takes a moment until a new configuration has all alerts.
        if (Date.now() > untilMs) assert.deepEqual(got, want, `seed ${seed}\n${config}`);
        await wait(10);
      }
    }
    assert(inhibitedCount > 0 && groupCount > treesMax, `seed ${seed}: ${inhibitedCount} inhibited, ${groupCount} groups`);
  });

  test('is told the same of a group in the same order', async () => {
    type Told = { readonly alerts: readonly { readonly status: string; readonly labels: Labels }[] };
    const messages: { readonly firing: readonly string[]; readonly resolved: readonly string[] }[] = [];
    const receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const { alerts } = JSON.parse(body) as Told;
        const named = (status: string) => alerts.filter((one) => one.status === status).map(({ labels }) => labels.name ?? '');
        messages.push({ firing: named('firing').sort(), resolved: named('resolved').sort() });
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
      const yaml = (interval: string, config: object): string =>
        stringify({
          route: {
            receiver: 'nobody',
            routes: [{ receiver: 'r', matchers: ['order="yes"'], group_wait: '0s', group_interval: interval }],
          },
          receivers: [{ name: 'nobody' }, { name: 'r', ...config }],
        });
      await alertmanager.reload(yaml('200ms', { webhook_configs: [{ url, send_resolved: true }] }));
      const { routing } = alertmanagerIn(yaml('5s', {}), 'alertmanager.yml');
      const steps = [
        ['A', true],
        ['B', true],
        ['A', false],
        ['A', true],
        ['B', false],
        ['A', false],
        ['C', true],
        ['C', false],
      ] as const;
      const history: RecordedAlert[] = [];
      for (const [at, [alert, fires]] of steps.entries()) {
        const atMs = at * 60_000;
        const labels = { alertname: 'Ordered', order: 'yes', name: alert };
        if (fires)
          history.push({
            id: `${alert}@${at}`,
            name: alert,
            service: null,
            labels,
            firedAtMs: atMs,
            resolvedAtMs: null,
            spokenFor: [],
          });
        else {
          const open = history.findLastIndex(({ name, resolvedAtMs }) => name === alert && resolvedAtMs === null);
          history[open] = { ...(history[open] as RecordedAlert), resolvedAtMs: atMs };
        }
        const endsAtMs = Date.now() + (fires ? 3_600_000 : 0);
        await alertmanager.post([{ labels, endsAt: new Date(endsAtMs).toISOString() }]);
        const untilMs = Date.now() + patienceMs;
        while (messages.length <= at && Date.now() < untilMs) await wait(10);
      }
      const ours: typeof messages = [];
      const named = (alerts: readonly RecordedAlert[]): readonly string[] => alerts.map(({ name }) => name).sort();
      const dispatch = new Dispatch(routing, [], {
        notice: ({ firing, resolved }) => ours.push({ firing: named(firing), resolved: named(resolved) }),
      });
      play(dispatch, history, steps.length * 60_000);
      assert.deepEqual(messages, ours);
      assert.equal(ours.length, steps.length);
    } finally {
      receiver.closeAllConnections();
      receiver.close();
    }
  });
});

function ourGroups(routing: AlertRoutingSpec, alerts: readonly Readonly<Record<string, string>>[]): readonly string[] {
  const groups = new Map<string, { readonly receiver: string; readonly labels: object; readonly ids: string[] }>();
  for (const labels of alerts)
    for (const { key, groupLabels, notifiers, route } of groupsOf(routing, labels)) {
      assert.equal(key, groupKeyOf(route, groupLabels));
      const group = groups.get(key) ?? { receiver: notifiers.join(), labels: groupLabels, ids: [] };
      group.ids.push(fingerprint(labels));
      groups.set(key, group);
    }
  return [...groups.values()].map(({ receiver, labels, ids }) => textOf(receiver, labels, ids)).sort();
}

function textOf(receiver: string, labels: object, ids: readonly string[]): string {
  return JSON.stringify([receiver, Object.entries(labels).sort(), ids.toSorted()]);
}
