import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../spec/document.ts';
import { serviceDocument } from '../spec/service.ts';
import { documentWith, standIns } from '../spec/stand-ins.fixture.ts';
import { planView } from './plan-view.ts';

function viewOf(guard: string, stable: string | null) {
  const [parsed] = parseDocuments(documentWith(`  release: { guard: ${guard} }`), 'a.yaml', {
    Service: serviceDocument(standIns),
  });
  assert(parsed);
  return planView(parsed.value, stable, '1.1.0', { requestsPerSecond: 40, errorPpm: 1_000, histogram: [] });
}

test("with Kayenta's judge a plan promises no sight of the guard's own tests, and says what the scores mean", () => {
  const view = viewOf('{ judge: kayenta }', '1.0.0');
  const seen = view.steps.flatMap(({ sight }) => sight?.sentences ?? []);
  assert(seen.length > 1);
  for (const sentence of seen.slice(0, -1)) assert.match(sentence, /^Kayenta's judge compares after every 5m of traffic;/);
  assert.match(seen.at(-1) ?? '', /^at 100 % Kayenta's judge has nothing to compare with: only the limits watch; /);
  assert.deepEqual(
    view.guard.filter((text) => text.startsWith('Kayenta')),
    ["Kayenta's judge compares with 1.0.0, up to 100 %: a step needs a score of 95, and 75 or less goes back"],
  );
});

test('a plan of the stable version says that its release will be refused', () => {
  assert.deepEqual(viewOf('{ judge: sequential }', '1.1.0').warnings.slice(0, 1), [
    '1.1.0 is the stable version already: its release will be refused',
  ]);
});

test("the guard's own tests say what they will notice, and a first version is compared with nothing", () => {
  const own = viewOf('{ judge: sequential }', '1.0.0');
  assert(own.steps.some(({ sight }) => sight?.sentences[0]?.includes('you will notice')));
  assert(!own.guard.some((text) => text.includes('Kayenta')));
  const first = viewOf('{ judge: kayenta }', null);
  assert(!first.guard.some((text) => text.includes('Kayenta')));
});

test('a plan says what of the database cannot be undone, and what a failure of each step means', () => {
  const call = '{ command: [x] }';
  const planOf = (database: string) => {
    const [parsed] = parseDocuments(documentWith(`  release: { database: ${database} }`), 'a.yaml', {
      Service: serviceDocument(standIns),
    });
    assert(parsed);
    return planView(parsed.value, '1.0.0', '1.1.0', null);
  };
  const two = planOf(
    `{ backup: ${call}, migrations: [ { name: add, up: ${call}, down: ${call} }, { name: drop, up: ${call}, irreversible: true } ] }`,
  );
  assert.deepEqual(
    two.steps.slice(0, 3).map(({ text, deadline }) => [text, deadline]),
    [
      ['back up the database', 'if it fails, or has not ended after 10m, the release ends and nothing has changed'],
      [
        'migrate the database: add',
        'if it fails, or has not ended after 10m, what was migrated is migrated down, and no traffic has moved',
      ],
      [
        'migrate the database: drop (cannot be undone)',
        'if it fails, or has not ended after 10m, people decide, and no traffic has moved',
      ],
    ],
  );
  assert.match(
    two.warnings.join('; '),
    /drop cannot be undone: past it a release that goes back is held, with all traffic on 1\.0\.0/,
  );
  const bare = planOf(`{ compatible: false, migrations: [ { name: drop, up: ${call}, irreversible: true } ] }`).warnings.join(
    '; ',
  );
  assert.match(bare, /drop cannot be undone, and 1\.0\.0 does not work with the migrated database: past it traffic stays/);
  assert.match(bare, /it fails its users from the first migration until the release ends/);
  assert.match(bare, /there is no backup before the migrations/);
  const restored = planOf(
    `{ onRollback: restore, backup: { command: [x], restore: [y] }, migrations: [ { name: add, up: ${call} } ] }`,
  );
  assert.match(restored.steps[1]?.deadline ?? '', /the backup is restored, and no traffic has moved/);
  assert.match(restored.warnings.join('; '), /what was written to the database since then is lost/);
});

test('a canary that asks more of few instances than their share is told so, and a rolling update says what a step leaves', () => {
  const planOf = (strategy: string) => {
    const document = documentWith(`  release: { strategy: ${strategy} }`).replace('server.js]', 'server.js], replicas: 4');
    const [parsed] = parseDocuments(document, 'a.yaml', { Service: serviceDocument(standIns) });
    assert(parsed);
    return planView(parsed.value, '1.0.0', '1.1.0', null);
  };
  const crowded = (strategy: string) => planOf(strategy).warnings.filter((text) => text.includes('instances'));
  const canary = (replicas: string) =>
    `{ canary: { steps: [ { weight: 10%, replicas: 1, for: 1m }, { weight: 50%, ${replicas}for: 1m } ] } }`;
  assert.deepEqual(crowded(canary('')), ['50 % of requests go to 1 of 4 instances: give that step more replicas']);
  assert.deepEqual(crowded(canary('replicas: 2, ')), []);
  assert.deepEqual(crowded('{ rolling: {} }'), []);
  const rolling = planOf('{ rolling: { maxUnavailable: 1 } }');
  assert.deepEqual(
    rolling.steps.slice(0, 5).map(({ kind, weight, minMs }) => `${kind} ${weight} ${minMs}`),
    ['scale 0 30000', 'scale 0 0', 'weight 25 0', 'observe 25 60000', 'scale 33 30000'],
  );
  assert(rolling.deadlines.some((text) => text.endsWith('with as many instances as it still has')));
});
