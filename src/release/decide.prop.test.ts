import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { simulatedService } from '../../test/simulation/spec.ts';
import type { Sample } from '../analysis/sample.ts';
import type { Instance } from '../targets/target.ts';
import { decide, newService } from './decide.ts';
import { guards } from './guarding.ts';
import { effectsOf, nextWakeMs, wantedRoute, wantedVersions } from './levels.ts';
import { isCommitted, waitsForRestart } from './phase-name.ts';
import { places } from './places.fixture.ts';
import { restartUnderWay } from './restart.ts';
import { canary, counts, instance, Story, startMs, undoable, weight } from './story.fixture.ts';
import type { ServiceEvent, ServiceState, Verb } from './types.ts';

const versions = ['1.0.0', '2.0.0', '3.0.0'] as const;
const verbs: readonly Verb[] = ['pause', 'resume', 'approve', 'promote', 'abort', 'retry'];
const spec = simulatedService({
  ...canary(weight(10), { kind: 'hook', hook: undoable }, { kind: 'pause', ms: null }, weight(50)),
  smoke: [{ path: '/', method: 'GET', status: 200, timeoutMs: 1_000, contains: null }],
});

/** What happens, before it is known to whom: an event may be about now, about something long past, or about nothing. */
type Raw = {
  readonly kind:
    | 'request'
    | 'verb'
    | 'instances'
    | 'route'
    | 'samples'
    | 'hook'
    | 'smoke'
    | 'retired'
    | 'failed'
    | 'started'
    | 'validated'
    | 'drill'
    | 'restart'
    | 'wake';
  readonly waitMs: number;
  readonly which: number;
  readonly ok: boolean;
  readonly stale: boolean;
};

const raw: fc.Arbitrary<Raw> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('route' as const, 'samples' as const) },
    { weight: 3, arbitrary: fc.constantFrom('instances' as const, 'validated' as const, 'wake' as const, 'verb' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'request' as const,
        'hook' as const,
        'smoke' as const,
        'retired' as const,
        'failed' as const,
        'started' as const,
        'drill' as const,
        'restart' as const,
      ),
    },
  ),
  waitMs: fc.constantFrom(0, 30, 1_000, 1_000, 1_000, 5_000, 40_000),
  which: fc.nat({ max: 59 }),
  ok: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  stale: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});

type Played = { readonly place: string; readonly raws: readonly Raw[] };

const story: fc.Arbitrary<Played> = fc.record({
  place: fc.constantFrom('nothing', ...Object.keys(places)),
  raws: fc.array(raw, { maxLength: 100, size: 'max' }),
});

/** Makes an event of it that fits the state as well as its dice allow. */
function eventOf(state: ServiceState, { kind, which, ok, stale }: Raw, at: number, index: number): ServiceEvent {
  const version = versions[which % 3] ?? '1.0.0';
  const id = stale ? 'r0' : (state.live?.id ?? 'r1');
  const effects = effectsOf(state);
  const keyOf = (wanted: string): string =>
    stale ? 'hook:r0:1:1' : (effects.find((effect) => effect.kind === wanted)?.key ?? '');
  switch (kind) {
    case 'request':
      return { kind: 'requested', at, release: `r${at}-${index}`, version, spec, by: 'anna', why: '', restore: which % 7 === 0 };
    case 'verb':
      return { kind: 'verb', at, release: id, verb: verbs[which % 6] ?? 'abort', by: 'anna', why: '' };
    case 'validated':
      return { kind: 'validated', at, release: id, problems: ok ? [] : ['no router'] };
    case 'instances': {
      const states: readonly Instance['state'][] = ok ? ['ready', 'ready'] : which % 2 === 0 ? ['crashed'] : [];
      return {
        kind: 'instances',
        at,
        version: stale ? version : (state.live?.version ?? version),
        instances: states.map((is, copy) => ({ ...instance(version, copy, is), life: `${which % 4}` })),
      };
    }
    case 'route': {
      const { want, seq, status } = state.route;
      if (status === 'wanted') return { kind: 'route-accepted', at, seq: stale ? seq - 1 : seq };
      if (want === null || !ok) return { kind: 'route-read', at, reading: null };
      const reading = { route: want, fence: { token: 1, seq: stale ? seq - 1 : seq }, appliedAtMs: at, lapsed: which === 0 };
      return { kind: 'route-read', at, reading };
    }
    case 'samples':
      return { kind: 'sampled', at, samples: [sampleAt(state, stale ? at - 20_000 : at, ok ? 0 : which % 3)] };
    case 'hook':
      return {
        kind: 'hook-ended',
        at,
        key: keyOf('run-hook'),
        ok,
        detail: '',
        ...(which % 3 === 0 ? {} : { applied: which % 3 === 1 }),
      };
    case 'smoke':
      return { kind: 'smoked', at, key: keyOf('smoke'), ok, detail: '' };
    case 'retired':
      return { kind: 'retired', at, version };
    case 'failed':
      return {
        kind: 'effect-failed',
        at,
        key: effects[which % Math.max(1, effects.length)]?.key ?? 'route:0',
        reason: 'refused',
      };
    case 'drill':
      return ok
        ? { kind: 'drill-asked', at, release: id, percent: which % 2 === 0 ? 1 : 20, maxMs: 5_000, by: 'anna' }
        : { kind: 'drill-ended', at, release: id, by: 'anna', why: '' };
    case 'restart': {
      const key = effects.find((effect) => effect.kind === 'restart')?.key;
      if (key !== undefined && ok) return { kind: 'restart-accepted', at, key: stale ? 'restart:r0:1' : key };
      if (stale) return { kind: 'restart-stopped', at, restart: state.restarts?.[0]?.id ?? '', by: 'anna', why: '' };
      const how = which % 2 === 0 ? 'one-by-one' : 'rolling';
      return { kind: 'restart-asked', at, restart: `x${index}`, version, how, by: 'anna', why: '' };
    }
    case 'started':
      return { kind: 'controller-started', at };
    case 'wake':
      return { kind: 'woke', at };
  }
}

