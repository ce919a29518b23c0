import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy, Look, MetricPolicy, Verdict } from './guard.ts';
import type { Counts, ErrorClass, MetricReading } from './sample.ts';
import { uniform } from './simulated-traffic.fixture.ts';
import { openGuard, watch } from './watch.ts';

const start = 1_700_000_000;
const names = { candidate: '1.1.0', stable: '1.0.0' };
const plain: GuardPolicy = { errors: { worseByPpm: 5_000, maxPpm: 50_000 }, latency: [], minRequests: 20 };

const declined: MetricPolicy = { kind: 'ratio', name: 'declined', worseByPpm: 10_000, maxPpm: 100_000, warnPpm: 50_000 };
const cpu: MetricPolicy = { kind: 'gauge', name: 'cpu', worseByPpm: 200_000, max: 95, warn: 80, forS: 30 };

function counts(n: number, metrics: Readonly<Record<string, MetricReading>> = {}, classes: Counts['classes'] = {}): Counts {
  const errors = Object.values(classes).reduce((sum, count) => sum + count, 0);
  return { n, errors, classes, histogram: [36, n], slower: [], metrics };
}

function look(second: number, candidate: Counts | null, stable: Counts | null, weight = 10): Look {
  return { step: 0, sample: { second: start + second, edgesMs: [], weight, candidate, stable } };
}

/** The verdict after the last look, and the second of the first `fail`. */
function play(policy: GuardPolicy, looks: Iterable<Look>): { verdict: Verdict; failedS: number | null } {
  let state = openGuard(policy, names);
  let verdict: Verdict | null = null;
  for (const each of looks) {
    ({ state, verdict } = watch(state, each));
    // Whatever is in it has to survive a restart.
    state = JSON.parse(JSON.stringify(state));
    if (verdict.kind === 'fail') return { verdict, failedS: each.sample.second - start };
  }
  assert.ok(verdict);
  return { verdict, failedS: null };
}

function* seconds(n: number, at: (second: number) => Look): Generator<Look> {
  for (let second = 0; second < n; second++) yield at(second);
}

const of = (verdict: Verdict, metric: string, testName: string) =>
  verdict.metrics.filter((one) => one.metric === metric && one.test === testName);

test('a share of the user’s own that gets worse goes back, with its name and counts', () => {
  // Declined payments, read every 15 s; requests themselves are fine.
  const at = (bad: number) => (second: number) =>
    second % 15 === 14
      ? look(second, counts(10, { declined: { bad, n: 30 } }), counts(90, { declined: { bad: 3, n: 300 } }))
      : look(second, counts(10), counts(90));
  const policy = { ...plain, metrics: [{ ...declined, maxPpm: null, warnPpm: null }] };
  const { verdict, failedS } = play(policy, seconds(300, at(6)));
  assert.ok(failedS !== null && failedS <= 60, `${failedS} s`);
  assert.match(verdict.sentence, /^declined: 1\.1\.0 has \d+ of \d+ where 1\.0\.0 has \d+ of [\d,]+; evidence/);
  assert.equal(play(policy, seconds(1200, at(0))).verdict.kind, 'pass');
});

test('a share above its warning makes people decide, above its limit it goes back', () => {
  const at = (bad: number) => (second: number) =>
    look(second, counts(10, { declined: { bad, n: 100 } }), counts(90, { declined: { bad: 1, n: 900 } }));
  const policy = { ...plain, metrics: [{ ...declined, worseByPpm: null }] };
  const warned = play(policy, seconds(120, at(8)));
  assert.equal(warned.failedS, null);
  assert.equal(warned.verdict.kind, 'undecided');
  assert.match(warned.verdict.sentence, /^declined: 1\.1\.0 has [\d,]+ of [\d,]+; above 5 % people decide$/);
  const failed = play(policy, seconds(120, at(30)));
  assert.match(failed.verdict.sentence, /^declined: 1\.1\.0 has [\d,]+ of [\d,]+; the limit is 10 %$/);
});

