import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import type { Replay } from '../../src/views/replay.ts';
import type { ReleaseView, ServiceView } from '../../src/views/service-view.ts';
import { type Placed, rampart, Stage, until } from './stage.ts';
import { Users } from './users.ts';

/** What the guard says of a version that fails every second request, in each language. */
const said = {
  en: /2\.0\.0 fails \d+ of \d+ requests/,
  ru: /у 2\.0\.0 не удал(ся|ись) \d+ из \d+ запрос/,
} as const;

const stage = new Stage();
let shop: Placed;
let bad: ReleaseSummary;

before(async () => {
  await stage.up();
  shop = await stage.place('shop');
  await stage.install(shop, '1.0.0');
  const users = new Users(shop.port, 60);
  try {
    await until('the users are served', () => users.answered > 30);
    stage.behaves('2.0.0', { failEvery: 2 });
    bad = await stage.json<ReleaseSummary>(1, 'release', shop.file, '--version', '2.0.0', '--wait');
  } finally {
    await users.stop();
  }
});
after(() => stage.close());

test('a release that was taken back is told over the API in the language that is asked for', async () => {
  const ways: readonly [query: string, header: string | null, language: 'en' | 'ru'][] = [
    ['', null, 'en'],
    ['?lang=ru', null, 'ru'],
    ['', 'ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
    ['?lang=en', 'ru', 'en'],
    ['?lang=ru', 'en', 'ru'],
    ['', 'de, *;q=0.1', 'en'],
  ];
  for (const [query, header, language] of ways) {
    const { body: release, headers } = await asked<ReleaseView>(`/releases/${bad.release}${query}`, header);
    const { body: service } = await asked<ServiceView>(`/services/${shop.name}${query}`, header);
    const { body: all } = await asked<{ services: readonly ServiceView[] }>(`/services${query}`, header);
    const { body: series } = await asked<Replay>(`/releases/${bad.release}/series${query}`, header);
    const sentences = [
      release.summary?.reason,
      release.doing,
      release.verdict?.sentence,
      release.verdict?.metrics.find(({ metric }) => metric === 'errors')?.sentence,
      service.ended[0]?.reason,
      all.services[0]?.ended[0]?.reason,
      series.recorded?.reason,
      series.abort?.sentence,
      series.points.at(-1)?.sentence,
      ...series.marks.flatMap((mark) =>
        mark.kind === 'abort' || (mark.kind === 'verdict' && mark.verdict === 'fail') ? [mark.sentence] : [],
      ),
    ];
    assert.equal(sentences.length, 11, 'a failed verdict and an abort are marked');
    for (const sentence of sentences) assert.match(sentence ?? '', said[language], `${query} ${header}`);
    assert.deepEqual([headers.get('content-language'), headers.get('vary')], [language, 'accept-language']);
  }
});

test('nothing but sentences depends on the language', async () => {
  const english = (await asked<Replay>(`/releases/${bad.release}/series`, null)).body;
  const russian = (await asked<Replay>(`/releases/${bad.release}/series?lang=ru&after=0`, null)).body;
  assert.notDeepEqual(russian, english);
  assert.deepEqual(withoutSentences(russian), withoutSentences(english));
  assert.deepEqual((await asked<Replay>(`/releases/${bad.release}/series`, null)).body, english);
});

test('a language that there is not is refused with those that there are', async () => {
  for (const path of ['/services', `/services/${shop.name}`, `/releases/${bad.release}`, `/releases/${bad.release}/series`])
    for (const query of ['lang=de', 'lang=', 'lang=ru&lang=en', 'lang=RU']) {
      const { status, body, headers } = await asked<{ code: string; where: string; title: string }>(`${path}?${query}`, 'ru');
      assert.equal(status, 400, `${path} ${query}`);
      assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.deepEqual([body.code, body.where, headers.get('content-language')], ['E_INPUT', 'lang', 'en']);
      assert.match(body.title, /expected one of en, ru/);
    }
});

test('status, watch and replay speak Russian when they are asked to', async () => {
  const status = await stage.cli('status', shop.name, '--lang', 'ru');
  assert.equal(status.code, 0, status.err);
  assert.match(status.out.replaceAll(/\s+/g, ' '), new RegExp(`last 2\\.0\\.0 rolled-back: ${said.ru.source}`));
  assert.match((await stage.cli('status', shop.name)).out.replaceAll(/\s+/g, ' '), said.en);
  const watched = await stage.json<ServiceView>(0, 'watch', shop.name, '--until-end', '--lang', 'ru');
  assert.match(watched.ended[0]?.reason ?? '', said.ru);
  const replay = await stage.cli('replay', shop.name, '--lang', 'ru');
  assert.equal(replay.code, 1, replay.err);
  assert.match(replay.out, new RegExp(`^recorded: rolled-back\\. ${said.ru.source}`, 'm'));
  assert.match(replay.out, new RegExp(` fail +${said.ru.source}`));
  assert.match(replay.out, new RegExp(`its own guard aborts at .*: ${said.ru.source}`));
  assert.doesNotMatch(replay.out, said.en);
  const json = await stage.json<Replay>(1, 'replay', bad.release, '--lang', 'ru');
  assert.deepEqual(json, (await asked<Replay>(`/releases/${bad.release}/series?lang=ru`, null)).body);
});

test('RAMPART_LANG is the language where none is named, and a wrong one is named as what it is', () => {
  const status = (lang: string, ...args: readonly string[]) => run(lang, '', 'status', shop.name, ...args);
  assert.match(status('ru').out.replaceAll(/\s+/g, ' '), said.ru);
  assert.match(status('ru', '--lang', 'en').out.replaceAll(/\s+/g, ' '), said.en);
  assert.match(status('').out.replaceAll(/\s+/g, ' '), said.en);
  assert.match(status('de', '--lang', 'ru').out.replaceAll(/\s+/g, ' '), said.ru);
  for (const { code, err } of [status('de'), run('de', '', 'replay', 'nobody'), run('de', '', 'judge')]) {
    assert.equal(code, 2, err);
    assert.match(err, /no sentences in the language "de"\n {2}where: RAMPART_LANG\n {2}do: give one of en, ru/);
  }
});

test('a guard that aborts a good release says why in Russian too', async () => {
  const users = new Users(shop.port, 60);
  try {
    stage.behaves('1.1.0', { failEvery: 25 });
    await stage.json<ReleaseSummary>(0, 'release', shop.file, '--version', '1.1.0', '--wait');
  } finally {
    await users.stop();
  }
  const strict = await stage.place('strict', { release: { guard: '{ errors: { worseBy: 0%, max: 0.1% }, minRequests: 5 }' } });
  const { code, out } = await stage.cli('replay', '--all-good', shop.name, '--guard', strict.file, '--lang', 'ru');
  assert.equal(code, 1, out);
  assert.match(out, /^ {2}1\.1\.0 .*: у 1\.1\.0 не удал(ся|ись) \d+ из \d+ запрос/m);
});

test('judge gives its reasons in Russian, with the same verdicts', () => {
  const counts = (n: number, e: number) => ({ n, e, h: n > 0 ? [36, n] : [] });
  const messages = [
    { op: 'open', run: 'a', tick_s: 1, steps: [{ at: 0, w: 0.1 }] },
    { op: 'tick', run: 'a', t: 0, w: 0.1, stable: counts(90, 0), canary: counts(0, 0) },
    { op: 'tick', run: 'a', t: 1, w: 0.1, stable: counts(90, 0), canary: counts(10, 0) },
    { op: 'tick', run: 'a', t: 2, w: 0.1, stable: counts(90, 0), canary: counts(10, 9) },
  ];
  const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
  const [english, russian] = [[], ['--lang', 'ru']].map((args) => {
    const { code, out, err } = run('', input, 'judge', ...args);
    assert.equal(code, 0, err);
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { verdict: string; reason?: string });
  });
  assert.deepEqual(
    russian?.map(({ verdict }) => verdict),
    english?.map(({ verdict }) => verdict),
  );
  assert.equal(russian?.at(-2)?.reason, 'у candidate было 10 из 20 запросов, которых требует этот шаг');
  assert.equal(russian?.at(-1)?.verdict, 'abort');
  assert.match(russian?.at(-1)?.reason ?? '', /^у candidate не удались 9 из \d+ запросов/);
  assert.match(english?.at(-1)?.reason ?? '', /^candidate fails 9 of \d+ requests/);
});

/** A command with that RAMPART_LANG and this to read. */
function run(lang: string, input: string, ...args: readonly string[]): { code: number | null; out: string; err: string } {
  const env = { ...stage.environment, RAMPART_LANG: lang };
  const { status, stdout, stderr } = spawnSync(process.execPath, [rampart, ...args], {
    cwd: stage.folder,
    env,
    input,
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  return { code: status, out: stdout, err: stderr };
}

/** An answer of the API to a request with exactly this `Accept-Language`. */
async function asked<T>(path: string, language: string | null): Promise<{ status: number; body: T; headers: Headers }> {
  const { url, token } = stage.door();
  const response = await fetch(`${url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(language === null ? {} : { 'accept-language': language }) },
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: (await response.json()) as T, headers: response.headers };
}

function withoutSentences(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, one) => (key === 'sentence' || key === 'reason' ? undefined : one)));
}
