import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canary, database, Story, weight } from '../release/story.fixture.ts';
import { health } from './health.ts';
import { needs } from './needs.ts';
import { releaseView, serviceView } from './service-view.ts';

/** What people read of the live release. */
function read(story: Story, language: 'en' | 'ru') {
  const { doing, verdict, summary } = releaseView(story.live, story.state, story.at, language);
  return { doing, verdict: verdict?.sentence, summary };
}

/** What people read of the release that ended last. */
function end(story: Story, language: 'en' | 'ru'): string | undefined {
  const view = serviceView(story.state, story.at, language);
  const [release] = story.state.ended;
  assert(release);
  const one = releaseView(release, story.state, story.at, language);
  assert.deepEqual(view.ended[0], one.summary);
  assert.equal(one.doing, one.summary?.reason);
  return view.ended[0]?.reason;
}

test('a release that the guard takes back says why in both languages, while it goes back and when it has', () => {
  const story = new Story().release().confirm().seconds(8);
  while (story.now !== 'rolling-back route') story.seconds(1, 0.5);
  assert.match(read(story, 'en').doing, /^takes all traffic back: 2\.0\.0 fails \d+ of \d+ requests/);
  assert.match(read(story, 'ru').doing, /^возвращает весь трафик: у 2\.0\.0 не удал(ся|ись) \d+ из \d+ запрос/);
  assert.match(read(story, 'ru').verdict ?? '', /^у 2\.0\.0 не удал(ся|ись) \d+ из \d+ запрос/);
  assert.match(read(story.wait(10_000), 'ru').doing, /^маршрутизатор не подтверждает возврат; попытки продолжаются: у 2\.0\.0 /);
  story.confirm();
  for (const beginning of ['даёт 2.0.0 закончить начатое: у', 'останавливает 2.0.0: у'])
    while (!read(story, 'ru').doing.startsWith(beginning)) {
      assert.equal(story.state.live?.phase.kind, 'rolling-back', beginning);
      story.seconds(1);
    }
  story.retire();
  assert.match(end(story, 'en') ?? '', /^2\.0\.0 fails \d+ of \d+ requests [^а-я]+\.$/);
  assert.match(end(story, 'ru') ?? '', /^у 2\.0\.0 не удал(ся|ись) \d+ из \d+ запрос[^a-z]+\.$/);
});

test('a hold for want of evidence quotes the guard in both languages, and so does the rollback that ends it', () => {
  const story = new Story().release().confirm();
  story.seconds(3, 0, 0);
  while (!story.now.startsWith('held')) story.seconds(1, 0, 0);
  assert.match(read(story, 'en').doing, /^held: 2\.0\.0 had 0 of the 20 requests that this step asks for$/);
  assert.match(read(story, 'ru').doing, /^приостановлен: у 2\.0\.0 было 0 из 20 запросов, которых требует этот шаг$/);
  while (story.now.startsWith('held')) story.seconds(1, 0, 0);
  assert.match(
    read(story, 'en').doing,
    /^takes all traffic back: held for too long: 2\.0\.0 had 0 of the 20 requests that this step asks for$/,
  );
  assert.match(
    read(story, 'ru').doing,
    /^возвращает весь трафик: слишком долго приостановлен: у 2\.0\.0 было 0 из 20 запросов, которых требует этот шаг$/,
  );
});

test('the requests that a step asks for are told in both languages', () => {
  const steps = [{ kind: 'weight' as const, weightPpm: 100_000, minMs: 5_000, maxMs: 8_000, minRequests: 4_000 }];
  const story = new Story().release({ strategy: { kind: 'canary', steps } }).confirm();
  while (!story.now.startsWith('held')) story.seconds(1);
  assert.match(read(story, 'en').doing, /^held: 2\.0\.0 had \d+ of the 4,000 requests that this step asks for$/);
  assert.match(
    read(story, 'ru').doing.replaceAll('\u00a0', ' '),
    /^приостановлен: у 2\.0\.0 было \d+ из 4 000 запросов, которых требует этот шаг$/,
  );
});

