import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText, oddsText, percentText, quantileText, spanText, thousands } from './wording.ts';

const cases: readonly [said: string, want: string][] = [
  [thousands(7), '7'],
  [thousands(930), '930'],
  [thousands(3900), '3,900'],
  [thousands(1_234_567), '1,234,567'],
  [oddsText(0), '1.0 : 1'],
  [oddsText(-3), '1.0 : 1'],
  [oddsText(Math.log(48.7)), '49 : 1'],
  [oddsText(Math.log(3912)), '3,900 : 1'],
  [oddsText(900), 'more than 1,000,000 : 1'],
  [percentText(50_000), '5 %'],
  [percentText(500), '0.05 %'],
  [durationText(500), '500ms'],
  [durationText(2000), '2s'],
  [durationText(251.1886), '251ms'],
  [spanText(3), '3 s'],
  [spanText(600), '10 min'],
  [quantileText(950_000), 'p95'],
  [quantileText(999_000), 'p99.9'],
];
for (const [said, want] of cases) test(`says ${want}`, () => assert.equal(said, want));
