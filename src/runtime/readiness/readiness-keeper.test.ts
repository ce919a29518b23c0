import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { UserError } from '../../errors.ts';
import type { ItemState } from '../../readiness/types.ts';
import { loadServices } from '../../spec/load.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import type { EventLog } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { systemClock } from '../clock.ts';
import { kinds } from '../documents.ts';
import { RecordedState } from '../recorded-state.ts';
import type { ReadinessAnswer } from './ports.ts';
import { ReadinessKeeper, type RunAsk } from './readiness-keeper.ts';
import { readinessRecording } from './readiness-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-readiness-'));
/** What the check names, and what the service's document alone names. */
const secret = 'correct-horse-battery';
const another = 'staple-of-the-document';
const never = new AbortController().signal;
const day = 86_400_000;

/** A server whose `/held…` answers when a test lets it. */
const held: ServerResponse[] = [];
const asked: string[] = [];
const server = createServer((request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  if (path.startsWith('/held')) held.push(response);
  else response.writeHead(200).end('ok');
});

function letGo(): void {
  for (const response of held.splice(0)) response.writeHead(200).end('ok');
}

let spec: ServiceSpec;
let other: ServiceSpec;
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = (path: string) => `http://127.0.0.1:${port}${path}`;
  const http = (path: string, more = '') => `check: { http: { url: "${url(path)}", within: 60s${more} } }`;
  const many = Array.from({ length: 40 }, (_, at) => `        - { id: n${at}, title: N${at}, ${http(`/held/${at}`)} }`);
  writeFileSync(
    join(folder, 'ours.yaml'),
    `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  parameters:
    page: { description: a page, default: /page }
  signOffs: [{ role: security }]
  phases:
    - id: web
      title: Web
      items:
        - { id: page, title: Page, validFor: 1h, ${http(`$${'{page}'}`)} }
        - { id: slow, title: Slow, validFor: 1h, ${http('/held')} }
    - id: told
      title: Told
      items:
        - id: secret
          title: Secret
          check: { command: { shell: 'echo "it is $WORD"; echo "and $OTHER"; exit 1', env: { WORD: { env: SHOP_WORD } } } }
    - id: people
      title: People
      items:
        - { id: agreed, title: Agreed, confirm: { validFor: 1d } }
    - id: many
      title: Many
      items:
${many.join('\n')}
`,
  );
  const document = (page: string) => `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, server.mjs] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  readiness: { checklist: ./ours.yaml, parameters: { page: ${page} } }
`;
  for (const [file, page] of [
    ['one.yaml', '/page'],
    ['other.yaml', '/other'],
  ] as const)
    writeFileSync(join(folder, file), document(page));
  const read = async (file: string) => (await loadServices(join(folder, file), kinds))[0] as ServiceSpec;
  [spec, other] = [await read('one.yaml'), await read('other.yaml')];
});
after(() => {
  letGo();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

// One that failed must not hold up those after it.
afterEach(letGo);

let log: EventLog;
let disk: { isFull: boolean };
let nowMs: number;
let warnings: string[];
let ids: number;
/** What counts as the document of a version when a controller starts. */
let documentIs: ServiceSpec | null;
beforeEach(() => {
  log = openMemoryLog({ hashing: false });
  disk = { isFull: false };
  nowMs = Date.parse('2026-11-28T12:00:00Z');
  warnings = [];
  ids = 0;
  documentIs = spec;
  asked.length = 0;
});

/** A keeper as the next controller would have it: what the one before had in memory is gone. */
async function opened(): Promise<ReadinessKeeper> {
  const token = await log.claim('test');
  const faulty: EventLog = {
    ...log,
    async append(...given) {
      if (disk.isFull) throw new UserError('E_LOG_FULL', 'no space left', { where: 'log', fix: 'make room' });
      return await log.append(...given);
    },
  };
  const now = () => nowMs;
  const records = new RecordedState(readinessRecording, faulty, token, now);
  await records.catchUp();
  return ReadinessKeeper.open({
    records,
    own: () => null,
    document: () => documentIs,
    secrets: () => [another],
    environment: { SHOP_WORD: secret, OTHER: another, PATH: process.env.PATH },
    readSecret: () => '',
    clock: { now, after: systemClock.after },
    newId: (service) => `${service}-${(ids += 1)}`,
    warn: (text) => warnings.push(text),
  });
}

function ask(more: Partial<RunAsk> = {}): RunAsk {
  return {
    service: 'shop',
    version: '1.0.0',
    spec,
    checklist: './ours.yaml',
    phases: ['web'],
    by: 'anna',
    why: '',
    ...more,
  };
}

function item({ report }: Pick<ReadinessAnswer, 'report'>, id: string): ItemState {
  const found = report.phases.flatMap(({ items }) => items).find((one) => one.id === id);
  assert(found, id);
  return found;
}

const isHeld = (count = 1) => until(`${count} wait`, () => held.length === count);
const counted = (path: string) => asked.filter((one) => one === path).length;

test('two who ask the same share a run, and what is proven is not looked at again until it expires', async () => {
  const keeper = await opened();
  const [first, second] = [keeper.run(ask(), never), keeper.run(ask({ by: 'boris' }), never)];
  await isHeld();
  await until('the other one has ended', () => keeper.underWay('shop')[0]?.done === 1);
  const [progress] = keeper.underWay('shop');
  assert.deepEqual([progress?.total, progress?.now.map((one) => one.item)], [2, ['web.slow']]);
  letGo();
  const [one, two] = await Promise.all([first, second]);
  assert.equal(one.run, two.run);
  assert.equal(one.report.verdict, 'ready');
  assert.equal(counted('/page'), 1);
  assert.deepEqual(keeper.underWay('shop'), []);
  const third = await keeper.run(ask(), never);
  assert.notEqual(third.run, one.run);
  assert.equal(counted('/page'), 1, 'it was proven');
  const ended = (await log.readAll(0, 1_000)).filter(({ kind }) => kind === 'readiness-ended');
  assert.deepEqual(
    ended.map(({ data }) => 'sameAs' in (data as { report: object }).report),
    [false, true],
    'the same report is recorded once',
  );
  const past = keeper.records.state.runs.get('shop')?.map((one) => one.ended?.report.phases);
  assert.deepEqual(past?.[0], past?.[1]);
  nowMs += 3_600_000;
  assert.equal((await keeper.answer(spec, '1.0.0', './ours.yaml')).report.verdict, 'not-ready');
  const fourth = keeper.run(ask(), never);
  await isHeld();
  letGo();
  assert.equal((await fourth).report.verdict, 'ready');
  assert.equal(counted('/page'), 2);
  await keeper.stop();
});

test('whoever asks with another document gets a run of their own, and stops waiting when they want', async () => {
  const keeper = await opened();
  const gone = new AbortController();
  const first = keeper.run(ask(), gone.signal);
  const second = keeper.run(ask({ spec: other }), never);
  await isHeld(2);
  await until('both pages are asked for', () => counted('/page') === 1 && counted('/other') === 1);
  gone.abort(new Error('nobody waits'));
  await assert.rejects(first, /nobody waits/);
  assert.equal(keeper.underWay('shop').length, 2, 'others may wait for it');
  letGo();
  assert.equal((await second).report.verdict, 'ready', 'whatever the other one has put on record');
  assert.deepEqual([counted('/page'), counted('/other')], [1, 1]);
  await keeper.stop();
});

test('a run that was broken off goes on with the next controller, with the document of its version, and only with the rest', async () => {
  const dead = await opened();
  await dead.start(ask({ spec: other, version: '2.0.0' }));
  await isHeld();
  await until('what ended is on record', () => dead.records.state.results.size === 1);
  const [broken] = dead.records.state.runs.get('shop') ?? [];
  // It is killed: nothing of it is told to end, and nothing that it still finds counts.
  documentIs = other;
  const next = await opened();
  await isHeld(2);
  letGo();
  await until('it has ended', () => next.records.state.runs.get('shop')?.[0]?.ended !== null);
  const [run] = next.records.state.runs.get('shop') ?? [];
  assert.deepEqual([run?.id, run?.ended?.report.verdict], [broken?.id, 'ready']);
  assert.deepEqual([counted('/other'), counted('/page'), counted('/held')], [1, 0, 2]);
  await next.stop();
  await dead.stop();
});

test('a run that looks at everything again does so over the end of its controller', async () => {
  const keeper = await opened();
  const first = keeper.run(ask(), never);
  await isHeld();
  letGo();
  await first;
  nowMs += 60_000;
  await keeper.start(ask({ again: true }));
  await isHeld();
  await until('the page was looked at again', () => counted('/page') === 2);
  await keeper.stop();
  letGo();
  const next = await opened();
  await isHeld();
  letGo();
  await until('it has ended', () => next.underWay('shop').length === 0);
  assert.deepEqual([counted('/held'), next.records.state.runs.get('shop')?.[0]?.ended?.report.verdict], [3, 'ready']);
  await next.stop();
});

test('a clock that is set back during a run proves nothing', async () => {
  const keeper = await opened();
  const run = keeper.run(ask(), never);
  await isHeld();
  await until('the page is on record', () => keeper.records.state.results.size === 1);
  nowMs -= day;
  letGo();
  const answer = await run;
  assert.equal(item(answer, 'web.page').status, 'unproven');
  assert.match(JSON.stringify(item(answer, 'web.page').why), /a clock was wrong/);
  await keeper.stop();
});

test('secrets are in no result and no record', async () => {
  const keeper = await opened();
  const answer = await keeper.run(ask({ phases: ['told'] }), never);
  assert.equal(item(answer, 'told.secret').status, 'fail');
  assert.match(JSON.stringify(item(answer, 'told.secret').result), /it is \[hidden\].*and \[hidden\]/);
  const all = await log.readAll(0, 1_000);
  for (const word of [secret, another]) assert(!JSON.stringify([answer, all]).includes(word));
  await keeper.stop();
});

test('all runs together have 32 checks under way', async () => {
  const keeper = await opened();
  const one = keeper.run(ask({ phases: ['many'] }), never);
  const two = keeper.run(ask({ phases: ['many'], version: '2.0.0' }), never);
  let most = 0;
  let ended = 0;
  await until('all were looked at', () => {
    most = Math.max(most, held.length);
    const now = keeper.underWay('shop').reduce((sum, run) => sum + run.now.length, 0);
    assert(now <= 32, `${now} at once`);
    if (held.length === Math.min(32, 80 - ended)) {
      ended += held.length;
      letGo();
    }
    return ended === 80;
  });
  assert.equal(most, 32);
  for (const { report } of await Promise.all([one, two])) assert.equal(report.verdict, 'ready');
  await keeper.stop();
});

test('claims, exemptions and signatures hold for the report that was read, and as long as they say', async () => {
  const keeper = await opened();
  const { records } = keeper;
  const of = { service: 'shop', checklist: './ours.yaml' };
  const asIs = () => keeper.answer(spec, '1.0.0', './ours.yaml');
  assert.equal(item(await asIs(), 'people.agreed').status, 'unproven');
  await records.change((_, atMs) => [
    {
      kind: 'item-confirmed',
      actor: 'anna',
      data: { ...of, item: 'people.agreed', comment: null, evidence: null, atMs, untilMs: atMs + day },
    },
    { kind: 'item-exempted', actor: 'boss', data: { ...of, item: 'web.page', reason: 'moves', atMs, untilMs: atMs + 2 * day } },
  ]);
  const before = await asIs();
  assert.deepEqual([item(before, 'people.agreed').status, item(before, 'web.page').status], ['pass', 'exempt']);
  assert.deepEqual(before.unsigned, ['security']);
  await records.change((_, atMs) => [
    { kind: 'report-signed', actor: 'boss', data: { ...of, role: 'security', comment: null, atMs, hash: before.hash } },
  ]);
  const signed = await asIs();
  assert.deepEqual([signed.unsigned, signed.signOffs.map(({ by }) => by), signed.hash], [[], ['boss'], before.hash]);
  const part = await (await keeper.start(ask({ phases: ['people'] }))).done;
  assert.deepEqual([part.report.phases.length, part.unsigned], [1, []], 'who has signed the whole has signed its parts');
  nowMs += day;
  const later = await asIs();
  assert.deepEqual([item(later, 'people.agreed').status, item(later, 'web.page').status], ['unproven', 'exempt']);
  assert.deepEqual(later.unsigned, ['security'], 'another report has another hash');
  nowMs += day;
  assert.equal(item(await asIs(), 'web.page').status, 'unproven');
  const next = await opened();
  assert.deepEqual(next.records.state, records.state, 'the next controller knows the same');
  await next.stop();
  await keeper.stop();
});

test('while the log cannot be written no run begins, and one that is under way ends without an answer and goes on later', async () => {
  const keeper = await opened();
  disk.isFull = true;
  await assert.rejects(keeper.start(ask()), { code: 'E_LOG_FAILING' });
  assert.deepEqual([keeper.underWay('shop'), counted('/page')], [[], 0]);
  disk.isFull = false;
  const { done } = await keeper.start(ask());
  await isHeld();
  disk.isFull = true;
  letGo();
  await assert.rejects(done, { code: 'E_LOG_FAILING' });
  disk.isFull = false;
  const next = await opened();
  await isHeld();
  letGo();
  await until('it has ended', () => next.records.state.runs.get('shop')?.[0]?.ended !== null);
  assert.equal(next.records.state.runs.get('shop')?.[0]?.ended?.report.verdict, 'ready');
  await next.stop();
  await keeper.stop();
});

test('a checklist, phase or item that there is not begins nothing', async () => {
  const keeper = await opened();
  await assert.rejects(keeper.start(ask({ checklist: 'productoin' })), { code: 'E_CHECKLIST', fix: /did you mean production/ });
  await assert.rejects(keeper.start(ask({ phases: ['wep'] })), { code: 'E_INPUT' });
  await assert.rejects(keeper.start(ask({ phases: null, items: ['web.none'] })), { code: 'E_INPUT' });
  assert.deepEqual(keeper.records.state.runs.size, 0);
  await keeper.stop();
});
