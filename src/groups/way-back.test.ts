import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import { database } from '../release/story.fixture.ts';
import { wayBackProblems } from './way-back.ts';

const problems = (names: readonly string[], compatible: boolean, before: string | null = '1.0.0') =>
  wayBackProblems([
    { service: 'api', version: '2.0.0', spec: simulatedService(database(names, { compatible })), after: [], before },
  ]);

test('a member whose stable version does not work past what cannot be undone is named', () => {
  assert.deepEqual(problems(['a', '!drop'], false), [
    'api could not go back with the others: drop cannot be undone, and 1.0.0 does not work past it',
  ]);
  assert.deepEqual(problems(['a', '!drop'], true), [], 'its traffic goes back');
  assert.deepEqual(problems(['a'], false), [], 'the database goes back');
  assert.deepEqual(problems(['!drop'], false, null), [], 'there is nothing to go back to');
  assert.deepEqual(problems(['!drop'], false, '2.0.0'), [], 'it takes no part');
});