test('a warning that stable gives as well holds nothing', () => {
  const at = (second: number) =>
    look(second, counts(10, { declined: { bad: 8, n: 100 } }), counts(90, { declined: { bad: 72, n: 900 } }));
  const { verdict } = play({ ...plain, metrics: [{ ...declined, worseByPpm: null, maxPpm: null }] }, seconds(120, at));
  assert.equal(verdict.kind, 'pass');
  assert.match(of(verdict, 'declined', 'limit')[0]?.sentence ?? '', /above 5 % people decide; 1\.0\.0 breaks it too/);
});

test('a warning ends by itself when the share is small again', () => {
  const at = (second: number) =>
    look(second, counts(10, { declined: { bad: second < 60 ? 8 : 0, n: 100 } }), counts(90, { declined: { bad: 1, n: 900 } }));
  const policy = { ...plain, metrics: [{ ...declined, worseByPpm: null, maxPpm: null }] };
  assert.equal(play(policy, seconds(60, at)).verdict.kind, 'undecided');
  assert.equal(play(policy, seconds(120, at)).verdict.kind, 'pass');
});

test('errors and latency have warnings of the same kind', () => {
  const policy: GuardPolicy = {
    ...plain,
    errors: { worseByPpm: 900_000, maxPpm: 500_000, warnPpm: 10_000 },
    latency: [{ quantilePpm: 950_000, worseByPpm: null, maxMs: null, warnMs: 50 }],
  };
  const failing = (second: number) => look(second, counts(100, {}, { status: 4 }), counts(900, {}, { status: 1 }));
  assert.match(
    play(policy, seconds(60, failing)).verdict.sentence,
    /^1\.1\.0 fails [\d,]+ of [\d,]+ requests; above 1 % people decide$/,
  );
  const slow = (second: number) =>
    look(second, { ...counts(100), histogram: [30, 80, 36, 20] }, { ...counts(900), histogram: [30, 890, 36, 10] });
  const { verdict } = play(policy, seconds(60, slow));
  assert.match(
    verdict.sentence,
    /^1\.1\.0 answers [\d,]+ of [\d,]+ requests slower than 50ms; p95 limit allows 5 %, above it people decide$/,
  );
});

test('a level that lasts beyond the margin goes back; readings that only jump do not', () => {
  const random = uniform(3);
  const noise = (mean: number) => mean * (0.7 + 0.6 * random());
  const at = (factor: number) => (second: number) =>
    look(second, counts(10, { cpu: { value: noise(30 * factor) } }), counts(90, { cpu: { value: noise(30) } }));
  const policy = { ...plain, metrics: [{ ...cpu, max: null, warn: null }] };
  const { verdict, failedS } = play(policy, seconds(600, at(1.6)));
  assert.ok(failedS !== null && failedS <= 240, `${failedS} s`);
  assert.match(
    verdict.sentence,
    /^cpu: 1\.1\.0 is at [\d.]+ where 1\.0\.0 is at [\d.]+, beyond the margin in \d+ of \d+ comparisons; evidence/,
  );
  assert.equal(play(policy, seconds(3600, at(1))).failedS, null);
});

test('equal levels are hardly ever taken for worse, however often somebody looks', () => {
  const random = uniform(5);
  let alarms = 0;
  for (let run = 0; run < 60; run++) {
    const policy = { ...plain, metrics: [{ ...cpu, worseByPpm: 0, max: null, warn: null }] };
    const at = (second: number) =>
      look(second, counts(10, { cpu: { value: random() } }), counts(90, { cpu: { value: random() } }));
    let state = openGuard(policy, names);
    for (let second = 0; second < 1800; second += 15) {
      const next = watch(state, at(second));
      state = next.state;
      if (next.verdict.kind === 'fail') {
        alarms++;
        break;
      }
    }
  }
  assert.ok(alarms <= 3, `${alarms} of 60`);
});

