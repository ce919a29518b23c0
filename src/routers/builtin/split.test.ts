import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { bucketFor, bucketsMax, cutOf, EvenChoice, idOnSide, seedOf } from './split.ts';

test('a weight is a whole number of buckets, exact to 0.01 %', () => {
  for (let hundredths = 0; hundredths <= 10_000; hundredths++) assert.equal(cutOf(hundredths / 100), hundredths);
});

test('a user never leaves the candidate while its weight grows', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.integer({ min: 0, max: 10_000 })), (service, user, cuts) => {
      const bucket = bucketFor(seedOf(service), user);
      assert.ok(Number.isInteger(bucket) && bucket >= 0 && bucket < bucketsMax);
      let was = false;
      for (const cut of cuts.sort((a, b) => a - b)) {
        const is = bucket < cut;
        assert.ok(is || !was);
        was = is;
      }
    }),
  );
});

test('users are spread evenly over the buckets, and differently in each service', () => {
  for (const key of [(i: number) => String(i), (i: number) => `user-${i}`, (i: number) => `${i}@example.com`]) {
    const counts = Array<number>(100).fill(0);
    const users = 100_000;
    let same = 0;
    for (let i = 0; i < users; i++) {
      const bucket = bucketFor(seedOf('checkout'), key(i));
      counts[Math.floor(bucket / 100)] = (counts[Math.floor(bucket / 100)] as number) + 1;
      if (Math.floor(bucket / 1_000) === Math.floor(bucketFor(seedOf('search'), key(i)) / 1_000)) same++;
    }
    const expected = users / counts.length;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99 degrees of freedom: 148.2 is exceeded once in a thousand times by true chance.
    assert.ok(chiSquared < 148.2, `chi squared ${chiSquared}`);
    assert.ok(Math.abs(same / users - 0.1) < 0.01, `${same} of ${users} users in the same tenth of both services`);
  }
});

test('an assigned id lies on the side that was chosen, at every weight', () => {
  const seed = seedOf('checkout');
  for (const cut of [1, 100, 5_000, 9_999])
    for (const candidate of [true, false])
      for (let i = 0; i < 20; i++) {
        const id = idOnSide(seed, cut, candidate, randomUUID());
        assert.equal(bucketFor(seed, id) < cut, candidate);
        assert.match(id, /^[0-9a-z-]{37,41}$/);
      }
  assert.equal(idOnSide(seed, 0, true, 'a'), 'a', 'a side without buckets is not searched for ever');
});

test('after any number of requests the candidate has had its share to within one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 3_000 }), (cut, requests) => {
      const even = new EvenChoice();
      let hits = 0;
      for (let i = 1; i <= requests; i++) {
        if (even.isCandidate(cut)) hits++;
        assert.ok(Math.abs(hits - (i * cut) / bucketsMax) < 1);
      }
    }),
  );
});
