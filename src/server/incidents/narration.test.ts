import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { ChatEndpoint } from '../../runtime/incidents/chat-endpoint.fixture.ts';
import type { NarrationView } from '../../views/narration-view.ts';
import type { PostMortem } from '../../views/post-mortem/types.ts';
import { type Answer, admin, Served } from '../access/server.fixture.ts';

test('an incident is narrated when somebody asks: off without a document, apart from what is proven, on record', async (t) => {
  const served = new Served({}, { NARRATION_KEY: ChatEndpoint.key });
  t.after(() => served.close());
  await served.up();
  const endpoint = await ChatEndpoint.start(t, 'm-1');
  const token = async (name: string, role: 'viewer' | 'reporter') => (await served.token(name, [{ role, services: '*' }])).secret;
  const [viewer, reporter] = await Promise.all([token('vera', 'viewer'), token('rita', 'reporter')]);
  const stranger = (await served.token('stranger', [{ ...admin, services: ['other'] }])).secret;
  const opened = await served.own<{ id: string }>('POST', '/api/v1/incidents', {
    title: 'Orders fail',
    severity: 'P0',
    why: '5 complaints',
  });
  const path = `/api/v1/incidents/${opened.id}/narration`;
  const ask = async (as: string, method = 'POST', body: unknown = method === 'POST' ? { why: 'for the review' } : undefined) =>
    await served.ask(method, path, body, { token: as });
  const view = async () => (await ask(viewer, 'GET')).body as NarrationView;

  const off = await ask(reporter);
  assert.deepEqual([off.status, codeOf(off)], [409, 'E_REFUSED']);
  assert.match((off.body as { fix: string }).fix, /kind Narration/);
  assert.deepEqual(await view(), { model: null, pending: null, narration: null, failure: null, leftOut: '' });

  const text = `apiVersion: rampart/v1
kind: Narration
metadata: { name: llm }
spec: { baseUrl: "${endpoint.baseUrl}", model: m-1, key: { env: NARRATION_KEY }, timeout: 1m }
`;
  await served.own('PUT', '/api/v1/incidents/setup', { files: [{ file: 'narration.yaml', text }] });
  assert.equal((await served.own<{ narration: string }>('GET', '/api/v1/incidents/setup')).narration, 'llm');
  assert.deepEqual(
    [codeOf(await ask(viewer)), codeOf(await ask(stranger)), codeOf(await ask(stranger, 'GET'))],
    ['E_FORBIDDEN', 'E_UNKNOWN_INCIDENT', 'E_UNKNOWN_INCIDENT'],
  );
  assert.equal(codeOf(await ask(reporter, 'POST', { language: 'de' })), 'E_INPUT');
  assert.deepEqual((await ask(reporter)).body, { done: true, said: 'm-1 is asked for a narration' });
  await until('it is narrated', async () => (await view()).narration !== null);

  const { narration, leftOut, model } = await view();
  assert.equal(model, 'm-1');
  assert.equal(leftOut, '1 citing no event');
  const [sentence] = narration?.sentences ?? [];
  assert.match(sentence?.text ?? '', /P0 opened by .*: Orders fail/);
  const known = (await served.ask('GET', `/api/v1/incidents/${opened.id}/post-mortem`, undefined, { token: viewer }))
    .body as PostMortem;
  assert.ok(
    known.entries.some(({ seq }) => seq === sentence?.seqs[0]),
    'what it cites is in the timeline',
  );
  assert.deepEqual(known.narration, narration);

  const report = async (lang: string) =>
    String(
      (await served.ask('GET', `/api/v1/incidents/${opened.id}/post-mortem/report?lang=${lang}`, undefined, { token: viewer }))
        .body,
    );
  assert.match(
    await report('en'),
    /### Narration written by model m-1, .*\n\nFrom the events that each sentence cites; checked against them, and not proven\. Sentences left out: 1 citing no event\n\n- It is on record/,
  );
  assert.match(await report('ru'), /### Пересказ, написанный моделью m-1/);
  await served.own('PUT', `/api/v1/incidents/${opened.id}/post-mortem`, { texts: { summary: 'orders failed' } });
  assert.doesNotMatch(
    await report('en'),
    /Narration written/,
    'once a person has written the summary, the draft is of no more use',
  );

  const { entries } = await served.own<{ entries: readonly { kind: string; why: string }[] }>(
    'GET',
    '/api/v1/audit?actor=rita&limit=5',
  );
  assert.deepEqual(
    entries.map(({ kind, why }) => [kind, why]),
    [['incident-narration-asked', 'for the review']],
  );
  const whole = JSON.stringify(await served.own('GET', `/api/v1/incidents/${opened.id}/events`));
  assert.match(whole, /narration by m-1: \d sentences?, 1 left out/);
  assert.ok(!whole.includes(ChatEndpoint.key));
  await served.down();
  await served.up();
  assert.deepEqual((await view()).narration, narration, 'a restart forgets nothing');
});

function codeOf({ body }: Answer): string {
  return (body as { code?: string }).code ?? 'no problem';
}
