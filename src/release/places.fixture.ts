import { canary, cutover, database, preflight, rolling, type Story, undoable, weight } from './story.fixture.ts';

const stepped = canary(
  weight(10),
  { kind: 'hook', hook: undoable },
  { kind: 'pause', ms: null },
  { kind: 'pause', ms: 3_000 },
  { kind: 'approve', expiresMs: 20_000 },
  weight(50),
);

const watched = (story: Story): Story => story.release(stepped).confirm().seconds(11);
const baking = (story: Story): Story =>
  story
    .release(canary(weight(10)))
    .confirm()
    .seconds(11)
    .confirm();

/** A rolling update of three instances, one beyond the usual number: its first batch is about to be started. */
function sharing(story: Story): Story {
  story.replicas = 3;
  return story.install().request('2.0.0', rolling()).validated().seconds(1);
}

const firstBatch = (story: Story): Story => sharing(story).settle().confirm().seconds(11).confirm();

/** Every place in which a release can be, by the name that `Story.now` has for it, and the way there. */
export const places: Readonly<Record<string, (story: Story) => Story>> = {
  validating: (story) => story.install().request('2.0.0'),
  'awaiting-approval': (story) =>
    story
      .install()
      .request('2.0.0', { approval: { expiresMs: 30_000 } })
      .validated(),
  'preparing instances': (story) => story.install().request('2.0.0').validated(),
  'preparing smoke': (story) =>
    story.release({ smoke: [{ path: '/', method: 'GET', status: 200, timeoutMs: 1_000, contains: null }] }),
  'applying 0': (story) => story.release(stepped),
  'observing 1': (story) => story.release(stepped).confirm().seconds(5),
  'running 2': watched,
  'waiting 3': (story) => watched(story).hook(),
  'waiting 4': (story) => watched(story).hook().verb('resume'),
  'asking 5': (story) => watched(story).hook().verb('resume').seconds(4),
  'held operator 1': (story) => story.release(stepped).confirm().seconds(5).verb('pause'),
  'held evidence 1': (story) => story.release(stepped).confirm().wait(31_000),
  'held router 0': (story) => story.release(stepped).wait(11_000),
  // Its observation has passed, but the evidence has gone stale before the next weight.
  'held evidence 6': (story) => watched(story).hook().wait(20_000).verb('resume').wait(4_000).verb('approve'),
  'applying 2': (story) =>
    story
      .release(canary(weight(10)))
      .confirm()
      .seconds(11),
  'observing 3': baking,
  'held operator 3': (story) => baking(story).seconds(2).verb('pause'),
  'settling 4': (story) =>
    story
      .release({ ...canary(weight(10)), retire: { afterMs: 6_000 } })
      .confirm()
      .seconds(11)
      .confirm()
      .seconds(11),
  'held operator 4': (story) =>
    story
      .release({ ...canary(weight(10)), retire: { afterMs: 6_000 } })
      .confirm()
      .seconds(11)
      .confirm()
      .seconds(11)
      .verb('pause'),
  'committing 4': (story) => baking(story).seconds(11),
  'retiring 4': (story) => baking(story).seconds(11).confirm(),
  'rolling-back route': (story) => story.release(stepped).confirm().seconds(5).verb('abort'),
  'rolling-back compensate': (story) => watched(story).verb('abort').confirm(),
  'rolling-back drain': (story) => story.release(stepped).confirm().seconds(5).verb('abort').confirm(),
  'rolling-back retire': (story) => story.release(stepped).confirm().seconds(5).verb('abort').confirm().seconds(2),
  // With a database: the guard or a person takes it back, and what was migrated has to go back, too.
  'running 0': (story) =>
    story
      .install()
      .request('2.0.0', database(['a']))
      .validated(),
  'running 1': (story) =>
    story
      .install()
      .request('2.0.0', database(['a?']))
      .validated()
      .hook(),
  'observing 4': (story) =>
    story
      .migrated(canary(weight(10)), database(['!a', 'b'], { compatible: false }))
      .confirm()
      .seconds(5),
  'held irreversible 4': (story) =>
    story
      .migrated(canary(weight(10)), database(['!a', 'b'], { compatible: false }))
      .confirm()
      .seconds(5, 1),
  'rolling-back database': (story) =>
    story
      .migrated(canary(weight(10)), database(['a', 'b']))
      .verb('abort')
      .confirm()
      .seconds(2)
      .retire(),
  'rolling-back database failing': (story) =>
    story
      .migrated(canary(weight(10)), database(['a', 'b']))
      .verb('abort')
      .confirm()
      .seconds(2)
      .retire()
      .hook(false),
  'rolling-back decide': (story) =>
    story
      .migrated(canary(weight(10)), database(['!a', 'b']))
      .verb('abort')
      .confirm()
      .seconds(2)
      .retire(),
  // A checklist is not ready: before anything has begun, and before all of the traffic.
  'held gate 0': (story) => story.install().request('2.0.0', preflight()).validated().hook(false),
  'held gate 2': (story) =>
    story
      .release({ ...canary(weight(10)), ...cutover() })
      .confirm()
      .seconds(11)
      .hook(false),
  'growing 0': sharing,
  'growing 4': (story) => firstBatch(story).wait(5_000).settle(),
  'draining 3': firstBatch,
  'shrinking 3': (story) => firstBatch(story).wait(5_000),
  'rolling-back restore': (story) => firstBatch(story).wait(5_000).settle().settle().confirm().seconds(2).verb('abort'),
  cancelled: (story) => story.install().request('2.0.0').verb('abort'),
};
