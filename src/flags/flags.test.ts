import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlagSetSpec, FlagSpec } from '../spec/flag-set.ts';
import { type Evaluation, Evaluator } from './evaluation.ts';
import { Exposures } from './exposures.ts';
import { noFlags, takeFlags } from './fold.ts';
import { applyRefusal, levelRefusal } from './refusal.ts';
import type { FlagLevel, FlagsState } from './types.ts';
import { offVariant, onVariant } from './variants.ts';

const beta: FlagSpec = {
  state: 'ENABLED',
  variants: { on: true, off: false },
  defaultVariant: 'off',
  targeting: null,
  metadata: {},
};
const colours: FlagSpec = { ...beta, variants: { red: '#f00', green: '#0f0', blue: '#00f' }, defaultVariant: 'red' };
const about = { from: { address: 'local', via: 'owner', credential: null }, why: '' };

function applied(state: FlagsState, name: string, flags: FlagSetSpec['flags']): FlagsState {
  const data = { ...about, subject: name, before: null, after: { name, owner: null, flags } };
  return takeFlags(state, { kind: 'flag-set-applied', at: 1, actor: 'ann', data });
}

function put(state: FlagsState, key: string, after: FlagLevel | null): FlagsState {
  const data = { ...about, subject: key, before: null };
  if (!after) return takeFlags(state, { kind: 'flag-reset', at: 2, actor: 'ben', data: { ...data, after } });
  return takeFlags(state, { kind: `flag-${after.kind}`, at: 2, actor: 'ben', data: { ...data, after } });
}

const share = (sharePpm: number, variant = 'on'): FlagLevel => ({ kind: 'share', variant, sharePpm });
const one = applied(noFlags, 'shop', { beta });
const brief = (evaluation: Evaluation): string =>
  evaluation.kind === 'value' ? `${evaluation.reason} ${evaluation.variant} ${evaluation.value}` : evaluation.code;
const evaluated = (spec: FlagSpec, level: FlagLevel | null, context = {}): string =>
  brief(new Evaluator(put(applied(noFlags, 'shop', { beta: spec }), 'beta', level)).evaluate('beta', context));

const staff = {
  if: [
    { ends_with: [{ var: 'email' }, '@a.example'] },
    'on',
    {
      fractional: [
        ['on', 0],
        ['off', 1],
      ],
    },
  ],
};
const cases: readonly [name: string, spec: FlagSpec, level: FlagLevel | null, context: object, want: string][] = [
  ['a flag without a rule has its default', beta, null, {}, 'STATIC off false'],
  ['a rule that fits', { ...beta, targeting: staff }, null, { email: 'x@a.example' }, 'TARGETING_MATCH on true'],
  ['a rule that gives shares', { ...beta, targeting: staff }, null, { targetingKey: 'u' }, 'TARGETING_MATCH off false'],
  ['shares of nobody in particular', { ...beta, targeting: staff }, null, {}, 'TARGETING_KEY_MISSING'],
  ['a rule that says nothing', { ...beta, targeting: { if: [false, 'on'] } }, null, {}, 'DEFAULT off false'],
  ['a flag that its document disables', { ...beta, state: 'DISABLED' }, null, {}, 'FLAG_NOT_FOUND'],
  ['a flag that its document disables, switched off', { ...beta, state: 'DISABLED' }, { kind: 'off' }, {}, 'DISABLED off false'],
  [
    'switched off, whatever its rule says',
    { ...beta, targeting: staff },
    { kind: 'off' },
    { email: 'x@a.example' },
    'DISABLED off false',
  ],
  ['switched off where off is the default', colours, { kind: 'off' }, {}, 'DISABLED red #f00'],
  ['a share of everybody', beta, share(1_000_000), { targetingKey: 'u' }, 'SPLIT on true'],
  ['a share of nobody', beta, share(0), { targetingKey: 'u' }, 'SPLIT off false'],
  ['a share, of somebody without a key', beta, share(500_000), {}, 'TARGETING_KEY_MISSING'],
  ['a share of a named variant', colours, share(1_000_000, 'blue'), { targetingKey: 'u' }, 'SPLIT blue #00f'],
  ['a rule that answers what is no variant', { ...beta, targeting: { var: 'who' } }, null, { who: 'x' }, 'GENERAL'],
];
for (const [name, spec, level, context, want] of cases)
  test(`evaluation: ${name}`, () => assert.equal(evaluated(spec, level, context), want));

test('a flag that there is not is not found', () => {
  assert.equal(brief(new Evaluator(one).evaluate('__proto__', {})), 'FLAG_NOT_FOUND');
});

