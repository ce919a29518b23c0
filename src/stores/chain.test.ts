import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalText, dataText, eventHash, genesis, type StoredEvent, walkChain } from './chain.ts';

type Hashed = StoredEvent & { hash: string };

function chain(events: readonly Omit<StoredEvent, 'seq'>[]): Hashed[] {
  let hash = genesis.hash;
  return events.map((event, index) => {
    const stored = { ...event, seq: index + 1 };
    hash = eventHash(hash, stored);
    return { ...stored, hash };
  });
}

const event: StoredEvent = { seq: 1, stream: 's', version: 1, at: 5, kind: 'k', release: null, actor: 'a', data: '{"a":1}' };

test('the canonical text and the hash are those of every log that was ever written', () => {
  assert.equal(canonicalText(event), String.raw`[1,"s",1,5,"k",null,"a","{\"a\":1}"]`);
  // Computed by hand: printf '%064d\n%s' 0 '[1,"s",…]' | sha256sum
  assert.equal(eventHash(genesis.hash, event), 'a85d30f27d5befe85e0f0f83e093d708d027bbb18f8484fe76cf5d6a3ce78f94');
});

test('fields cannot flow into each other', () => {
  const [one, two] = [
    { ...event, kind: 'a","b', actor: 'c' },
    { ...event, kind: 'a', actor: 'b","c' },
  ];
  assert.notEqual(eventHash(genesis.hash, one), eventHash(genesis.hash, two));
  assert.notEqual(eventHash(genesis.hash, { ...event, release: null }), eventHash(genesis.hash, { ...event, release: 'null' }));
});

test('an empty run is intact and ends where it began', () => {
  assert.deepEqual(walkChain({ seq: 7, hash: 'h' }, []), { kind: 'intact', last: { seq: 7, hash: 'h' } });
});

test('a run can be walked in parts', () => {
  const events = chain([event, event, event]);
  const first = walkChain(genesis, events.slice(0, 2));
  assert(first.kind === 'intact');
  assert.deepEqual(walkChain(first.last, events.slice(2)), { kind: 'intact', last: { seq: 3, hash: events[2]?.hash } });
  assert.equal(walkChain(genesis, events.slice(1)).kind, 'broken');
});

test('data that JSON has no text for is refused', () => {
  for (const data of [undefined, () => 1, Symbol('s')]) assert.throws(() => dataText({ ...event, data }), TypeError);
});

const anyEvent = fc.record({
  stream: fc.string(),
  version: fc.nat(),
  at: fc.maxSafeInteger(),
  kind: fc.string(),
  release: fc.option(fc.string()),
  actor: fc.string(),
  data: fc.json(),
});

test('any single field of any event that is changed is found, at that event', () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      anyEvent,
      fc.string(),
      (events, pick, other, hash) => {
        const intact = chain(events);
        assert.equal(walkChain(genesis, intact).kind, 'intact');
        const index = pick % intact.length;
        const original = intact[index];
        assert(original !== undefined);
        for (const [field, value] of Object.entries({ ...other, hash, seq: original.seq + 1 + other.version })) {
          if (original[field as keyof Hashed] === value) continue;
          const changed = intact.with(index, { ...original, [field]: value } as Hashed);
          const walk = walkChain(genesis, changed);
          assert(walk.kind === 'broken', field);
          assert.equal(walk.seq, index + 1);
        }
      },
    ),
  );
});

test('an event that is left out, doubled or swapped is found', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 2, maxLength: 8 }), fc.nat(), (events, pick) => {
      const intact = chain(events);
      const index = pick % (intact.length - 1);
      for (const run of [
        intact.toSpliced(index, 1),
        intact.toSpliced(index, 0, ...intact.slice(index, index + 1)),
        intact.toSpliced(index, 2, ...intact.slice(index, index + 2).reverse()),
      ]) {
        assert.equal(walkChain(genesis, run).kind, 'broken');
      }
    }),
  );
});
