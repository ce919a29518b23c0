import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy, Look, MetricVerdict, Verdict } from './guard.ts';
import { noCounts } from './sample.ts';
import { type Simulated, simulate, simulatedStart, uniform } from './simulated-traffic.fixture.ts';
import { absence, type GuardState, openGuard, watch } from './watch.ts';

const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [{ quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 500 }],
  minRequests: 100,
};
const names = { candidate: '1.1.0', stable: '1.0.0' };
const few = () => 0.001;
const healthy: Simulated = { requestsPerSecond: 100, weight: 10, errorsS: few, errorsC: few };

/** Watches until a verdict of that kind, or to the end. */
function until(kind: string, state: GuardState, looks: Iterable<Look>): { seconds: number; state: GuardState; verdict: Verdict } {
  let seconds = 0;
  let verdict: Verdict = { kind: 'undecided', sentence: '', said: { kind: 'no-request' }, metrics: [], faultAtMs: null };
  for (const look of looks) {
    seconds++;
    ({ state, verdict } = watch(state, look));
    if (verdict.kind === kind) break;
  }
  return { seconds, state, verdict };
}

function metric(verdict: Verdict, name: string, of: MetricVerdict['test']): MetricVerdict {
  const found = verdict.metrics.find((m) => m.metric === name && m.test === of);
  assert.ok(found, `${name} ${of}`);
  return found;
}

test('a candidate that fails one request in five is found within seconds, with the moment of the first failure', () => {
  const waits: number[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const looks = [...simulate({ ...healthy, errorsC: () => 0.2 }, 0, 60, uniform(seed))];
    const { seconds, verdict } = until('fail', openGuard(policy, names), looks);
    assert.equal(verdict.kind, 'fail');
    const first = looks.find((look) => (look.sample.candidate?.errors ?? 0) > 0)?.sample;
    assert.equal(verdict.faultAtMs, first?.candidate?.firstErrorAtMs);
    waits.push(seconds - ((first?.second ?? 0) - simulatedStart));
  }
  waits.sort((a, b) => a - b);
  assert.ok((waits[20] ?? 99) <= 2, `median ${waits[20]} s after the first failure`);
  assert.ok((waits[38] ?? 99) <= 8, `95 % within ${waits[38]} s`);
});

test('a fault that begins after ten good minutes is found nearly as fast, and dated', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = uniform(seed);
    const { state } = until('fail', openGuard(policy, names), simulate(healthy, 0, 600, random));
    const { seconds, verdict } = until('fail', state, simulate({ ...healthy, errorsC: () => 0.2 }, 600, 660, random));
    assert.ok(seconds <= 8, `${seconds} s`);
    assert.ok(Math.abs((verdict.faultAtMs ?? 0) / 1000 - simulatedStart - 600) <= 10);
  }
});

test('the sentence of a failure carries both counts, the evidence and the time', () => {
  const { verdict } = until('fail', openGuard(policy, names), simulate({ ...healthy, errorsC: () => 0.2 }, 0, 60, uniform(3)));
  assert.match(
    verdict.sentence,
    /^1\.1\.0 fails \d+ of \d+ requests where 1\.0\.0 fails \d+ of \d+; evidence [\d,]+ : 1 after \d+ s$/,
  );
});

test('a healthy candidate passes, and is proven good after a while', () => {
  const random = uniform(11);
  const early = until('never', openGuard(policy, names), simulate(healthy, 0, 90, random));
  assert.equal(early.verdict.kind, 'pass');
  assert.equal(early.verdict.proven, false);
  const late = until('never', early.state, simulate(healthy, 90, 600, random));
  assert.equal(late.verdict.kind, 'pass');
  assert.equal(late.verdict.proven, true);
  assert.equal(late.verdict.faultAtMs, null);
});

test('too few requests are not a pass', () => {
  const { verdict } = until('never', openGuard(policy, names), simulate(healthy, 0, 5, uniform(1)));
  assert.equal(verdict.kind, 'undecided');
  assert.match(verdict.sentence, /^1\.1\.0 had \d+ of the 100 requests that this step asks for$/);
});

test('against a stable version that never fails, the absolute margin still stands', () => {
  const perfect = { ...healthy, errorsS: () => 0, errorsC: () => 0 };
  const random = uniform(5);
  const { state } = until('fail', openGuard(policy, names), simulate(perfect, 0, 600, random));
  const found = until('fail', state, simulate({ ...perfect, errorsC: () => 0.2 }, 600, 660, random));
  assert.ok(found.seconds <= 6, `${found.seconds} s`);
});

test('what both versions suffer accuses nobody', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = uniform(seed);
    const { state } = until('fail', openGuard(policy, names), simulate(healthy, 0, 200, random));
    const outage = () => 0.3;
    const { verdict } = until('fail', state, simulate({ ...healthy, errorsS: outage, errorsC: outage }, 200, 300, random));
    assert.equal(verdict.kind, 'undecided');
    assert.match(metric(verdict, 'errors', 'limit').sentence, /1\.0\.0 breaks it too .*so a rollback cannot cure it/);
  }
});

test('a slower candidate fails after the warm-up', () => {
  const { verdict, seconds } = until(
    'fail',
    openGuard(policy, names),
    simulate({ ...healthy, medianC: () => 110 }, 0, 200, uniform(2)),
  );
  assert.equal(verdict.kind, 'fail');
  assert.ok(seconds > 60 && seconds <= 120, `${seconds} s`);
  assert.match(verdict.sentence, /^1\.1\.0 answers [\d,]+ of [\d,]+ requests slower than \d+ms where 1\.0\.0 answers/);
});

test('a candidate that is slower by less than the margin passes', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { verdict } = until(
      'fail',
      openGuard(policy, names),
      simulate({ ...healthy, medianC: () => 66 }, 0, 900, uniform(seed)),
    );
    assert.equal(verdict.kind, 'pass');
  }
});