test('a level above its limit counts once it lasts, and not when stable is there as well', () => {
  const at = (candidate: number, stable: number) => (second: number) =>
    look(second, counts(10, { cpu: { value: candidate } }), counts(90, { cpu: { value: stable } }));
  const policy = { ...plain, metrics: [{ ...cpu, worseByPpm: null }] };
  const { verdict, failedS } = play(policy, seconds(120, at(97, 40)));
  assert.equal(failedS, 30);
  assert.equal(verdict.sentence, 'cpu: 1.1.0 is at 97 for 30 s; the limit is 95');
  assert.equal(verdict.faultAtMs, start * 1000);
  const both = play(policy, seconds(120, at(97, 96)));
  assert.equal(both.failedS, null);
  assert.match(both.verdict.sentence, /1\.0\.0 breaks it too, so a rollback cannot cure it$/);
  const warned = play(policy, seconds(120, at(85, 40)));
  assert.equal(warned.verdict.kind, 'undecided');
  assert.match(warned.verdict.sentence, /^cpu: 1\.1\.0 is at 85 for \d+ s; above 80 people decide$/);
  const spikes = play(
    policy,
    seconds(120, (second) => at(second % 20 === 0 ? 99 : 50, 40)(second)),
  );
  assert.equal(spikes.failedS, null);
});

test('a metric that cannot be read holds, and neither promotes nor goes back', () => {
  const never = play(
    { ...plain, metrics: [declined] },
    seconds(60, (second) => look(second, counts(10), counts(90))),
  );
  assert.equal(never.verdict.kind, 'undecided');
  assert.equal(never.verdict.sentence, 'nothing is known yet about declined of 1.1.0');
  const long = play(
    { ...plain, metrics: [declined] },
    seconds(300, (second) => look(second, counts(10), counts(90))),
  );
  assert.equal(long.verdict.kind, 'blind');
  const broken = { declined: { bad: 7, n: 3 }, cpu: { value: Number.NaN } };
  const nonsense = (second: number) => look(second, counts(10, broken), counts(90, broken));
  assert.equal(play({ ...plain, metrics: [declined, cpu] }, seconds(300, nonsense)).verdict.kind, 'blind');
});

test('a new class of errors shows where another class is common', () => {
  const policy = { ...plain, errors: { worseByPpm: 5_000, maxPpm: 500_000 } };
  const random = uniform(8);
  const draw = (n: number, share: number) => {
    let bad = 0;
    for (let i = 0; i < n; i++) if (random() < share) bad++;
    return bad;
  };
  const errors = (n: number, timeouts: number): Partial<Record<ErrorClass, number>> => ({
    status: draw(n, 0.06),
    timeout: draw(n, timeouts),
  });
  const at = (timeouts: number) => (second: number) =>
    look(second, counts(50, {}, errors(50, timeouts)), counts(450, {}, errors(450, 0.0005)));
  const { verdict, failedS } = play(policy, seconds(600, at(0.03)));
  assert.ok(failedS !== null && failedS <= 60, `${failedS} s`);
  assert.match(verdict.sentence, /^1\.1\.0 fails \d+ of [\d,]+ requests by timeout where 1\.0\.0 fails \d+ of [\d,]+; evidence/);
  assert.equal(play(policy, seconds(600, at(0.0005))).failedS, null);
});

test('one class alone is all errors, and is not judged twice', () => {
  const at = (second: number) => look(second, counts(50, {}, { status: 1 }), counts(450, {}, { status: 9 }));
  const { verdict } = play(plain, seconds(60, at));
  assert.equal(of(verdict, 'errors', 'comparison').length, 1);
  assert.equal(of(verdict, 'errors-status', 'comparison').length, 0);
});

test('with metrics of the user’s own a candidate is proven once they are as well', () => {
  const read = (bad: number) => (second: number) =>
    look(second, counts(50, { declined: { bad, n: 20 } }), counts(50, { declined: { bad: 0, n: 20 } }), 50);
  const policy = { ...plain, metrics: [{ ...declined, maxPpm: null, warnPpm: null }] };
  assert.equal(play(policy, seconds(400, read(0))).verdict.proven, true);
  const level = (value: number) => (second: number) =>
    look(second, counts(50, { cpu: { value } }), counts(50, { cpu: { value: 30 } }), 50);
  const gauged = { ...plain, metrics: [{ ...cpu, max: null, warn: null }] };
  assert.equal(play(gauged, seconds(400, level(31))).verdict.proven, true);
  assert.equal(play(gauged, seconds(60, level(31))).verdict.proven, false);
  // Never read: nothing is proven.
  assert.equal(
    play(
      policy,
      seconds(100, (second) => look(second, counts(50), counts(50), 50)),
    ).verdict.proven,
    false,
  );
});

