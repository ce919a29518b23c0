import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { type AlertMatcher, utf8Matchers } from '../../spec/alert-matcher.ts';
import type { InhibitRule } from '../../spec/alert-routing.ts';
import { type FiringAlert, Inhibitor } from './inhibition.ts';
import type { Labels } from './matching.ts';
import { noticeReason } from './notify-decision.ts';
import { mayChange, type Silence, silencedBy, silenceProblem, silenceState } from './silences.ts';

const nowMs = Date.parse('2026-11-29T01:00:00Z');
type Moment = { readonly now_plus_seconds: number };
const at = (moment: Moment): number => nowMs + moment.now_plus_seconds * 1_000;

type RuleRow = Readonly<Record<'source_matchers' | 'target_matchers' | 'equal', readonly string[]>>;
type AlertRow = { readonly labels: Labels; readonly active: boolean };
type Inhibition = {
  readonly has_equal: readonly {
    readonly name: string;
    readonly source_alerts: readonly { readonly labels: Labels; readonly ends: Moment | null }[];
    readonly equal: readonly string[];
    readonly target_labels: Labels;
    readonly inhibited: boolean;
  }[];
  readonly suites: readonly {
    readonly test: string;
    readonly rules: readonly RuleRow[];
    readonly firing_sources?: readonly AlertRow[];
    readonly cases: readonly {
      readonly why: string;
      readonly target_labels?: Labels;
      readonly inhibited?: boolean;
      readonly alerts_in_order?: readonly AlertRow[];
      readonly expect?: readonly { readonly labels: Labels; readonly inhibited: boolean }[];
    }[];
  }[];
};

function matchersOf(texts: readonly string[]): readonly AlertMatcher[] {
  return texts.flatMap((text) => {
    const read = utf8Matchers(text);
    return 'problem' in read ? assert.fail(read.problem) : read;
  });
}

function ruleOf({ source_matchers, target_matchers, equal }: RuleRow): InhibitRule {
  const [sourceMatchers, targetMatchers] = [matchersOf(source_matchers), matchersOf(target_matchers)];
  return { name: null, place: 'inhibitRules[0]', sourceMatchers, targetMatchers, equal };
}

/** The last word on each set of labels counts. */
function firingOf(rows: readonly AlertRow[]): readonly FiringAlert[] {
  const last = new Map(rows.map(({ labels, active }) => [JSON.stringify(labels), { labels, active }]));
  return [...last.values()].filter(({ active }) => active).map(({ labels }, index) => ({ id: `source-${index}`, labels }));
}

withVectors<Inhibition>('alertmanager/inhibition.json', ({ has_equal, suites }) => {
  assert(has_equal.length >= 5 && suites.length >= 3);
  for (const { name, source_alerts, equal, target_labels, inhibited } of has_equal)
    test(`inhibited by equal labels: ${name}`, () => {
      // A label that only targets have keeps the two sides apart: this is about `equal` alone.
      const target = { ...target_labels, target: 'yes' };
      const rule = ruleOf({ source_matchers: ['target=""'], target_matchers: ['target="yes"'], equal });
      const firing = source_alerts.filter(({ ends }) => ends === null || at(ends) > nowMs);
      const inhibitor = new Inhibitor(
        [rule],
        firing.map(({ labels }, index) => ({ id: String(index), labels })),
      );
      assert.equal(inhibitor.by(target) !== null, inhibited);
    });
  for (const { test: name, rules, firing_sources = [], cases } of suites)
    for (const { why, target_labels, inhibited, alerts_in_order = firing_sources, expect } of cases)
      test(`inhibited as Alertmanager does, ${name}: ${why}`, () => {
        const inhibitor = new Inhibitor(rules.map(ruleOf), firingOf(alerts_in_order));
        const rows = expect ?? [{ labels: target_labels ?? {}, inhibited: inhibited ?? false }];
        for (const row of rows) assert.equal(inhibitor.by(row.labels) !== null, row.inhibited, JSON.stringify(row.labels));
      });
});

type MatcherRow = { readonly Name: string; readonly Pattern: string; readonly Type?: string };
type SetRow = { readonly Matchers: readonly MatcherRow[] };
type Stamp = 'validTimestamp' | 'zeroTimestamp' | Moment;
type Changed = { readonly starts?: Moment; readonly ends?: Moment };
type Silences = {
  readonly state: readonly {
    readonly starts_offset_s: number;
    readonly ends_offset_s: number;
    readonly state: ReturnType<typeof silenceState>;
  }[];
  readonly can_update_in_place: readonly {
    readonly a: Changed;
    readonly b: Changed;
    readonly can_update_in_place: boolean;
  }[];
  readonly validate: readonly {
    readonly silence: {
      readonly MatcherSets?: readonly SetRow[];
      readonly Matchers?: readonly MatcherRow[];
      readonly StartsAt: Stamp;
      readonly EndsAt: Stamp;
    };
    readonly error: string;
  }[];
  readonly match: {
    readonly alert_labels: Labels;
    readonly cases: readonly { readonly silence_matcher_sets: readonly SetRow[]; readonly silenced: boolean }[];
  };
};

