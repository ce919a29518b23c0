import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Alertmanager, alertmanagerProgram } from '../../../test/programs/alertmanager.ts';
import type { Urgency } from '../../alerts/types.ts';
import { objectives } from '../../spec/objective.ts';
import { checkConformance } from '../conformance.ts';
import type { OwnView } from '../own-view.ts';
import { silentAddress } from '../servers.fixture.ts';
import { alerts } from './index.ts';

const program = await alertmanagerProgram();
const nowMs = 1_764_352_800_000;
const folder = mkdtempSync(join(tmpdir(), 'rampart-alerts-'));
before(() => {
  mkdirSync(join(folder, 'rules', 'nested'), { recursive: true });
  writeFileSync(
    join(folder, 'rules', 'shop.yaml'),
    'groups:\n- name: shop\n  rules:\n  - { alert: HighErrorRate, expr: "errors > 0.01" }\n  - { record: errors, expr: "1" }\n',
  );
  writeFileSync(
    join(folder, 'rules', 'nested', 'operator.yml'),
    'kind: PrometheusRule\nspec:\n  groups:\n  - name: disk\n    rules: [{ alert: DiskFull, expr: "free < 0.2" }]\n---\nkind: Service\n',
  );
  mkdirSync(join(folder, 'broken'));
  writeFileSync(join(folder, 'broken', 'rules.yaml'), 'groups:\n- name: shop\n  rules: [{ alert: HighErrorRate }]\n');
  mkdirSync(join(folder, 'empty'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const alarmed = (more = {}): OwnView =>
  ({
    spec: { objectives: objectives.parse([{ name: 'availability', target: '99.9%', window: '30d', ...more }]) },
  }) as unknown as OwnView;
const firing = (...urgencies: readonly Urgency[]): OwnView =>
  ({
    alerts: () => urgencies.map((urgency) => ({ name: `availability ${urgency}`, urgency, sinceMs: nowMs - 600_000 })),
  }) as unknown as OwnView;

checkConformance(
  'alerts',
  alerts,
  [
    {
      name: 'alerts in rule files',
      given: () => ({ rules: { path: 'rules', names: ['HighErrorRate', 'DiskFull'] } }),
      context: { folder },
      status: 'pass',
      found: /^defined: HighErrorRate, DiskFull$/,
    },
    {
      name: 'an alert that no rule file has',
      given: () => ({ rules: { path: 'rules/shop.yaml', names: ['HighErrorRate', 'LowDisk'] } }),
      context: { folder },
      status: 'fail',
      found: /^LowDisk is not defined$/,
      fix: /write a rule with alert: LowDisk/,
    },
    {
      name: 'a rule without an expression',
      given: () => ({ rules: { path: 'broken' } }),
      context: { folder },
      status: 'fail',
      found: /broken\/rules\.yaml: groups\.0\.rules\.0\.expr/,
    },
    {
      name: 'a folder without rules',
      given: () => ({ rules: { path: 'empty' } }),
      context: { folder },
      status: 'fail',
      found: /no rule with an alert/,
    },
    {
      name: 'objectives with the usual alerts',
      given: () => ({ own: {} }),
      context: { own: alarmed() },
      status: 'pass',
      found: /^availability: P0 \(page\), P1 \(chat\), P2 \(email\)$/,
    },
    {
      name: 'objectives whose alerts are switched off',
      given: () => ({ own: {} }),
      context: { own: alarmed({ alerts: 'off' }) },
      status: 'fail',
      found: /^availability: no alerts$/,
    },
    {
      name: 'an objective that the service does not have',
      given: () => ({ own: { objectives: ['latency'] } }),
      context: { own: alarmed() },
      status: 'fail',
      found: /latency: there is no such objective/,
    },
    { name: 'nothing fires', given: () => ({ quiet: {} }), context: { own: firing() }, status: 'pass' },
    {
      name: 'one fires that nobody has to be called for',
      given: () => ({ quiet: { urgencies: ['page'] } }),
      context: { own: firing('email'), now: () => nowMs },
      status: 'pass',
    },
    {
      name: 'one fires',
      given: () => ({ quiet: {} }),
      context: { own: firing('page'), now: () => nowMs },
      status: 'fail',
      found: /^availability page \(page\) fires since 10 min$/,
    },
    { name: 'without a controller', given: () => ({ quiet: {} }), status: 'unproven' },
    {
      name: 'no Alertmanager',
      given: () => ({ alertmanager: { url: 'http://127.0.0.1:1' } }),
      status: 'fail',
      found: /refused/,
    },
  ],
  async (t) => ({ alertmanager: { url: await silentAddress(t) } }),
);

describe('a real Alertmanager', { skip: 'missing' in program ? program.missing : false }, () => {
  let telling: Alertmanager;
  let deaf: Alertmanager;
  before(async () => {
    if ('missing' in program) return;
    const receivers = [
      'receivers:',
      '- name: pager',
      '  webhook_configs: [{ url: "http://127.0.0.1:1/hook" }]',
      '- name: nobody',
      '',
    ].join('\n');
    [telling, deaf] = await Promise.all([
      Alertmanager.start(program.path, `route: { receiver: pager }\n${receivers}`),
      Alertmanager.start(program.path),
    ]);
  });
  after(async () => void (await Promise.all([telling?.close(), deaf?.close()])));

  checkConformance('alerts of an Alertmanager', alerts, [
    {
      name: 'it tells somebody',
      given: () => ({ alertmanager: { url: telling.url } }),
      status: 'pass',
      found: /^it is ready; receivers: pager$/,
    },
    {
      name: 'receivers that are not there, or tell nobody',
      given: () => ({ alertmanager: { url: telling.url, receivers: ['pager', 'nobody', 'boss'] } }),
      status: 'fail',
      found: /^nobody tells nobody; there is no receiver boss$/,
    },
    {
      name: 'it tells nobody',
      given: () => ({ alertmanager: { url: deaf.url } }),
      status: 'fail',
      found: /no receiver tells anybody/,
    },
  ]);
});
