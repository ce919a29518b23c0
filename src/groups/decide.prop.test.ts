import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { simulatedService } from '../../test/simulation/spec.ts';
import { barrierAt } from '../release/barrier.ts';
import { nextWakeMs } from './actions.ts';
import { decide, newGroup } from './decide.ts';
import { Play } from './play.fixture.ts';
import type { GroupAction, MemberRequest } from './types.ts';

const names = ['a', 'b', 'c', 'd'] as const;

/** Any order without a circle: each member after some of those that stand before it. */
const orders = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 4, maxLength: 4 }))
  .map(([count, masks]) =>
    Object.fromEntries(
      names
        .slice(0, count)
        .map((name, index) => [name, names.slice(0, index).filter((_, at) => ((masks[index] ?? 0) >> at) & 1)]),
    ),
  );

type Happening = {
  readonly kind: 'serve' | 'hear' | 'act' | 'wait' | 'fail' | 'person' | 'abort' | 'crash' | 'lose';
  readonly which: number;
};

const happenings: fc.Arbitrary<Happening> = fc.record({
  kind: fc.oneof(
    { weight: 24, arbitrary: fc.constant('serve' as const) },
    { weight: 12, arbitrary: fc.constantFrom('hear' as const, 'act' as const) },
    { weight: 4, arbitrary: fc.constant('wait' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('fail' as const, 'person' as const, 'abort' as const, 'crash' as const, 'lose' as const),
    },
  ),
  which: fc.nat({ max: 1_000 }),
});

const spec = simulatedService({ retire: { afterMs: 3_000 } });
const verbs = ['abort', 'pause', 'resume', 'approve', 'promote', 'retry'] as const;

/** All that are behind a member, directly or through others. */
function behind(members: readonly MemberRequest[], service: string): readonly MemberRequest[] {
  const direct = members.filter(({ after }) => after.includes(service));
  return [...new Set(direct.flatMap((one) => [one, ...behind(members, one.service)]))];
}

/** Whether no request reaches a member's new version any more, as its router says. */
function isBack(play: Play, { service, version }: MemberRequest): boolean {
  const { live, stable } = play.story(service).state;
  if (stable?.version === version) return false;
  if (live === null || live.version !== version) return true;
  return live.phase.kind === 'rolling-back' && live.phase.part !== 'route';
}

function happen(
  play: Play,
  { kind, which }: Happening,
  failing: Map<string, number>,
  check: (action: GroupAction) => void,
): void {
  const service = play.members[which % play.members.length]?.service ?? '';
  switch (kind) {
    case 'serve':
      // A second of one service: the others are late.
      play.at = Math.max(play.at, play.story(service).at + 1_000);
      play.story(service).at = play.at;
      play.serve(service, failing.get(service));
      return;
    case 'hear':
      play.hear();
      assert(nextWakeMs(play.state) > play.at, 'it has been woken for this moment, and would be again at once');
      return;
    case 'act': {
      const { wanted } = play;
      const action = wanted[which % Math.max(1, wanted.length)];
      if (!action) return;
      check(action);
      play.act(action);
      return;
    }
    case 'wait':
      play.at += which;
      return;
    case 'fail':
      failing.set(service, 0.6);
      return;
    case 'person':
      play.story(service).verb(verbs[which % verbs.length] ?? 'pause');
      return;
    case 'abort':
      play.abort();
      return;
    case 'crash':
      // What is not on record is gone; what is folds to the same.
      play.state = play.events.reduce((state, event) => decide(state, event).state, newGroup('group'));
      return;
    case 'lose': {
      // An action that was done, of which the group heard nothing before it was done again.
      const [action] = play.wanted;
      if (!action) return;
      check(action);
      play.act(action);
      play.act(action);
    }
  }
}

test('whatever happens to its members, a group promotes none before all are ready, and goes back whole and in reverse order', () => {
  const outcomes: Record<string, number> = {};
  fc.assert(
    fc.property(orders, fc.array(happenings, { minLength: 20, maxLength: 400 }), (after, told) => {
      const play = new Play(after, spec).begin();
      const failing = new Map<string, number>();
      const reached = new Set<string>();
      const look = (): void => {
        for (const { service } of play.members) {
          const live = play.story(service).state.live;
          if (live && barrierAt(live)) reached.add(service);
        }
        const past = play.members.filter((member) => play.isPast(member));
        if (past.length > 0) assert.equal(reached.size, play.members.length, 'one was promoted before all were at the barrier');
      };
      const check = (action: GroupAction): void => {
        if (action.kind === 'open') {
          assert(play.release.phase.kind === 'promoting' || play.release.phase.kind === 'finishing');
          return;
        }
        if (action.kind === 'request') {
          for (const name of action.member.after) assert(reached.has(name), `${action.member.service} began before ${name}`);
          return;
        }
        const service = 'member' in action ? action.member.service : action.service;
        for (const member of behind(play.members, service)) {
          const heard = play.release.members.find((one) => one.service === member.service);
          const isGivenUp = (heard?.backUntilMs ?? Number.POSITIVE_INFINITY) <= play.at;
          assert(isBack(play, member) || isGivenUp, `${service} went back before ${member.service}`);
        }
      };
      for (const one of told) {
        happen(play, one, failing, check);
        look();
      }
      // From here on everybody does what they should, but for who fails.
      for (let seconds = 0; play.state.live !== null; seconds += 1) {
        assert(seconds < 5_000, `no end: ${JSON.stringify(play.release.phase)}`);
        play.at += 1_000;
        for (const { service } of play.members) play.serve(service, failing.get(service));
        look();
        play.hear();
        for (const action of play.wanted) {
          check(action);
          play.act(action);
        }
      }
      const { phase } = play.release;
      assert(phase.kind === 'ended');
      outcomes[phase.outcome] = (outcomes[phase.outcome] ?? 0) + 1;
      const stables = play.members.map(({ service }) => play.story(service).state.stable?.version);
      if (phase.outcome === 'succeeded')
        assert(
          stables.every((version) => version === '2.0.0'),
          stables.join(),
        );
      if (phase.outcome === 'rolled-back') {
        assert(
          stables.every((version) => version === '1.0.0'),
          stables.join(),
        );
        for (const { service } of play.members) assert.equal(play.story(service).traffic, 'none');
      }
      const folded = play.events.reduce((state, event) => decide(state, event).state, newGroup('group'));
      assert.deepEqual(folded, play.state);
    }),
    { numRuns: 300 },
  );
  assert((outcomes.succeeded ?? 0) > 10 && (outcomes['rolled-back'] ?? 0) > 10, JSON.stringify(outcomes));
});
