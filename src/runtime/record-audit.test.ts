import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import type { Origin } from '../access/types.ts';
import { decide } from '../release/decide.ts';
import { Story } from '../release/story.fixture.ts';
import { releaseSummary } from '../release/summary.ts';
import type { ServiceEvent } from '../release/types.ts';
import { releaseView } from '../views/service-view.ts';
import { endedRelease, type Recorded, releaseOf, toRecord } from './record.ts';

const from: Origin = { address: '10.0.0.7', via: 'token', credential: 't1' };

/** Tells the story an event, and answers with its record as the log gives it back. */
function recordOf(story: Story, event: Parameters<Story['tell']>[0]): Recorded {
  const before = story.state;
  const whole = { ...event, at: story.at } as ServiceEvent;
  const decision = decide(before, whole);
  story.state = decision.state;
  return JSON.parse(JSON.stringify(toRecord(whole, before, decision).data));
}

test('a request is on record with from where it came, when it was committed and what it changes', () => {
  const story = new Story().install();
  const secret = (value: string) => ({ kind: 'process', config: { environment: { DB_PASSWORD: value } } });
  const stable = story.state.stable;
  assert(stable);
  story.state = { ...story.state, stable: { ...stable, spec: { ...stable.spec, target: secret('old') } } };
  const spec = { ...simulatedService({ bakeMs: 7_000 }), target: secret('new') };
  const asked = { release: 'r9', version: '2.0.0', spec, by: 'anna', why: '', restore: false, from, committedAtMs: 1_000 };
  const { event, audit } = recordOf(story, { kind: 'requested', ...asked });
  assert(event.kind === 'requested');
  assert.deepEqual([event.from, event.committedAtMs], [from, 1_000]);
  const hidden = { 'target.config.environment.DB_PASSWORD': '[hidden]' };
  assert.deepEqual(audit, {
    before: { version: '1.0.0', document: { ...hidden, 'release.bakeMs': stable.spec.release.bakeMs } },
    after: { version: '2.0.0', document: { ...hidden, 'release.bakeMs': 7_000 } },
  });
});

test('a verb is on record with where the release stood before and after it, also when it does nothing', () => {
  const story = new Story().release().confirm().seconds(3);
  const verb = (name: 'pause' | 'approve') =>
    recordOf(story, { kind: 'verb', release: story.live.id, verb: name, by: 'anna', why: '', from });
  const { event, audit } = verb('pause');
  assert(event.kind === 'verb');
  assert.deepEqual(event.from, from);
  assert.deepEqual(audit, { before: { state: 'progressing' }, after: { state: 'held' } });
  assert.deepEqual(verb('approve').audit, { before: { state: 'held' }, after: { state: 'held' } });
});

test('from where something was asked changes nothing about the decision', () => {
  const story = new Story().release().confirm().seconds(3);
  const event = { kind: 'verb', at: story.at, release: story.live.id, verb: 'abort', by: 'anna', why: '' } as const;
  assert.deepEqual(decide(story.state, { ...event, from }), decide(story.state, event));
});

test('the record that ends a release has all that is shown of it afterwards', () => {
  const story = new Story().release();
  story.verb('abort').confirm().seconds(3);
  const { ended } = recordOf(story, { kind: 'retired', version: '2.0.0' });
  const [kept, more] = ended ?? [];
  const [now] = story.state.ended;
  assert(kept && now && more === undefined);
  assert.equal(kept.stableAtMs, null);
  assert.deepEqual(kept.summary, releaseSummary(now));
  const again = releaseOf(kept, now.spec);
  for (const language of ['en', 'ru'] as const)
    assert.deepEqual(
      JSON.parse(JSON.stringify(releaseView(again, null, story.at, language))),
      JSON.parse(JSON.stringify(releaseView(now, story.state, story.at, language))),
    );
});

test('each of several releases that end at once is kept, and a success says since when it is stable', () => {
  const story = new Story().release().request('3.0.0');
  const asked = { release: 'r9', version: '4.0.0', spec: simulatedService({}), by: 'anna', why: '', restore: false };
  const { ended } = recordOf(story, { kind: 'requested', ...asked });
  assert.deepEqual(
    ended?.map(({ summary }) => [summary.release, summary.outcome]),
    [['r3', 'superseded']],
  );
  const { stable, ended: past } = new Story().install().state;
  assert(stable && past[0]);
  assert.equal(endedRelease(past[0], new Story().install().state)?.stableAtMs, stable.sinceMs);
});
