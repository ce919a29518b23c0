import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { kubernetesPrograms } from '../../../test/programs/kubernetes-build.ts';
import { checkConformance, contextFor } from '../conformance.ts';
import { hasEnded } from '../processes.fixture.ts';
import { ago, guest, snapshotsOfCluster } from './cluster.fixture.ts';
import { snapshots } from './index.ts';

const programs = await kubernetesPrograms();

describe('a real cluster', { skip: 'missing' in programs ? programs.missing : false }, () => {
  let cluster: Kubernetes;
  before(async () => {
    assert('path' in programs);
    cluster = await Kubernetes.start(programs, [guest]);
  });
  after(() => cluster.close());

  snapshotsOfCluster(() => cluster);
});

const shell =
  (script: string, more = {}) =>
  () => ({ command: ['sh', '-c', script], time: '/created_at', ...more });
const printed = (value: unknown) => `cat <<'END'\n${JSON.stringify(value, null, 2)}\nEND`;
const many = `JSON.stringify({ Snapshots: Array(2000).fill({ created_at: '${ago(1)}', State: 'completed' }) })`;
checkConformance(
  'snapshots',
  snapshots,
  [
    {
      name: 'a kubeconfig that is not there',
      given: () => ({ kubernetes: { kubeconfig: 'nowhere', namespace: 'default' } }),
      status: 'unproven',
      found: /kubeconfig/,
    },
    {
      name: 'a program lists a fresh one',
      given: shell(printed([{ name: 'a', created_at: ago(2) }])),
      status: 'pass',
      found: /^1 snapshots, the newest 2h old$/,
    },
    {
      name: 'a program also says something else',
      given: shell(`echo 'Notice: there is a newer one' >&2; ${printed([{ name: 'a', created_at: ago(2) }])}`),
      status: 'pass',
    },
    {
      name: 'a program lists old ones',
      given: shell(printed([{ created_at: ago(48) }])),
      status: 'fail',
      found: /^the newest snapshot is 2d old$/,
    },
    { name: 'a program lists none', given: shell('echo []'), status: 'fail', found: /^there is no snapshot$/ },
    {
      name: 'a long list',
      given: () => ({
        command: [process.execPath, '-p', many],
        list: '/Snapshots',
        time: '/created_at',
        ready: { at: '/State', is: 'completed' },
        min: 2_000,
      }),
      status: 'pass',
    },
    {
      name: 'a place that is none',
      given: shell('echo [{}]'),
      status: 'unproven',
      found: /says no time at \/created_at$/,
      fix: /correct time/,
    },
    { name: 'no JSON', given: shell('echo hello'), status: 'unproven', found: /does not write a list/ },
    {
      name: 'a program that fails',
      given: shell('echo not signed in. >&2; exit 3'),
      status: 'unproven',
      found: /ended with 3: not signed in$/,
    },
    {
      name: 'a program that is not there',
      given: () => ({ command: ['/nowhere/doctl'], time: '/created_at' }),
      status: 'unproven',
      found: /cannot be run/,
      fix: /install it/,
    },
  ],
  () => ({ command: ['sleep', '60'], time: '/created_at' }),
);

test('snapshots: what a program leaves running ends with it', async (t) => {
  const context = await contextFor(t);
  const pid = join(context.scratch, 'pid');
  const given = shell(`sleep 60 >/dev/null 2>&1 & echo $! > ${pid}; ${printed([{ created_at: ago(1) }])}`)();
  assert.equal((await snapshots.run(snapshots.schema.parse(given), context)).status, 'pass');
  await hasEnded(pid);
});
