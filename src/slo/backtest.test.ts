import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Objective } from '../spec/types.ts';
import { type BacktestPiece, backtest } from './backtest.ts';
import { ObjectiveSums } from './evaluate.ts';
import { defaultPolicy } from './policy.ts';

const day = 86_400_000;
const target = { targetPpm: 999_000, windowMs: 30 * day };
const [pages, chats, mails] = defaultPolicy;
const begin = 1_764_352_800;

/** Pieces of a length, one after the other. */
function pieces(all: readonly { readonly bad: number; readonly total: number }[], lengthS = 10): readonly BacktestPiece[] {
  return all.map((events, index) => ({ ...events, fromS: begin + index * lengthS, toS: begin + (index + 1) * lengthS }));
}

test('a replay fires and ends in the very slots in which the live evaluation does, whatever the history', () => {
  assert(pages && chats && mails);
  const slot = fc.record({ total: fc.integer({ min: 0, max: 300 }), permille: fc.constantFrom(0, 0, 0, 5, 20, 100, 1_000) });
  fc.assert(
    fc.property(fc.array(slot, { minLength: 1, maxLength: 500 }), fc.constantFrom(pages, chats, mails), (all, tier) => {
      const events = all.map(({ total, permille }) => ({ total, bad: Math.round((total * permille) / 1_000) }));
      const objective: Objective = { name: 'availability', ...target, belowMs: null, alerts: [tier] };
      const sums = new ObjectiveSums(objective);
      const want: { fromMs: number; toMs: number | null }[] = [];
      let isFiring = false;
      for (const { fromS, toS, bad, total } of pieces(events)) {
        sums.add(fromS, toS, { bad, total });
        const isMet = sums.read(toS, 60).tiers[0]?.isMet === true;
        const last = want.at(-1);
        if (isMet && !isFiring) want.push({ fromMs: toS * 1_000, toMs: null });
        else if (!isMet && isFiring && last) last.toMs = toS * 1_000;
        isFiring = isMet;
      }
      assert.deepEqual(backtest(tier, target, pieces(events)).firings, want);
    }),
    { numRuns: 100 },
  );
});

test('a tier that has to hold for a while fires so much later, and a blip does not make it fire', () => {
  assert(pages);
  const tier = { ...pages, forMs: 60_000 };
  const history = (badSlots: number) =>
    pieces(Array.from({ length: 700 }, (_, slot) => ({ total: 100, bad: slot >= 400 && slot < 400 + badSlots ? 100 : 0 })));
  const [plain] = backtest(pages, target, history(60)).firings;
  const [late] = backtest(tier, target, history(60)).firings;
  assert.equal((late?.fromMs ?? 0) - (plain?.fromMs ?? 0), 60_000);
});

test('pieces that are longer than the short window are not judged, and it says how much was', () => {
  assert(pages && mails);
  const hours = pieces(
    Array.from({ length: 100 }, () => ({ total: 1_000, bad: 900 })),
    3_600,
  );
  assert.deepEqual(backtest(pages, target, hours), { firings: [], judgedMs: 0 });
  const { firings, judgedMs } = backtest(mails, target, hours);
  assert.equal(judgedMs, 360_000_000);
  assert.equal(firings.length, 1);
});
