import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { alertSources } from './registry.ts';
import type { AlertSourcePlugin } from './source.ts';

const here = new URL('.', import.meta.url);
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('every folder of an alert source is registered under its own name, and nothing else is', () => {
  assert.deepEqual(Object.keys(alertSources).sort(), folders.sort());
});

test('every alert source has a page and a suite', () => {
  for (const folder of folders)
    for (const file of ['README.md', 'schema.ts', 'index.test.ts'])
      assert(existsSync(new URL(`${folder}/${file}`, here)), `${folder}/${file}`);
});

for (const [kind, plugin] of Object.entries<AlertSourcePlugin>(alertSources)) {
  const config = plugin.schema.parse({ secret: { env: 'KEY' } });
  const names = fc.constantFrom(
    'alerts',
    'labels',
    'status',
    'state',
    'annotations',
    'version',
    'startsAt',
    '__proto__',
    'data',
    'specversion',
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(names, tie('json'), { maxKeys: 6 }),
    ),
  }));
  const types = fc.constantFrom('application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json', '');

  test(`${kind}: whatever JSON comes, it becomes alerts with labels, or is refused in words`, () => {
    fc.assert(
      fc.property(json, types, (body, contentType) => {
        const read = plugin.read(config, { contentType, json: body });
        if ('problem' in read) return assert.ok(read.problem.length > 0 && read.fix.length > 0);
        for (const { labels, annotations, identity, status } of read.alerts) {
          assert.ok(Object.values({ ...labels, ...annotations }).every((text) => typeof text === 'string'));
          assert.ok(identity === undefined || identity.length > 0);
          assert.ok(status === undefined || status === 'firing' || status === 'resolved');
        }
        return undefined;
      }),
    );
  });

  test(`${kind}: no document names a secret by its value, and each shows in one way who it is`, () => {
    const problems = (given: object): string => JSON.stringify(plugin.schema.safeParse(given).error?.issues ?? []);
    assert.match(problems({ secret: 'abc' }), /env: NAME/);
    assert.match(problems({}), /expected secret .*bearer or basic/);
    assert.match(problems({ secret: { env: 'A' }, bearer: { env: 'B' } }), /secret is already given/);
    assert.match(problems({ secret: { env: 'A' }, tolerance: '1h' }), /10m/);
  });
}
