import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../errors.ts';
import { loadServices } from './load.ts';
import { SpecError } from './problem.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rampart-spec-'));
});
after(() => rm(folder, { recursive: true }));

async function loadText(text: string | Uint8Array) {
  const file = join(folder, 'rampart.yaml');
  await writeFile(file, text);
  return await loadServices(relative(process.cwd(), file), standIns);
}

test('a relative folder counts from the document, an absolute one stays', async () => {
  const cwdOf = async (cwd: string) =>
    (await loadText(documentWith().replace('server.js]', `server.js], ${cwd}`))).map(
      ({ target }) => (target.config as { cwd: string }).cwd,
    );
  assert.deepEqual(await cwdOf('env: {}'), [folder]);
  assert.deepEqual(await cwdOf('cwd: ../app'), [join(folder, '../app')]);
  assert.deepEqual(await cwdOf('cwd: /srv'), ['/srv']);
});

test('problems name the file as it was asked for', async () => {
  const asked = relative(process.cwd(), join(folder, 'rampart.yaml'));
  await assert.rejects(loadText('a: 1'), (error) => error instanceof SpecError && error.where === `${asked}:1:1`);
});

test('a file that is not there, not a file, not text, or too large is refused', async () => {
  const code = (want: string, message: RegExp) => (error: unknown) =>
    error instanceof UserError && error.code === want && message.test(error.message);
  await assert.rejects(loadServices(join(folder, 'none.yaml'), standIns), code('E_SPEC_UNREADABLE', /^there is no file /));
  await assert.rejects(loadServices(folder, standIns), code('E_SPEC_UNREADABLE', /EISDIR/));
  await assert.rejects(loadText(new Uint8Array([0x61, 0xff])), code('E_SPEC', /not UTF-8/));
  await assert.rejects(loadText('#'.repeat(2_097_152)), code('E_SPEC', /more than 1048576 bytes/));
  await assert.rejects(loadServices('/dev/zero', standIns), code('E_SPEC', /more than 1048576 bytes/));
});

test('an aborted signal ends the reading', async () => {
  await assert.rejects(loadServices('/dev/zero', standIns, AbortSignal.abort()), { name: 'AbortError' });
});

test('a byte order mark in front is no part of the document', async () => {
  assert.equal((await loadText(`\ufeff${documentWith()}`))[0]?.name, 'checkout');
});