test('whoever has the variant keeps it while the share grows, and nobody has it once the flag is off', () => {
  const ppm = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), ppm, ppm, (targetingKey, a, b) => {
      const has = (level: FlagLevel): boolean => evaluated(beta, level, { targetingKey }) === 'SPLIT on true';
      if (has(share(Math.min(a, b)))) assert(has(share(Math.max(a, b))));
      assert.equal(evaluated(beta, { kind: 'off' }, { targetingKey }), 'DISABLED off false');
    }),
    { numRuns: 300 },
  );
});

test('a share is that share of the users', () => {
  for (const sharePpm of [1_000, 100_000, 500_000]) {
    const evaluator = new Evaluator(put(one, 'beta', share(sharePpm)));
    const users = 50_000;
    let on = 0;
    for (let i = 0; i < users; i += 1)
      if (brief(evaluator.evaluate('beta', { targetingKey: `user-${i}` })) === 'SPLIT on true') on += 1;
    const expected = (users * sharePpm) / 1_000_000;
    // Five standard deviations: the same users each time, so it fails for a reason or never.
    assert(Math.abs(on - expected) <= 5 * Math.sqrt(expected), `${on} of ${expected}`);
  }
});

test('a switch stays where it is when the document is applied again, and goes with its flag', () => {
  const off = put(one, 'beta', { kind: 'off' });
  const again = applied(off, 'shop', { beta: { ...beta, defaultVariant: 'on' } });
  assert.equal(again.flags.get('beta')?.level?.level.kind, 'off');
  assert.equal(again.flags.get('beta')?.level?.by, 'ben');
  const gone = applied(off, 'shop', {});
  assert.equal(gone.flags.size, 0);
  assert.equal(applied(gone, 'shop', { beta }).flags.get('beta')?.level, null);
  assert.equal(put(off, 'beta', null).flags.get('beta')?.level, null);
});

test('what is off and what is on is found by name, else by value, else by the default', () => {
  const found = (variants: FlagSpec['variants'], defaultVariant: string) => {
    const spec = { ...beta, variants, defaultVariant };
    return [offVariant(spec), onVariant(spec)];
  };
  assert.deepEqual(found({ on: true, off: false }, 'on'), ['off', 'on']);
  assert.deepEqual(found({ yes: true, no: false }, 'yes'), ['no', 'yes']);
  assert.deepEqual(found({ old: 'a', new: 'b' }, 'old'), ['old', 'new']);
  assert.deepEqual(found({ red: 'a', green: 'b', blue: 'c' }, 'red'), ['red', null]);
});

test('a key belongs to one set, and a share is of a variant that there is', () => {
  const other = { name: 'other', owner: null, flags: { beta } };
  assert.equal(applyRefusal(one, other), 'the flag beta belongs to the set shop');
  assert.equal(applyRefusal(one, { ...other, name: 'shop' }), null);
  const shared = put(applied(noFlags, 'shop', { beta: colours }), 'beta', share(1, 'blue'));
  assert.match(applyRefusal(shared, { ...other, name: 'shop' }) ?? '', /gives a share of its users blue/);
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`flag-${i}`, beta]));
  assert.match(applyRefusal(one, { name: 'many', owner: null, flags: many }) ?? '', /more than 5000 flags/);
  const flag = one.flags.get('beta');
  assert(flag);
  assert.equal(levelRefusal(flag, share(1, 'onn')), 'beta has no variant onn; it has on, off');
  assert.match(levelRefusal({ ...flag, spec: { ...beta, state: 'DISABLED' } }, share(1)) ?? '', /DISABLED/);
  assert.equal(levelRefusal({ ...flag, spec: { ...beta, state: 'DISABLED' } }, { kind: 'off' }), null);
});

test('exposures are counted by variant, forgotten with their flag, and kept in all', () => {
  const exposures = new Exposures();
  exposures.counted('beta', 'on', 'single');
  exposures.counted('beta', 'on', 'bulk');
  exposures.failed('beta', 'TARGETING_KEY_MISSING');
  exposures.failed(null, 'FLAG_NOT_FOUND');
  const none = { variant: 'off', single: 0, bulk: 0 };
  assert.deepEqual(exposures.of('beta', ['on', 'off']), { variants: [{ variant: 'on', single: 1, bulk: 1 }, none], errors: 1 });
  exposures.keep(noFlags);
  assert.deepEqual(exposures.of('beta', ['off']), { variants: [none], errors: 0 });
  assert.deepEqual(exposures.outcomes, { value: 2, FLAG_NOT_FOUND: 1, TARGETING_KEY_MISSING: 1, PARSE_ERROR: 0, GENERAL: 0 });
});
