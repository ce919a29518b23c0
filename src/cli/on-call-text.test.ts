import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsText } from './on-call-text.ts';

test('what was not looked at is not said to be well', () => {
  const text = (schedules: readonly string[], policies: readonly string[], isNobodyCalled = false): string =>
    findingsText({ findings: [], schedules, policies }, 30, isNobodyCalled);
  assert.equal(text(['payments'], ['default']), 'somebody is on call and is reached at any time of 30 days');
  assert.equal(text([], ['default']), 'each step reaches somebody at any time of 30 days');
  assert.match(text(['payments'], []), /^somebody is on call at any time of 30 days; whom that calls is not known/);
  assert.match(text(['payments'], [], true), /^error: nobody is called of incidents/);
});