test('a stable version that fails its checks after the rollback is told as the reason is', () => {
  const story = new Story().release().confirm().seconds(8);
  while (story.now !== 'rolling-back route') story.seconds(1, 0.5);
  story.instances('1.0.0', 'unready').confirm().seconds(5).retire();
  assert.match(
    end(story, 'en') ?? '',
    /\. Attention: 1\.0\.0 fails its checks after the rollback: 0 of 1 instances of 1\.0\.0 are ready$/,
  );
  assert.match(
    end(story, 'ru') ?? '',
    /\. Внимание: 1\.0\.0 не проходит проверки после отката: готовы 0 из 1 экземпляров 1\.0\.0/,
  );
});

test('what people and deadlines did is told in both languages too; what a program has said stays as it was said', () => {
  const paused = new Story().release().confirm().seconds(3).verb('pause');
  assert.equal(read(paused, 'en').doing, 'held: paused by anna');
  assert.equal(read(paused, 'ru').doing, 'приостановлен: приостановил(а) anna');
  paused.wait(60_000);
  assert.equal(read(paused, 'en').doing, 'takes all traffic back: held for too long: paused by anna');
  assert.equal(read(paused, 'ru').doing, 'возвращает весь трафик: слишком долго приостановлен: приостановил(а) anna');
  const aborted = new Story().release().confirm().seconds(3).verb('abort');
  assert.equal(read(aborted, 'ru').doing, 'возвращает весь трафик: прервал(а) anna');
  aborted.confirm().seconds(5).retire();
  assert.equal(end(aborted, 'ru'), 'прервал(а) anna.');
  assert.equal(end(new Story().install(), 'ru'), '1.0.0 стала стабильной');
  const crashed = new Story().install().request('2.0.0').validated();
  crashed.tell({ kind: 'ensure-failed', version: '2.0.0', reason: 'exit code 1: no such table' });
  assert.match(read(crashed, 'ru').doing, /: 2\.0\.0 не запускается: exit code 1: no such table$/);
});

test('every step has its kind, its weight and how long it takes, in words of both languages', () => {
  const story = new Story().release().confirm().seconds(3);
  const { steps } = releaseView(story.live, story.state, story.at, 'ru');
  assert.deepEqual(
    steps.map(({ kind, weight }) => [kind, weight]),
    story.live.plan.steps.map(({ kind }, index) => [kind, steps[index]?.weight]),
  );
  const [first, second] = steps;
  assert.deepEqual([first?.kind, first?.text, first?.state], ['weight', 'направить 10 % запросов', 'done']);
  assert.deepEqual([second?.kind, second?.weight, second?.state], ['observe', 10, 'now']);
  assert.match(second?.text ?? '', /^наблюдать 10 с/);
  assert(second?.minMs === 10_000 && second.maxMs === 30_000);
  for (const { text } of steps) assert.match(text, /[а-я]/);
});

test('every verb says whether it would do something, and why not', () => {
  const story = new Story().release().confirm().seconds(8);
  const refusals = (language: 'en' | 'ru') =>
    Object.fromEntries(
      releaseView(story.live, story.state, story.at, language).verbs.map(({ verb, refusal }) => [verb, refusal]),
    );
  assert.deepEqual(refusals('en'), {
    approve: 'it does not wait for an approval',
    pause: null,
    resume: 'it is not paused',
    promote: null,
    retry: 'nothing in it waits for another try',
    abort: null,
  });
  while (story.now !== 'rolling-back route') story.seconds(1, 0.5);
  assert.match(refusals('en').abort ?? '', /^it is going back already: 2\.0\.0 fails \d+ of \d+ requests/);
  assert.match(refusals('ru').abort ?? '', /^выпуск уже возвращается: у 2\.0\.0 не удал/);
  const { live } = story;
  story.confirm();
  while (story.state.live) story.seconds(5).retire();
  const [ended] = story.state.ended;
  assert(ended);
  const alone = releaseView(ended, null, story.at, 'en').verbs;
  assert.deepEqual(alone, releaseView(ended, story.state, story.at, 'en').verbs);
  assert.match(alone[0]?.refusal ?? '', new RegExp(`^release ${live.id} has ended \\(rolled-back\\).+because: 2\\.0\\.0 fails`));
});

