import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sources } from '../../sources/registry.ts';
import { explain } from '../explain.ts';
import { objectives } from '../objective.ts';
import { objectiveDocument } from '../objective-document.ts';
import type { Plugged } from '../types.ts';
import { anyObjective, anyStandalone, usual } from './objectives.fixture.ts';
import { readOpenSlo } from './read.ts';
import { openSloOf, openSloText } from './write.ts';

const writing = {
  usual,
  sourceDocument: ({ config }: Plugged) => sources.prometheus.written(config as never),
};

test('what is written in our own form is read as the same objective', () => {
  fc.assert(
    fc.property(anyObjective, (objective) => {
      assert.deepEqual(explain(objectives, [objectiveDocument(objective)]), { ok: true, value: [objective] });
    }),
  );
});

test('what is written as OpenSLO is read as the same objectives, without a word', () => {
  const some = fc.uniqueArray(anyStandalone, { maxLength: 4, selector: ({ name }) => name });
  fc.assert(
    fc.property(some, (given) => {
      const { documents } = openSloOf(given, writing);
      const text = openSloText(documents);
      const reading = readOpenSlo(given.length === 0 ? [] : [{ file: 'a.yaml', text }], { sources, usual });
      assert.deepEqual(
        { objectives: reading.objectives, found: [...reading.problems, ...reading.refusals, ...reading.notes] },
        { objectives: given, found: [] },
      );
      assert.equal(openSloText(openSloOf(reading.objectives, writing).documents), text);
    }),
    { numRuns: 150 },
  );
});