test('at full weight the level of an idle stable is none to compare with', () => {
  const beside = (second: number) => look(second, counts(50, { cpu: { value: 0.5 } }), counts(50, { cpu: { value: 0.5 } }), 50);
  const alone = (second: number) =>
    look(300 + second, counts(100, { cpu: { value: 0.5 } }), counts(0, { cpu: { value: 0.02 } }), 100);
  const policy = { ...plain, metrics: [{ ...cpu, max: null, warn: null }] };
  assert.equal(play(policy, [...seconds(300, beside), ...seconds(600, alone)]).failedS, null);
});

test('one reading above a limit and then silence is no rollback', () => {
  const at = (second: number) =>
    second < 60
      ? look(second, counts(10, { cpu: { value: 50 } }), counts(90, { cpu: { value: 40 } }))
      : look(second, counts(10, second === 60 ? { cpu: { value: 97 } } : {}), counts(90));
  const { verdict, failedS } = play({ ...plain, metrics: [{ ...cpu, worseByPpm: null, warn: null }] }, seconds(300, at));
  assert.equal(failedS, null);
  assert.equal(verdict.kind, 'blind');
  assert.match(verdict.sentence, /^no reading of cpu of 1\.1\.0 for \d+ min$/);
});

test('a share that is read every 15 s is judged by the time that has passed, not by the number of readings', () => {
  const read = (badC: number) => (second: number) =>
    second % 15 === 14
      ? look(second, counts(50, { declined: { bad: badC, n: 150 } }), counts(50, { declined: { bad: 1, n: 150 } }), 50)
      : look(second, counts(50), counts(50), 50);
  const policy = { ...plain, metrics: [{ ...declined, maxPpm: null, warnPpm: null }] };
  // Two minutes prove it, as they do where the readings come every second.
  const { verdict } = play(policy, seconds(240, read(1)));
  assert.equal(verdict.proven, true);
  const state = [...seconds(600, read(1))].reduce((guard, each) => watch(guard, each).state, openGuard(policy, names));
  const history = state.metrics[0]?.kind === 'ratio' ? state.metrics[0].ratio.comparison?.history : undefined;
  // 600 s in blocks of 15 s, two numbers each.
  assert.ok(history && history.blocks.length >= 2 * 36 && history.blocks.length <= 2 * 40, `${history?.blocks.length}`);
});

test('counts that waited when a step began are not compared with those of the new one', () => {
  // Stable is read on odd seconds only, the candidate on even ones; the weight grows in between.
  const at = (second: number) => ({
    ...look(
      second,
      counts(50, second % 2 === 0 ? { declined: { bad: 0, n: 50 } } : {}),
      counts(50, second % 2 === 1 ? { declined: { bad: 0, n: 50 } } : {}),
      second < 101 ? 10 : 50,
    ),
    step: second < 101 ? 0 : 1,
  });
  const policy = { ...plain, metrics: [declined] };
  let state = openGuard(policy, names);
  for (let second = 0; second <= 101; second++) ({ state } = watch(state, at(second)));
  const metric = state.metrics[0];
  assert.ok(metric?.kind === 'ratio');
  assert.deepEqual([metric.ratio.waitingNC, metric.ratio.waitingNS], [0, 0]);
});

test('what stable did before the candidate was read is its history, and is not told as of the same seconds', () => {
  const at = (second: number) =>
    second < 30
      ? look(second, counts(10, { declined: { bad: 0, n: 0 } }), counts(90, { declined: { bad: 0, n: 90 } }))
      : look(second, counts(10, { declined: { bad: 4, n: 10 } }), counts(90, { declined: { bad: 0, n: 90 } }));
  const policy = { ...plain, metrics: [{ ...declined, maxPpm: null, warnPpm: null }] };
  const { verdict, failedS } = play(policy, seconds(60, at));
  assert.ok(failedS !== null && failedS <= 33, `${failedS} s`);
  const [found] = of(verdict, 'declined', 'comparison');
  assert.ok(found?.stable && found.stable.n <= 9 * (found.candidate.n ?? 0), `${found?.stable?.n} of stable`);
});
