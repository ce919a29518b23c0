import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { controllerDefaults } from '../../spec/controller.ts';
import type { FlagRow, FlagView } from '../../views/flag-view.ts';
import { problemIn, Served } from '../access/server.fixture.ts';

const document = `apiVersion: rampart/v1
kind: FlagSet
metadata: { name: shop }
spec:
  flags:
    new-checkout:
      variants: { on: true, off: false }
      defaultVariant: off
      targeting: { if: [ { in: [ { var: email }, [tess@a.example] ] }, on, { fractional: [ [on, 0], [off, 1] ] } ] }
      metadata: { team: payments }
    banner:
      variants: { plain: { text: Hello }, festive: { text: Happy holidays, lights: 3 } }
      defaultVariant: plain
    page-size:
      variants: { small: 10, large: 50 }
      defaultVariant: small
    later:
      state: DISABLED
      variants: { on: true, off: false }
      defaultVariant: off
`;

describe('feature flags', () => {
  const server = new Served({
    rateLimits: { ...controllerDefaults.rateLimits, token: { perMinute: 2, perHour: 2 }, flags: { perMinute: 60_000 } },
  });
  let viewer = '';
  let client: Client;
  before(async () => {
    await server.up();
    await server.own('POST', '/api/v1/flag-sets', { document });
    viewer = (await server.token('app', [{ role: 'viewer', services: '*' }])).secret;
    const headers: [string, string][] = [['authorization', `Bearer ${viewer}`]];
    await OpenFeature.setProviderAndWait('rampart', new OFREPProvider({ baseUrl: server.host.url, headers }));
    client = OpenFeature.getClient('rampart');
  });
  after(async () => {
    await OpenFeature.close();
    await server.close();
  });

  const flag = (key: string) => server.own<FlagView>('GET', `/api/v1/flags/${key}`);
  const given = async (key: string): Promise<string> =>
    (await flag(key)).exposures.variants.map(({ variant, single, bulk }) => `${variant} ${single}+${bulk}`).join(', ');
  const ofrep = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    server.ask('POST', `/ofrep/v1/evaluate/flags${path}`, body, { token: viewer, headers });

  test('an OpenFeature SDK evaluates them: every type, targeting, and the default of what is not found', async () => {
    const email = { email: 'tess@a.example' };
    const details = await client.getBooleanDetails('new-checkout', false, { targetingKey: 'u1', ...email });
    assert.deepEqual([details.value, details.variant, details.reason], [true, 'on', 'TARGETING_MATCH']);
    assert.deepEqual(details.flagMetadata, { team: 'payments' });
    assert.equal(await client.getBooleanValue('new-checkout', true, { targetingKey: 'u1' }), false);
    assert.deepEqual(await client.getObjectValue('banner', {}), { text: 'Hello' });
    assert.equal(await client.getNumberValue('page-size', 1), 10);
    for (const key of ['later', 'nothing']) {
      const missing = await client.getBooleanDetails(key, true);
      assert.deepEqual([missing.value, missing.errorCode], [true, 'FLAG_NOT_FOUND']);
    }
    const keyless = await client.getBooleanDetails('new-checkout', true);
    assert.deepEqual([keyless.value, keyless.errorCode], [true, 'TARGETING_KEY_MISSING']);
    const wrong = await client.getStringDetails('new-checkout', 'x', { targetingKey: 'u1' });
    assert.deepEqual([wrong.value, wrong.errorCode], ['x', 'TYPE_MISMATCH']);
  });

  test('a share is sticky and grows, and the kill switch takes it from everybody in one call, on record', async () => {
    const users = Array.from({ length: 60 }, (_, i) => `user-${i}`);
    const having = async (): Promise<readonly string[]> => {
      const has = await Promise.all(users.map((targetingKey) => client.getBooleanValue('new-checkout', false, { targetingKey })));
      return users.filter((_, i) => has[i]);
    };
    await server.own('POST', '/api/v1/flags/new-checkout/share', { sharePpm: 100_000 });
    const few = await having();
    assert(few.length > 1 && few.length < 15, String(few.length));
    assert.deepEqual(await having(), few);
    await server.own('POST', '/api/v1/flags/new-checkout/share', { sharePpm: 500_000 });
    const many = await having();
    assert(many.length > 18 && many.length < 42, String(many.length));
    assert.deepEqual(
      few.filter((user) => !many.includes(user)),
      [],
    );
    const off = await server.own<FlagView>('POST', '/api/v1/flags/new-checkout/off', { by: 'tess', why: 'orders fail' });
    assert.equal(off.said, 'switched off: everybody has off');
    assert.deepEqual(await having(), []);
    const details = await client.getBooleanDetails('new-checkout', true);
    assert.deepEqual([details.value, details.reason], [false, 'DISABLED'], 'it needs no targeting key');
    // The next deployment of the document is no reason for it to come back.
    await server.own('POST', '/api/v1/flag-sets', { document: document.replace('defaultVariant: off', 'defaultVariant: on') });
    assert.deepEqual(await having(), []);
    await server.own('POST', '/api/v1/flag-sets', { document });

    const { entries } = await server.own<{
      entries: { kind: string; actor: string; why: string; subject: string; before: unknown }[];
    }>('GET', '/api/v1/audit?kind=flag-off');
    const [entry, second] = entries;
    assert.equal(second, undefined);
    assert.deepEqual([entry?.actor, entry?.why, entry?.subject], ['tess', 'orders fail', 'new-checkout']);
    assert.deepEqual(entry?.before, { kind: 'share', variant: 'on', sharePpm: 500_000 });
    await server.own('POST', '/api/v1/flags/new-checkout/reset', {});
  });

  test('everything comes back after a restart, and switching twice is one record', async () => {
    for (let times = 0; times < 3; times += 1)
      await server.own('POST', '/api/v1/flags/banner/share', { sharePpm: 1_000_000, variant: 'festive' });
    const before = await server.own<{ flags: FlagRow[] }>('GET', '/api/v1/flags');
    const { url } = server.host;
    await server.down();
    await server.up();
    const headers: [string, string][] = [['authorization', `Bearer ${viewer}`]];
    if (server.host.url !== url)
      await OpenFeature.setProviderAndWait('rampart', new OFREPProvider({ baseUrl: server.host.url, headers }));
    const now = await server.own<{ flags: FlagRow[] }>('GET', '/api/v1/flags');
    const without = ({ flags }: { flags: FlagRow[] }) => flags.map(({ exposures, ...row }) => row);
    assert.deepEqual(without(now), without(before));
    const { value } = await client.getObjectDetails('banner', {}, { targetingKey: 'u' });
    assert.deepEqual(value, { text: 'Happy holidays', lights: 3 });
    const { entries } = await server.own<{ entries: unknown[] }>('GET', '/api/v1/audit?kind=flag-share');
    assert.equal(entries.length, 3, 'two of new-checkout, one of banner');
    assert.deepEqual(await server.own('GET', '/api/v1/audit/verify').then((chain) => (chain as { kind: string }).kind), 'intact');
    await server.own('POST', '/api/v1/flags/banner/reset', {});
  });

  test('the errors of the protocol have its codes', async () => {
    const failure = async (path: string, body: unknown) => {
      const { status, body: answer } = await ofrep(path, body);
      const { key, errorCode, errorDetails } = answer as { key?: string; errorCode: string; errorDetails: string };
      assert(errorDetails.length > 5);
      return [status, key, errorCode];
    };
    assert.deepEqual(await failure('/nothing', { context: {} }), [404, 'nothing', 'FLAG_NOT_FOUND']);
    assert.deepEqual(await failure('/new-checkout', { context: {} }), [400, 'new-checkout', 'TARGETING_KEY_MISSING']);
    assert.deepEqual(await failure('/new-checkout', { context: [] }), [400, 'new-checkout', 'INVALID_CONTEXT']);
    assert.deepEqual(await failure('/banner', { context: { targetingKey: 7 } }), [400, 'banner', 'INVALID_CONTEXT']);
    assert.deepEqual(await failure('/banner', { context: { a: 'x'.repeat(70_000) } }), [400, 'banner', 'INVALID_CONTEXT']);
    assert.deepEqual(await failure('', { context: 'me' }), [400, undefined, 'INVALID_CONTEXT']);
    const list = (await ofrep('/banner', [])).body as { errorDetails: string };
    assert.match(list.errorDetails, /^body: expected JSON such as \{ "context"/);
    const response = await fetch(`${server.host.url}/ofrep/v1/evaluate/flags/banner`, {
      method: 'POST',
      headers: { authorization: `Bearer ${viewer}`, 'content-type': 'application/json' },
      body: '{ "context": ',
    });
    assert.equal(response.status, 400);
    assert.equal(((await response.json()) as { errorCode: string }).errorCode, 'PARSE_ERROR');
  });

  test('all at once have a tag, and an unchanged answer is 304 until a flag is switched', async () => {
    const context = { targetingKey: 'u1' };
    const counted = await given('page-size');
    const first = await ofrep('', { context });
    const tag = first.headers.get('etag') ?? '';
    const { flags } = first.body as { flags: { key: string; variant: string; reason: string }[] };
    assert.deepEqual(
      flags.map(({ key, variant, reason }) => `${key} ${variant} ${reason}`),
      ['new-checkout off TARGETING_MATCH', 'banner plain STATIC', 'page-size small STATIC'],
    );
    assert.match(tag, /^"[\w-]{20,}"$/);
    const same = await ofrep('', { context }, { 'if-none-match': `"other", ${tag}` });
    assert.deepEqual([same.status, same.body], [304, null]);
    assert.notEqual(await given('page-size'), counted);
    assert.match(await given('page-size'), /^small \d+\+1, large 0\+0$/, 'what was not sent again is not counted again');
    await server.own('POST', '/api/v1/flags/page-size/share', { sharePpm: 1_000_000 });
    const next = await ofrep('', { context }, { 'if-none-match': tag });
    assert.equal(next.status, 200);
    assert.notEqual(next.headers.get('etag'), tag);
    const keyless = await ofrep('', {});
    const missing = (keyless.body as { flags: { key: string; errorCode?: string }[] }).flags.filter(({ errorCode }) => errorCode);
    assert.deepEqual(
      missing.map(({ key, errorCode }) => `${key} ${errorCode}`),
      ['new-checkout TARGETING_KEY_MISSING'],
      'everybody has the large pages, also who has no key',
    );
    await server.own('POST', '/api/v1/flags/page-size/reset', {});
  });

  test('exposures are counted by variant; only the numbers without names need no credential', async () => {
    await server.own('POST', '/api/v1/flag-sets', {
      document: document
        .replace('name: shop', 'name: counted')
        .replace(/^ {4}(new-checkout|banner|page-size|later):/gm, '    counted-$1:'),
    });
    for (let times = 0; times < 3; times += 1) await client.getObjectValue('counted-banner', {});
    assert.equal(await given('counted-banner'), 'plain 3+0, festive 0+0');
    const metrics = async (path: string, headers: Record<string, string>): Promise<string> => {
      const response = await fetch(`${server.host.url}${path}`, { headers });
      assert.equal(response.status, 200);
      return await response.text();
    };
    const open = await metrics('/metrics', {});
    const total = Number(/^rampart_flag_evaluations_total\{outcome="value"\} (\d+)$/m.exec(open)?.[1]);
    assert(total >= 3, String(total));
    assert.match(open, /^rampart_flag_evaluations_total\{outcome="FLAG_NOT_FOUND"\} \d+$/m);
    assert.doesNotMatch(open, /banner/);
    const named = await metrics('/api/v1/flag-metrics', { authorization: `Bearer ${server.ownerToken}` });
    assert.match(named, /^rampart_flag_exposures_total\{flag="counted-banner",variant="plain",how="single"\} 3$/m);
    await server.own('DELETE', '/api/v1/flag-sets/counted?why=done');
    assert.equal((await server.ask('GET', '/api/v1/flags/counted-banner', undefined, { token: server.ownerToken })).status, 404);
  });

  test('who may what: viewers evaluate, approvers switch off, operators change', async () => {
    const { secret: approver } = await server.token('eve', [{ role: 'approver', services: '*' }]);
    const { secret: narrow } = await server.token('narrow', [{ role: 'operator', services: ['checkout'] }]);
    const put = (token: string, what: string, body?: unknown) =>
      server.ask('POST', `/api/v1/flags/later/${what}`, body, { token });
    assert.equal((await server.ask('POST', '/ofrep/v1/evaluate/flags/banner', {})).status, 401);
    assert.equal(problemIn(await put(viewer, 'off')), '403 E_FORBIDDEN token app may not switch flags off');
    assert.equal((await put(approver, 'off')).status, 200);
    assert.equal(problemIn(await put(approver, 'reset')), '403 E_FORBIDDEN token eve may not change flags');
    assert.equal(problemIn(await put(narrow, 'off')), '403 E_FORBIDDEN token narrow may not switch flags off');
    // Two requests a minute are all that these tokens have; a kill switch is none of them.
    for (let times = 0; times < 5; times += 1) assert.equal((await put(approver, 'off')).status, 200);
    assert.equal((await put(approver, 'reset')).status, 403);
    assert.equal((await put(approver, 'reset')).status, 429);
    await server.own('POST', '/api/v1/flags/later/reset', {});
  });

  test('mistakes are told with their place, and nothing of such a document counts', async () => {
    const ask = (body: unknown, path = '/flag-sets') => server.ask('POST', `/api/v1${path}`, body, { token: server.ownerToken });
    const two = `${document.replace('name: shop', 'name: fine').replaceAll(/^ {4}(\S+):$/gm, '    fine-$1:')}---\n${document.replace('fractional', 'fractionl')}`;
    const mistaken = await ask({ document: two, file: 'flags.yaml' });
    assert.equal(mistaken.status, 422);
    const { problems } = mistaken.body as { problems: { file: string; line: number; column: number; message: string }[] };
    assert.deepEqual(
      problems.map(({ file, line, column }) => `${file}:${line}:${column}`),
      ['flags.yaml:30:78'],
    );
    assert.equal((await ask(undefined, '/flags/fine-banner/off')).status, 404);
    const taken = await ask({ document: document.replace('name: shop', 'name: other') });
    assert.equal(problemIn(taken), '409 E_REFUSED the flag new-checkout belongs to the set shop');
    assert.equal(
      problemIn(await ask({ sharePpm: 1 }, '/flags/later/share')),
      '409 E_REFUSED later is DISABLED in its document, so no share of it counts',
    );
    const dry = await ask({ document: document.replace('large: 50', 'large: 60').replace('later:', 'soon:'), dryRun: true });
    assert.deepEqual(dry.body, {
      dryRun: true,
      sets: [{ name: 'shop', added: ['soon'], changed: ['page-size'], removed: ['later'] }],
    });
    assert.equal((await flag('later')).key, 'later');
  });
});
