import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askedOf } from './asked.ts';
import { canonicalText, signaturesFor } from './canonical.ts';
import { compareReports } from './compare.ts';
import { judgeReadiness, type Known } from './judge.ts';
import type { ResolvedCheck, ResolvedChecklist, ResolvedItem } from './resolved.ts';
import type { Confirmation, ItemResult, ItemStatus } from './types.ts';

const dayMs = 86_400_000;
const nowMs = 1_000 * dayMs;
const check: ResolvedCheck = { kind: 'tcp', config: {}, written: { port: 1 }, timeoutMs: null };
const nothing: Known = { results: [], confirmations: [], exemptions: [] };
const of = { service: 'shop', version: '1.0.0' };

function item(id: string, more: Partial<ResolvedItem> = {}): ResolvedItem {
  return {
    id,
    title: id,
    role: 'devops',
    severity: 'blocker',
    applies: true,
    check,
    missing: null,
    confirm: null,
    validForMs: dayMs,
    needs: [],
    fix: null,
    ...more,
  };
}

function list(...items: ResolvedItem[]): ResolvedChecklist {
  return { name: 'ours', title: 'Ours', phases: [{ id: 'a', title: 'A', items }], signOffs: [] };
}

function result(id: string, status: ItemResult['status'] = 'pass', startedMs = nowMs - 1_000): ItemResult {
  return {
    item: id,
    kind: 'tcp',
    asked: askedOf(check),
    startedMs,
    tookMs: 5,
    status,
    lookedAt: 'there',
    found: { en: `it is ${status}`, ru: status },
    expected: 'pass',
    fix: status === 'pass' ? null : 'mend it',
    evidence: [],
    figures: { connectMs: 5 },
  };
}

const confirm = { text: null, role: 'devops', evidence: 'required' as const, validForMs: dayMs, instead: false };
const claim = (id: string, more: Partial<Confirmation> = {}): Confirmation => ({
  item: id,
  by: 'anna',
  comment: null,
  evidence: { kind: 'link', url: 'https://example.com' },
  atMs: nowMs - 1_000,
  untilMs: nowMs + dayMs,
  ...more,
});

/** What one item is, for what is known of it. */
function statusOf(one: ResolvedItem, known: Partial<Known>, atMs = nowMs) {
  const state = judgeReadiness(list(one), of, { ...nothing, ...known }, atMs).phases[0]?.items[0];
  assert.ok(state);
  return state;
}

