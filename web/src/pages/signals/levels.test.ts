import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnLevels, levelLines } from './levels.ts';

const p95 = { target: 500, warning: 1_000, critical: 2_000 };
const cpu = { target: 0.7, warning: 0.7, critical: 0.9 };
const none = { target: null, warning: null, critical: null };

test('the lowest level is always drawn, a graver one when the values come near', () => {
  assert.deepEqual(drawnLevels(p95, 20), ['target']);
  assert.deepEqual(drawnLevels(p95, 499), ['target']);
  assert.deepEqual(drawnLevels(p95, 500), ['target', 'warning']);
  assert.deepEqual(drawnLevels(p95, 1_200), ['target', 'warning', 'critical']);
  assert.deepEqual(drawnLevels({ ...none, critical: 5_000 }, 1), ['critical']);
  assert.deepEqual(drawnLevels(none, 9), []);
});

test('of two levels at one height the graver is drawn', () => {
  assert.deepEqual(drawnLevels(cpu, 0.1), ['warning']);
  assert.deepEqual(drawnLevels(cpu, 0.5), ['warning', 'critical']);
});

test('a line of a level is as long as what it is drawn with', () => {
  const [line] = levelLines(cpu, [[0.1, null, 0.2]], (name) => name);
  assert.deepEqual([line?.label, line?.values], ['warning', [0.7, 0.7, 0.7]]);
});