function sampleAt(state: ServiceState, at: number, errors: number): Sample {
  const percent = state.route.want?.candidate ? state.route.want.weight : 0;
  const n = Math.round(percent);
  return {
    second: Math.floor(at / 1_000) - 1,
    edgesMs: [500],
    weight: percent,
    stable: counts(100 - n, 0),
    candidate: counts(n, Math.min(n, errors * 10)),
  };
}

const placeNames = Object.keys(places) as [string, ...string[]];

function from(place: string): { readonly state: ServiceState; readonly at: number } {
  return places[place]?.(new Story()) ?? { state: newService('shop'), at: startMs };
}

function stand(live: ServiceState['live']): string {
  const { phase, verdict } = live ?? {};
  const where =
    phase?.kind === 'stepping' ? `${phase.step} ${phase.part.kind}` : phase?.kind === 'rolling-back' ? phase.part : '';
  return `${phase?.kind} ${where} ${verdict?.kind}`;
}

/** Plays a story from its place and looks at every step of it. */
function play(
  { place, raws }: Played,
  look: (before: ServiceState, event: ServiceEvent, after: ServiceState) => void,
): ServiceState {
  let { state, at } = from(place);
  for (const [index, one] of raws.entries()) {
    at += one.waitMs;
    const event = eventOf(state, one, at, index);
    const before = state;
    state = decide(before, event).state;
    look(before, event, state);
  }
  return state;
}

const runs = { numRuns: 300 };

test('whatever happens, weights are percentages, an ended release wants nothing, and everything that waits has a deadline', () => {
  fc.assert(
    fc.property(story, (played) => {
      play(played, (before, _, after) => {
        const { route, live, stable } = after;
        const { weight: percent, candidate } = route.want ?? { weight: 0, candidate: null };
        assert.ok(percent >= 0 && percent <= 100);
        if (candidate === null) assert.equal(percent, 0);
        assert.deepEqual(wantedRoute(after), route.want);
        assert.ok(route.seq >= before.route.seq);
        const wanted = wantedVersions(after).map(({ version }) => version);
        const known = new Set([stable?.version, live?.version, live?.plan.stable]);
        assert.ok(wanted.every((version) => known.has(version)));
        const isBack = live?.phase.kind === 'rolling-back' && live.phase.part !== 'restore';
        if (isBack || !live || isCommitted(live)) assert.equal(candidate, null);
        if (!live) assert.deepEqual(wanted, stable ? [stable.version] : []);
        const restart = restartUnderWay(after);
        if (restart) {
          assert.ok(!live || waitsForRestart(live));
          assert.ok(Number.isFinite(nextWakeMs(after, 0)));
        }
        const [asked] = effectsOf(after).filter(({ kind }) => kind === 'restart');
        if (asked) assert.equal(asked.key.split(':')[1], restart?.id);
        assert.ok((after.restarts ?? []).length <= 10);
        if (live) assert.ok(Number.isFinite(nextWakeMs(after, 0)) || effectsOf(after).length > 0);
        if (candidate) assert.ok(candidate.endpoints.length > 0);
        const pending = new Set(effectsOf(after).map(({ key }) => key));
        assert.ok(Object.keys(after.retries).every((key) => pending.has(key)));
        assert.ok(after.ended.length <= 20 && after.previous.length <= 20);
      });
    }),
    runs,
  );
});