const rows: readonly (readonly [string, ResolvedItem, Partial<Known>, ItemStatus, RegExp])[] = [
  ['never checked', item('a.x'), {}, 'unproven', /not checked yet/],
  ['checked', item('a.x'), { results: [result('a.x')] }, 'pass', /it is pass/],
  ['failed', item('a.x'), { results: [result('a.x', 'fail')] }, 'fail', /it is fail/],
  ['the newest counts', item('a.x'), { results: [result('a.x', 'fail', nowMs - 5_000), result('a.x')] }, 'pass', /pass/],
  ['too old', item('a.x'), { results: [result('a.x', 'pass', nowMs - dayMs)] }, 'unproven', /too old/],
  ['of the future', item('a.x'), { results: [result('a.x', 'pass', nowMs + dayMs)] }, 'unproven', /clock/],
  ['asked otherwise', item('a.x'), { results: [{ ...result('a.x'), asked: '?' }] }, 'unproven', /another way/],
  [
    'a parameter is missing',
    item('a.x', { check: null, missing: { parameters: ['tls'], problems: [] } }),
    {},
    'unproven',
    /nothing says tls/,
  ],
  ['does not apply', item('a.x', { applies: { not: 'kubernetes' } }), {}, 'skipped', /does not apply: kubernetes/],
  ['nobody confirmed', item('a.x', { check: null, confirm }), {}, 'unproven', /nobody/],
  ['confirmed', item('a.x', { check: null, confirm }), { confirmations: [claim('a.x')] }, 'pass', /anna confirmed/],
  [
    'confirmed without evidence',
    item('a.x', { check: null, confirm }),
    { confirmations: [claim('a.x', { evidence: null })] },
    'unproven',
    /without evidence/,
  ],
  [
    'a claim that has expired',
    item('a.x', { check: null, confirm }),
    { confirmations: [claim('a.x', { untilMs: nowMs })] },
    'unproven',
    /held until/,
  ],
  ['both are needed', item('a.x', { confirm }), { results: [result('a.x')] }, 'unproven', /nobody/],
  [
    'a claim is no cure',
    item('a.x', { confirm }),
    { results: [result('a.x', 'fail')], confirmations: [claim('a.x')] },
    'fail',
    /fail/,
  ],
  [
    'a claim in place of a check that cannot run',
    item('a.x', { check: null, missing: { parameters: ['tls'], problems: [] }, confirm: { ...confirm, instead: true } }),
    { confirmations: [claim('a.x')] },
    'pass',
    /confirmed/,
  ],
  [
    'a claim where the check can run',
    item('a.x', { confirm: { ...confirm, instead: true } }),
    { confirmations: [claim('a.x')] },
    'unproven',
    /not checked/,
  ],
  [
    'exempt',
    item('a.x'),
    { exemptions: [{ item: 'a.x', by: 'bo', reason: 'moving', atMs: nowMs - 1, untilMs: nowMs + 1 }] },
    'exempt',
    /bo: moving/,
  ],
  [
    'an exemption that has ended',
    item('a.x'),
    { exemptions: [{ item: 'a.x', by: 'bo', reason: 'moving', atMs: nowMs - 2, untilMs: nowMs }] },
    'unproven',
    /not checked/,
  ],
];

for (const [name, one, known, status, why] of rows)
  test(`${name}: ${status}`, () => {
    const state = statusOf(one, known);
    assert.equal(state.status, status);
    assert.match(typeof state.why === 'string' ? state.why : state.why.en, why);
    if (status === 'fail' || status === 'unproven') assert.notEqual(state.fix, null);
  });

test('a blocker stops, a warning is a risk', () => {
  const verdict = (severity: 'blocker' | 'warning', status: ItemResult['status']) =>
    judgeReadiness(list(item('a.x', { severity })), of, { ...nothing, results: [result('a.x', status)] }, nowMs).verdict;
  assert.equal(verdict('blocker', 'pass'), 'ready');
  assert.equal(verdict('blocker', 'warn'), 'ready-with-risks');
  assert.equal(verdict('blocker', 'fail'), 'not-ready');
  assert.equal(verdict('blocker', 'unproven'), 'not-ready');
  assert.equal(verdict('warning', 'fail'), 'ready-with-risks');
});

test('the score says how it comes about', () => {
  const items = [item('a.x'), item('a.y'), item('a.z', { severity: 'warning' })];
  const results = [result('a.x'), result('a.y', 'warn'), result('a.z', 'fail')];
  const { score, formula, summary } = judgeReadiness(list(...items), of, { ...nothing, results }, nowMs);
  assert.equal(score, 6.4);
  assert.match(typeof formula.text === 'string' ? '' : formula.text.en, /^10 × 4\.5 \/ 7 = 6\.4/);
  assert.deepEqual(summary, {
    en: 'Ready with risks: 2 items are not as they should be, none of them a blocker. 1 of 3 items passed',
    ru: 'Готово с рисками: 2 пункта с замечаниями, блокеров среди них нет. Пройдено 1 из 3',
  });
});

const statuses = fc.constantFrom('pass', 'warn', 'fail', 'unproven', 'skipped') as fc.Arbitrary<ItemResult['status']>;
const found = fc.array(fc.record({ status: statuses, isBlocker: fc.boolean() }), { minLength: 1, maxLength: 30 });

