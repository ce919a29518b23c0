import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IncidentEvent, IncidentRecord } from './events.ts';
import { noReview, type Review, reviewFields, takeReview } from './review.ts';
import { editing, type ReviewEdit, settingItem, type WantedItem } from './review-asked.ts';

const place = { id: 'shop-20261129-1', why: '' };
let atMs = Date.UTC(2026, 10, 29);

/** What is on record of a review, as people change it. */
class Writing {
  review: Review = noReview;
  readonly records: IncidentRecord[] = [];

  edit(edit: ReviewEdit, by = 'anna'): boolean {
    const { events, done } = editing(this.review, edit, place);
    this.#keep(events, by);
    return done;
  }

  item(wanted: WantedItem, by = 'anna'): string {
    const { events, item } = settingItem(this.review, wanted, place);
    this.#keep(events, by);
    return item;
  }

  #keep(events: readonly IncidentEvent[], actor: string): void {
    for (const event of events) {
      atMs += 1_000;
      const record = { ...event, actor, at: atMs };
      this.records.push(record);
      this.review = takeReview(this.review, record);
    }
  }
}

test('each text keeps who wrote it, an empty one takes it back, and the same again comes on no record', () => {
  const writing = new Writing();
  assert.equal(writing.edit({ authors: ['anna', ' ', 'boris'], texts: { causes: 'the pool\nwas full', lessons: 'look' } }), true);
  assert.equal(writing.edit({ texts: { causes: ' the pool\nwas full ' } }, 'boris'), false);
  writing.edit({ texts: { lessons: '' } }, 'boris');
  assert.deepEqual(writing.review.authors, ['anna', 'boris']);
  assert.deepEqual([writing.review.texts.causes?.text, writing.review.texts.causes?.by], ['the pool\nwas full', 'anna']);
  assert.equal(writing.review.texts.lessons, undefined);
  assert.equal(writing.records.length, 2);
});

test('an action item has an owner and a day, is tracked to its end, and is opened again', () => {
  const writing = new Writing();
  const id = writing.item({ item: null, text: 'larger pool', owner: 'boris', due: '2026-12-11', proposal: 'detection/P0' });
  assert.equal(id, 'a1');
  writing.item({ item: 'a1', state: 'done' }, 'boris');
  const [item] = writing.review.items;
  assert.deepEqual([item?.state, item?.owner, item?.by, item?.proposal], ['done', 'boris', 'anna', 'detection/P0']);
  assert.equal(item?.closedAtMs, atMs);
  writing.item({ item: 'a1', state: 'open' });
  assert.deepEqual([writing.review.items[0]?.state, writing.review.items[0]?.closedAtMs], ['open', null]);
  assert.equal(writing.item({ item: null, text: 'another', owner: 'anna', due: '2028-02-29' }), 'a2');
});

const refusals: readonly (readonly [string, WantedItem, string])[] = [
  ['without an owner', { item: null, text: 'x', due: '2026-12-11' }, 'E_INPUT'],
  ['without a day', { item: null, text: 'x', owner: 'anna' }, 'E_INPUT'],
  ['with a day that there is not', { item: null, text: 'x', owner: 'anna', due: '2026-02-30' }, 'E_INPUT'],
  ['with a moment for a day', { item: null, text: 'x', owner: 'anna', due: '2026-12-11T00:00:00Z' }, 'E_INPUT'],
  ['too long', { item: null, text: 'x'.repeat(1_001), owner: 'anna', due: '2026-12-11' }, 'E_INPUT'],
  ['that is not there', { item: 'a9', state: 'done' }, 'E_UNKNOWN_ITEM'],
];
for (const [name, wanted, code] of refusals)
  test(`an action item ${name} is refused`, () => {
    assert.throws(() => new Writing().item(wanted), { name: 'UserError', code });
  });

test('whatever is written in whatever order, the review says the last of each, and nothing else', () => {
  const edits = fc.array(
    fc.record({
      field: fc.constantFrom(...reviewFields),
      text: fc.string({ maxLength: 30 }),
      by: fc.constantFrom('anna', 'boris'),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(edits, (all) => {
      const writing = new Writing();
      const last = new Map<string, string>();
      for (const { field, text, by } of all) {
        writing.edit({ texts: { [field]: text } }, by);
        last.set(field, text.trim());
      }
      for (const field of reviewFields) assert.equal(writing.review.texts[field]?.text ?? '', last.get(field) ?? '');
      assert.deepEqual(writing.records.reduce(takeReview, noReview), writing.review);
    }),
    { numRuns: 100 },
  );
});
