import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { IncidentSetupView, SetupAppliedView } from '../../views/incident-setup-view.ts';
import { Served } from '../access/server.fixture.ts';

const hook = (path: string): string =>
  `apiVersion: rampart/v1\nkind: Notifier\nmetadata: { name: hook }\nspec: { webhook: { url: "http://127.0.0.1:9/${path}" } }\n`;
const person = (notifier: string): string =>
  `---\napiVersion: rampart/v1\nkind: Person\nmetadata: { name: anna }\nspec: { contacts: [ { notifier: ${notifier} } ] }\n`;

describe('the setup of incidents over the API', () => {
  const served = new Served();
  before(() => served.up());
  after(() => served.close());
  const put = (body: object, token?: string) =>
    served.ask('PUT', '/api/v1/incidents/setup', body, token === undefined ? {} : { token });

  test('it is replaced as a whole, checked as a whole, on record, and the same after a restart', async () => {
    const files = [
      { file: 'a.yaml', text: hook('one') },
      { file: 'b.yaml', text: person('hook') },
    ];
    const own = <T>(method: string, body?: object) => served.own<T>(method, '/api/v1/incidents/setup', body);
    const dry = await own<SetupAppliedView>('PUT', { files, dryRun: true });
    assert.equal(dry.version, 0);
    const applied = await own<SetupAppliedView>('PUT', { files, by: 'anna', why: 'first' });
    assert.deepEqual([applied.version, applied.changes], [1, dry.changes]);
    assert.equal((await own<SetupAppliedView>('PUT', { files, by: 'anna' })).version, 1);
    await assert.rejects(own('PUT', { files: files.slice(1) }), /there is no Notifier called/);
    await assert.rejects(own('PUT', { files: [], replaces: 7 }), /is version 1 by now, not 7/);
    await served.down();
    await served.up();
    const setup = await own<IncidentSetupView>('GET');
    assert.deepEqual([setup.version, setup.by, setup.why, setup.people], [1, 'anna', 'first', ['anna']]);
    assert.deepEqual(setup.files, files);
    const audit = await served.own<{ entries: { kind: string; subject: string; why: string }[] }>(
      'GET',
      '/api/v1/audit?kind=incident-setup-applied',
    );
    assert.deepEqual(
      audit.entries.map(({ subject, why }) => [subject, why]),
      [['version 1', 'first']],
    );
  });

  test('only admins see and change it: numbers of people are in it', async () => {
    const { secret } = await served.token('reader', [{ role: 'operator', services: '*' }]);
    assert.equal((await put({ files: [] }, secret)).status, 403);
    const seen = await served.ask('GET', '/api/v1/incidents/setup', undefined, { token: secret });
    assert.equal(seen.status, 403);
  });

  test('the command line applies files, shows what is in force, and names a mistake with its place', async () => {
    const rampart = fileURLToPath(new URL('../../../bin/rampart.js', import.meta.url));
    const run = (...words: readonly string[]) =>
      promisify(execFile)(process.execPath, [rampart, 'incidents', ...words, '--data', served.data], {
        timeout: 60_000,
        env: { ...process.env, RAMPART_URL: '', NO_COLOR: '1' },
      });
    const file = join(served.data, 'ours.yaml');
    writeFileSync(file, hook('two') + person('hook'));
    const applied = await run('apply', file, '--why', 'moved');
    assert.match(applied.stdout, /^version 2 is in force:\n {2}changed {2}Notifier {2}hook\n$/);
    const shown = await run('setup');
    assert.match(shown.stdout, /^version 2, applied by .*: moved\n {2}notifiers {2}hook \(webhook\)\n {2}people {5}anna\n$/);
    writeFileSync(file, person('hok'));
    const stderr = /ours\.yaml:5:33: there is no Notifier called "hok"/;
    await assert.rejects(run('apply', file), { code: 2, stderr });
  });
});