test('what gets better never lowers the score or the verdict, and 10 is all of it', () => {
  const verdicts = ['not-ready', 'ready-with-risks', 'ready'];
  fc.assert(
    fc.property(found, fc.nat(), (given, at) => {
      const items = given.map(({ isBlocker }, index) => item(`a.i${index}`, { severity: isBlocker ? 'blocker' : 'warning' }));
      const judged = (results: ItemResult[]) => judgeReadiness(list(...items), of, { ...nothing, results }, nowMs);
      const results = given.map(({ status }, index) => result(`a.i${index}`, status));
      const before = judged(results);
      const score = before.score ?? 10;
      assert.ok(score >= 0 && score <= 10);
      const isWhole = given.every(({ status }) => status === 'pass' || status === 'skipped');
      assert.equal(score === 10, isWhole);
      const index = at % given.length;
      if (given[index]?.status === 'skipped') return;
      const after = judged(results.map((one, i) => (i === index ? result(one.item) : one)));
      assert.ok((after.score ?? 10) >= score);
      assert.ok(verdicts.indexOf(after.verdict) >= verdicts.indexOf(before.verdict));
    }),
  );
});

test('a signature holds until anything changes, and not only for this run', () => {
  const one = item('a.x', { confirm });
  const known = { results: [result('a.x')], confirmations: [claim('a.x')], exemptions: [] };
  const text = (given: Partial<Known>, atMs = nowMs) =>
    canonicalText(judgeReadiness(list(one), of, { ...known, ...given }, atMs));
  const signed = text({});
  assert.equal(text({}, nowMs + 5_000), signed);
  const again = {
    ...result('a.x', 'pass', nowMs - 10),
    tookMs: 9,
    figures: { connectMs: 7 },
    found: 'connected after 7 ms',
    evidence: ['GET /: 200 after 7 ms'],
  };
  assert.equal(text({ results: [again] }), signed);
  const others: readonly Partial<Known>[] = [
    { results: [result('a.x', 'warn')] },
    { results: [{ ...result('a.x', 'warn'), found: 'something else' }] },
    { results: [{ ...result('a.x', 'warn'), evidence: ['a line'] }] },
    { results: [{ ...result('a.x'), lookedAt: 'elsewhere' }] },
    { results: [] },
    { confirmations: [claim('a.x', { by: 'boris' })] },
    { confirmations: [claim('a.x', { evidence: { kind: 'link', url: 'https://example.com/other' } })] },
    { confirmations: [] },
    { exemptions: [{ item: 'a.x', by: 'bo', reason: 'moving', atMs: nowMs - 1, untilMs: nowMs + 1 }] },
  ];
  assert.equal(new Set([signed, ...others.map((given) => text(given)), text({}, nowMs + 2 * dayMs)]).size, others.length + 2);
  const sign = (role: string, hash: string, atMs: number) => ({ role, by: 'anna', comment: null, atMs, hash });
  const all = [sign('devops', 'h', 1), sign('devops', 'h', 2), sign('security', 'old', 3)];
  assert.deepEqual(signaturesFor('h', all, ['security', 'devops']), {
    signOffs: [sign('devops', 'h', 2)],
    unsigned: ['security'],
  });
});

test('two reports are compared item by item', () => {
  const judged = (items: ResolvedItem[], results: ItemResult[]) =>
    judgeReadiness(list(...items), of, { ...nothing, results }, nowMs);
  const before = judged([item('a.x'), item('a.y'), item('a.z')], [result('a.x', 'fail'), result('a.y'), result('a.z')]);
  const after = judged(
    [item('a.x'), item('a.y'), item('a.n')],
    [{ ...result('a.x'), figures: { connectMs: 9 } }, result('a.y', 'warn')],
  );
  const { changes, figures } = compareReports(before, after);
  assert.deepEqual(
    changes.map(({ item: id, kind, before: was, after: is }) => [id, kind, was, is]),
    [
      ['a.x', 'better', 'fail', 'pass'],
      ['a.y', 'worse', 'pass', 'warn'],
      ['a.n', 'new', null, 'unproven'],
      ['a.z', 'gone', 'pass', null],
    ],
  );
  assert.deepEqual(figures, [{ item: 'a.x', figure: 'connectMs', before: 5, after: 9 }]);
});