const operators = { EQUAL: '=', NOT_EQUAL: '!=', REGEXP: '=~', NOT_REGEXP: '!~' } as const;
const setOf = ({ Matchers }: SetRow): readonly AlertMatcher[] =>
  Matchers.map(({ Name, Pattern, Type = 'pb.Matcher_EQUAL' }) => ({
    name: Name,
    op: operators[Type.replace('pb.Matcher_', '') as keyof typeof operators],
    value: Pattern,
  }));

const silence = (more: Partial<Silence>): Silence => ({
  id: 's1',
  matcherSets: [[{ name: 'a', op: '=', value: 'b' }]],
  startsAtMs: nowMs - 60_000,
  endsAtMs: nowMs + 60_000,
  untilResolved: null,
  by: 'anna',
  comment: '',
  ...more,
});

withVectors<Silences>('alertmanager/silences.json', ({ state, can_update_in_place, validate, match }) => {
  assert(state.length >= 3 && can_update_in_place.length >= 9 && validate.length >= 7 && match.cases.length >= 10);
  for (const { starts_offset_s, ends_offset_s, state: want } of state)
    test(`a silence from +${starts_offset_s} s to +${ends_offset_s} s is ${want}`, () => {
      const [startsAtMs, endsAtMs] = [nowMs + starts_offset_s * 1_000, nowMs + ends_offset_s * 1_000];
      assert.equal(silenceState(silence({ startsAtMs, endsAtMs }), nowMs), want);
    });
  for (const { a, b, can_update_in_place: want } of can_update_in_place)
    test(`whether a silence may change: ${JSON.stringify([a, b])}`, () => {
      // One without times is long over.
      const of = ({ starts, ends }: Changed): Silence =>
        silence({ startsAtMs: starts ? at(starts) : 0, endsAtMs: ends ? at(ends) : 0 });
      assert.equal(mayChange(of(a), of(b), nowMs), want);
    });
  for (const { silence: row, error } of validate)
    test(`a silence that is asked for: ${error || 'fine'}`, () => {
      const stamp = (given: Stamp): number | undefined =>
        given === 'zeroTimestamp' ? undefined : given === 'validTimestamp' ? nowMs : at(given);
      const matcherSets = (row.MatcherSets ?? [{ Matchers: row.Matchers ?? [] }]).map(setOf);
      const problem = silenceProblem({ matcherSets, startsAtMs: stamp(row.StartsAt), endsAtMs: stamp(row.EndsAt) });
      assert(error === '' ? problem === null : problem?.startsWith(error), String(problem));
    });
  for (const { silence_matcher_sets: sets, silenced } of match.cases)
    test(`silenced: ${JSON.stringify(sets.map(setOf))}`, () => {
      const found = silencedBy([silence({ matcherSets: sets.map(setOf) })], { id: 'a', labels: match.alert_labels }, nowMs);
      assert.equal(found !== null, silenced);
    });
});

test('a silence that was made for an alert ends with it, and with its own time at the latest', () => {
  const made = silence({ untilResolved: 'checkout/availability/P0@1' });
  const stateAt = (resolvedAtMs: number | null, ms: number) => silenceState(made, ms, () => resolvedAtMs);
  assert.equal(stateAt(null, nowMs), 'active');
  assert.equal(stateAt(nowMs - 1, nowMs), 'expired');
  assert.equal(stateAt(nowMs + 10_000, nowMs), 'active');
  assert.equal(stateAt(null, nowMs + 60_000), 'expired');
});

type Dedup = {
  readonly cases: readonly {
    readonly name: string;
    readonly last_notification: null | {
      readonly firing: readonly number[];
      readonly resolved: readonly number[];
      readonly notified_at_now_plus_seconds: number | 'zero' | null;
    };
    readonly firing: readonly number[];
    readonly resolved: readonly number[];
    readonly repeat_interval_s: number;
    readonly send_resolved: boolean;
    readonly notify: boolean;
  }[];
};
withVectors<Dedup>('alertmanager/dedup_needs_update.json', ({ cases }) => {
  assert(cases.length >= 11);
  const setOfNumbers = (numbers: readonly number[]): ReadonlySet<string> => new Set(numbers.map(String));
  for (const { name, last_notification: last, firing, resolved, repeat_interval_s, send_resolved, notify } of cases)
    test(`whether to tell: ${name}`, () => {
      const seconds = last?.notified_at_now_plus_seconds;
      const atMs = typeof seconds === 'number' ? nowMs + seconds * 1_000 : null;
      const before = last && { firing: setOfNumbers(last.firing), resolved: setOfNumbers(last.resolved), atMs };
      const [on, off] = [setOfNumbers(firing), setOfNumbers(resolved)];
      assert.equal(noticeReason(before, on, off, repeat_interval_s * 1_000, send_resolved, nowMs) !== null, notify);
    });
});