test('whoever has started a release reads that another has to approve it, and nobody else does', () => {
  const story = new Story()
    .install()
    .request('2.0.0', { approval: { expiresMs: 60_000, by: 'another' } })
    .validated();
  const approve = (language: 'en' | 'ru') => releaseView(story.live, story.state, story.at, language).verbs[0];
  const refusalToStarter = 'anna has started it, so another has to approve it';
  assert.deepEqual(approve('en'), { verb: 'approve', refusal: null, refusalToStarter });
  assert.match(approve('ru')?.refusalToStarter ?? '', /^выпуск начал anna/);
  const byAnybody = new Story()
    .install()
    .request('2.0.0', { approval: { expiresMs: 60_000 } })
    .validated();
  const [asked] = releaseView(byAnybody.live, byAnybody.state, byAnybody.at, 'en').verbs;
  assert.deepEqual(asked, { verb: 'approve', refusal: null, refusalToStarter: null });
});

test('the plan of a release that went back shows where it was stopped', () => {
  const story = new Story().release().confirm().seconds(8);
  while (story.now !== 'rolling-back route') story.seconds(1, 0.5);
  const states = () => releaseView(story.live, story.state, story.at, 'en').steps.map(({ state }) => state);
  assert.deepEqual(states().slice(0, 3), ['done', 'stopped', 'next']);
  const queued = new Story().install().request('2.0.0').validated();
  assert(releaseView(queued.live, queued.state, queued.at, 'en').steps.every(({ state }) => state === 'next'));
});

test('a database that does not go back, or must not, is told in both languages, and needs a person', () => {
  const back = (name: string) =>
    new Story()
      .migrated(canary(weight(10)), database(['a', name]))
      .verb('abort')
      .confirm()
      .seconds(2)
      .retire();
  const cases = [
    [
      back('!b'),
      'held',
      'held',
      /^held: b cannot be undone, so nothing is migrated down: people have to decide; abort ends/,
      /^приостановлен: b — необратимая миграция/,
    ],
    [
      back('b').hook(false),
      'rollback-failed',
      'rollback-failed',
      /^the database does not go back \(exit code 1\); keeps trying, and abort leaves it as it is: aborted by anna$/,
      /^база данных не возвращается \(exit code 1\); попытки продолжаются/,
    ],
  ] as const;
  for (const [story, state, need, english, russian] of cases) {
    const view = releaseView(story.live, story.state, story.at, 'en');
    assert.equal(view.state, state);
    assert.match(view.doing, english);
    assert.match(releaseView(story.live, story.state, story.at, 'ru').doing, russian);
    assert.equal(view.verbs.find(({ verb }) => verb === 'abort')?.refusal, null);
    const level = health(story.state, null, [], story.at, 'en');
    assert.equal(needs(story.state, level, story.at, 'en')[0]?.kind, need);
    assert.notEqual(level.level, 'healthy');
  }
  const failed = new Story()
    .install()
    .request('2.0.0', database(['a']))
    .validated()
    .hook()
    .hook(false)
    .hook();
  const [ended] = failed.state.ended;
  assert(ended);
  const { steps } = releaseView(ended, null, failed.at, 'ru');
  assert.deepEqual(
    steps.slice(0, 3).map(({ text, state }) => [text, state]),
    [
      ['сделать резервную копию базы данных', 'done'],
      ['миграция базы данных: a', 'stopped'],
      ['направить 10 % запросов', 'next'],
    ],
  );
});