test('at full weight a fault is judged against stable’s history', () => {
  const random = uniform(8);
  const { state } = until('fail', openGuard(policy, names), simulate(healthy, 0, 300, random));
  const full = { ...healthy, weight: 100, step: () => 1 };
  const good = until('fail', state, simulate(full, 300, 600, random));
  assert.equal(good.verdict.kind, 'pass');
  const bad = until('fail', good.state, simulate({ ...full, errorsC: () => 0.03 }, 600, 720, random));
  assert.equal(bad.verdict.kind, 'fail');
  assert.ok(bad.seconds <= 60, `${bad.seconds} s`);
  assert.match(bad.verdict.sentence, /where 1\.0\.0 fails \d+ of [\d,]+; evidence/);
});

test('without samples of the candidate the guard is blind', () => {
  const random = uniform(4);
  let { state } = until('never', openGuard(policy, names), simulate(healthy, 0, 100, random));
  let verdict: Verdict | null = null;
  for (const look of simulate(healthy, 100, 170, random))
    ({ state, verdict } = watch(state, { ...look, sample: { ...look.sample, candidate: null } }));
  assert.equal(verdict?.kind, 'blind');
  assert.match(verdict?.sentence ?? '', /no measurement of 1\.1\.0 for/);
});

test('silence is blind after a minute', () => {
  const { state } = until('never', openGuard(policy, names), simulate(healthy, 0, 100, uniform(4)));
  const last = simulatedStart + 99;
  assert.equal(absence(state, last + 59), null);
  assert.equal(absence(state, last + 60)?.kind, 'blind');
  assert.equal(absence(openGuard(policy, names), last), null);
  assert.equal(absence(openGuard(policy, names), last, last - 60)?.kind, 'blind');
});

test('a candidate without traffic is blind after five minutes', () => {
  const looks = [...simulate({ ...healthy, weight: 0 }, 0, 310, uniform(6))];
  const routed = looks.map((look) => ({ ...look, sample: { ...look.sample, weight: 1, candidate: noCounts } }));
  const { verdict } = until('never', openGuard(policy, names), routed);
  assert.equal(metric(verdict, 'traffic', 'data').kind, 'blind');
  assert.equal(verdict.kind, 'blind');
});

test('a share far from the weight is blind, except where requests are matched to the candidate', () => {
  const tooMany = (matched: boolean) =>
    [...simulate({ ...healthy, weight: 30 }, 0, 60, uniform(9))].map((look) => ({
      ...look,
      matched,
      sample: { ...look.sample, weight: 5 },
    }));
  const tooFew = [...simulate({ ...healthy, weight: 2 }, 0, 60, uniform(9))].map((look) => ({
    ...look,
    matched: true,
    sample: { ...look.sample, weight: 30 },
  }));
  assert.equal(metric(until('never', openGuard(policy, names), tooMany(false)).verdict, 'share', 'data').kind, 'blind');
  assert.equal(metric(until('never', openGuard(policy, names), tooMany(true)).verdict, 'share', 'data').kind, 'pass');
  assert.equal(metric(until('never', openGuard(policy, names), tooFew).verdict, 'share', 'data').kind, 'blind');
});

test('before the candidate has traffic nothing is decided, and stable’s history is kept', () => {
  const { state, verdict } = until('never', openGuard(policy, names), simulate({ ...healthy, weight: 0 }, 0, 120, uniform(6)));
  assert.equal(verdict.kind, 'undecided');
  assert.ok(state.errors.history.n > 5000);
});

test('time without traffic is no warm-up', () => {
  const random = uniform(12);
  const { state } = until('never', openGuard(policy, names), simulate({ ...healthy, weight: 0 }, 0, 300, random));
  const cold = (second: number) => (second < 340 ? 180 : 60);
  const { verdict } = until('fail', state, simulate({ ...healthy, medianC: cold }, 300, 500, random));
  assert.equal(metric(verdict, 'latency-p95', 'comparison').kind, 'pass');
});

test('a candidate is not proven good before all that the policy compares has been compared', () => {
  const unseen = [...simulate({ ...healthy, errorsC: () => 0 }, 0, 300, uniform(13))].map((look) => ({
    ...look,
    sample: { ...look.sample, stable: look.sample.stable && { ...look.sample.stable, histogram: [] } },
  }));
  const { verdict } = until('never', openGuard(policy, names), unseen);
  assert.equal(verdict.proven, false);
  const errorsOnly = { ...policy, latency: [] };
  assert.equal(until('never', openGuard(errorsOnly, names), unseen).verdict.proven, true);
});

test('requests from before the candidate had any are on no step, also where the step is the same', () => {
  let state = openGuard(policy, { candidate: '1.1.0', stable: '1.0.0' });
  const at = (second: number, nC: number, nS: number, weight: number) => ({
    step: 0,
    sample: { second: 1_800_000_000 + second, edgesMs: [], weight, candidate: plainCounts(nC), stable: plainCounts(nS) },
  });
  for (let second = 0; second < 200; second++) ({ state } = watch(state, at(second, 0, 60, 0)));
  let sentence = '';
  for (let second = 200; second < 260; second++) {
    const next = watch(state, at(second, 15, 45, 25));
    state = next.state;
    sentence = next.verdict.metrics.find(({ metric }) => metric === 'share')?.sentence ?? '';
  }
  assert.match(sentence, /gets 900 of 3,600 requests on this step where its weight is 25 %$/);
  assert.equal(state.traffic.nS, 60 * 45);
});

function plainCounts(n: number) {
  return { n, errors: 0, classes: {}, histogram: n > 0 ? [36, n] : [], slower: [] };
}
