import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { acmeView } from './status.fixture.ts';
import { statuspageFiles, statuspageJson } from './statuspage.ts';

/** In the given payloads a component has changed last with its incident's last update; here it has a moment of its own. */
function atSomeTime(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, held) =>
      held !== null && typeof held === 'object' && 'showcase' in held ? { ...held, updated_at: 'some time' } : held,
    ),
  );
}

function holds(path: string, body: unknown): void {
  const file = statuspageFiles.find((one) => path === `/api/v2/${one}`);
  assert.ok(file, `${path} is one of the files`);
  const ours = atSomeTime(statuspageJson(acmeView(), file));
  // As texts: the order of the keys is part of it.
  assert.equal(JSON.stringify(ours, null, 1), JSON.stringify(atSomeTime(body), null, 1), path);
}

for (const name of ['status', 'summary'])
  withVectors<{ path: string; body: unknown }>(`statuspage/${name}.json`, ({ path, body }) => {
    test(`${path} is what Statuspage sends`, () => holds(path, body));
  });

withVectors<Record<string, unknown>>('statuspage/others.json', (files) => {
  const paths = Object.keys(files).filter((key) => key.startsWith('/'));
  for (const path of paths) test(`${path} is what Statuspage sends`, () => holds(path, files[path]));
  test('every file has its example', () => assert.equal(paths.length + 2, statuspageFiles.length));
});

test('what is planned is maintenance while it happens, unless something is broken', () => {
  const [first] = acmeView().maintenances;
  assert.ok(first);
  const during = acmeView({ releases: [{ ...first, service: 'checkout', state: 'in_progress' }] });
  const summary = statuspageJson(during, 'summary.json') as {
    status: { indicator: string };
    components: { id: string; status: string }[];
  };
  assert.deepEqual(
    summary.components.map(({ id, status }) => [id, status]),
    [
      ['c1', 'degraded_performance'],
      ['c2', 'under_maintenance'],
      ['g1', 'degraded_performance'],
    ],
  );
  assert.equal(summary.status.indicator, 'minor');
});
