import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReadinessEvent, type ReadinessState, readinessRecording, resultsKey } from './readiness-records.ts';

const { take, empty } = readinessRecording;

function folded(state: ReadinessState, ...events: readonly ReadinessEvent[]): ReadinessState {
  return events.reduce((now, event) => take(now, { ...event, at: 1 }), state);
}

function checked(service: string, version: string): ReadinessEvent {
  const said = { lookedAt: 'x', found: 'x', expected: 'x', fix: null, evidence: [], figures: {} };
  const result = { item: 'a.x', kind: 'tcp', asked: '', startedMs: 1, tookMs: 1, status: 'pass' as const, ...said };
  return { kind: 'item-checked', actor: 'controller', data: { service, checklist: 'ours', run: 'r', version, result } };
}

function begun(service: string, id: string, actor = 'anna', why = ''): ReadinessEvent {
  const what = { version: null, checklist: 'ours', phases: null, items: null, again: false, why, startedMs: 1 };
  return { kind: 'readiness-run', actor, data: { id, service, ...what } };
}

test('a service that is checked all the time loses its own oldest results, and not those of the others', () => {
  let state = folded(empty, checked('quiet', '1'));
  for (let version = 1; version <= 50; version += 1) state = folded(state, checked('busy', `${version}`));
  state = folded(state, checked('busy', '43'), checked('busy', '51'));
  const kept = ['43', '44', '45', '46', '47', '48', '49', '50', '51'].filter((version) =>
    state.results.has(resultsKey('busy', version, 'ours')),
  );
  // 44 is the one that was looked at longest ago.
  assert.deepEqual(kept, ['43', '45', '46', '47', '48', '49', '50', '51']);
  assert(state.results.has(resultsKey('quiet', '1', 'ours')));
  for (let service = 0; service < 1_200; service += 1) state = folded(state, checked(`s${service}`, '1'));
  assert.equal(state.results.size, 1_000);
  assert(state.results.has(resultsKey('s1199', '1', 'ours')));
});

test('runs are bounded by service and in all, and every service keeps its last one', () => {
  let state = empty;
  for (let service = 0; service < 40; service += 1)
    for (let run = 0; run < 30; run += 1) state = folded(state, begun(`s${service}`, `s${service}-${run}`));
  const counts = [...state.runs.values()].map(({ length }) => length);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    500,
  );
  assert.deepEqual([Math.max(...counts), Math.min(...counts)], [20, 1]);
  assert(state.runs.get('s0')?.[0]?.id === 's0-29' && state.runs.get('s39')?.[0]?.id === 's39-29');
});

test('a report that is that of another run can be read as long as that one is kept', () => {
  const state = folded(empty, begun('shop', 'one'));
  const lost: ReadinessEvent = {
    kind: 'readiness-ended',
    actor: 'controller',
    data: { service: 'shop', checklist: 'ours', run: 'one', report: { sameAs: 'gone' }, hash: 'h' },
  };
  assert.deepEqual(folded(state, lost), state);
});

test('a held release that is told the same again and again leaves the runs of people where they are', () => {
  const ended = (run: string, hash: string): ReadinessEvent => {
    const text = { en: '', ru: '' };
    const formula = { points: 0, of: 0, text };
    const what = { service: 'shop', version: null, checklist: 'ours', title: 'Ours', atMs: 1 };
    const report = { ...what, verdict: 'not-ready' as const, score: 0, formula, summary: text, phases: [] };
    return { kind: 'readiness-ended', actor: 'controller', data: { service: 'shop', checklist: 'ours', run, report, hash } };
  };
  let state = folded(empty, begun('shop', 'mine'), ended('mine', 'same'));
  const ask = (id: string, why: string, hash: string): void => {
    state = folded(state, begun('shop', id, 'controller', why), ended(id, hash));
  };
  for (let time = 0; time < 30; time += 1) ask(`a${time}`, 'preflight of release one', 'same');
  ask('b', 'preflight of release one', 'another');
  for (let time = 0; time < 30; time += 1) ask(`c${time}`, 'preflight of release one', 'same');
  ask('d', 'cutover of release one', 'same');
  const ids = state.runs.get('shop')?.map(({ id }) => id);
  assert.deepEqual(ids, ['d', 'c29', 'b', 'mine']);
});