test('an abort from wherever the candidate is takes its traffic with the very next route', () => {
  fc.assert(
    fc.property(story, (played) => {
      play(played, (_, event, after) => {
        if (!after.live) return;
        const aborted = decide(after, {
          kind: 'verb',
          at: event.at,
          release: after.live.id,
          verb: 'abort',
          by: 'anna',
          why: '',
        }).state;
        // Where stable has given up instances, what is left of them must not get more than it can carry.
        const { live, route } = aborted;
        const isShort = live?.phase.kind === 'rolling-back' && live.phase.part === 'restore';
        if (isShort) assert.ok((route.want?.weight ?? 0) <= (after.route.want?.weight ?? 0));
        else assert.equal(route.want?.candidate ?? null, null);
      });
    }),
    runs,
  );
});

test('the guard’s fail never leaves a release where it is', () => {
  fc.assert(
    fc.property(story, (played) => {
      play(played, (_, event, { live }) => {
        // Where stable cannot take the traffic, people may have sent it on against the guard.
        const stays = live && guards(live) && !live.plan.incompatible;
        if (event.kind === 'sampled' && stays) assert.notEqual(live.verdict?.kind, 'fail');
      });
    }),
    runs,
  );
});

test('samples that come again change nothing', () => {
  fc.assert(
    fc.property(story, (played) => {
      play(played, (before, event, after) => {
        // They are about the release that was live; one that begins with them knows nothing of them yet.
        if (event.kind !== 'sampled' || before.live?.id !== after.live?.id) return;
        const again = decide(after, event);
        assert.equal(again.state, after);
        assert.equal(again.said, null);
      });
    }),
    runs,
  );
});

test('samples that move nothing give the same state in one record as one by one', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...placeNames),
      fc.array(fc.constantFrom(0, 0, 0, 0, 1), { minLength: 1, maxLength: 6 }),
      (place, errors) => {
        const { state, at } = from(place);
        const second = (index: number): number => at + (index + 1) * 1_000;
        const samples = errors.map((error, index) => sampleAt(state, second(index), error));
        const states = [state];
        for (const [index, sample] of samples.entries())
          states.push(decide(states.at(-1) ?? state, { kind: 'sampled', at: second(index), samples: [sample] }).state);
        // The turn puts only such samples into one record: the release stands where it stood, and the guard says the same.
        fc.pre(states.every(({ live }) => stand(live) === stand(state.live)));
        const together = decide(state, { kind: 'sampled', at: second(samples.length - 1), samples }).state;
        assert.deepEqual(together, states.at(-1));
      },
    ),
    runs,
  );
});

test('verbs change no release that has ended, and the same events always give the same state', () => {
  fc.assert(
    fc.property(story, (played) => {
      const events: ServiceEvent[] = [];
      const end = play(played, (before, event, after) => {
        events.push(event);
        for (const { id } of after.ended.slice(0, 2))
          for (const verb of verbs) {
            const decision = decide(after, { kind: 'verb', at: event.at, release: id, verb, by: 'anna', why: '' });
            assert.equal(decision.state, after);
            assert.match(decision.said ?? '', /has ended/);
          }
        for (const { id, phase } of before.ended)
          if (after.ended.length < 20) assert.deepEqual(after.ended.find((release) => release.id === id)?.phase, phase);
      });
      // From the log's own form: what is not plain JSON would be lost in a snapshot or a record.
      const again = JSON.parse(JSON.stringify(events)) as ServiceEvent[];
      assert.deepEqual(
        again.reduce((state, event) => decide(state, event).state, from(played.place).state),
        end,
      );
      assert.deepEqual(JSON.parse(JSON.stringify(end)), end);
    }),
    runs,
  );
});
