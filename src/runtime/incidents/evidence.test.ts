import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firing, Story } from '../../incidents/story.fixture.ts';
import type { Incident } from '../../incidents/types.ts';
import { newService } from '../../release/decide.ts';
import type { Installed, ReleaseState, ServiceState } from '../../release/types.ts';
import { evidenceOf, releaseBack } from './evidence.ts';

const installed = (version: string, release: string) => ({ version, release }) as unknown as Installed;
const release = (id: string, version: string, stable: string, more: object = {}) =>
  ({
    ...{ id, version, plan: { stable, strategy: 'canary', steps: [] }, cause: null, why: '' },
    ...{ phase: { kind: 'ended', outcome: 'succeeded', atMs: 1_000, sentence: '' } },
    ...more,
  }) as unknown as ReleaseState;
const goingBack = { phase: { kind: 'rolling-back', cause: {}, part: 'drain', failing: null } };
const service = (more: Partial<ServiceState>): ServiceState => ({ ...newService('shop'), ...more });

/** An incident that is attributed to a release, with an alert of this key. */
function incidentOf(id: string, version: string, key = 'shop/availability/P0'): Incident {
  const story = new Story();
  const attribution = { release: { id, version, stable: '1.0.0' }, step: null, versions: [], said: '' };
  story.alerts({ ...firing('errors', { service: 'shop' }), id: key, key, attribution });
  return story.last;
}

test('a version that was promoted gives way to the one before it, and one that was brought back gives way to none', () => {
  const promoted = release('r2', '1.1.0', '1.0.0');
  const after = service({ stable: installed('1.1.0', 'r2'), previous: [installed('1.0.0', 'r1')], ended: [promoted] });
  assert.deepEqual(releaseBack(after, incidentOf('r2', '1.1.0')), { id: 'r2', version: '1.1.0', to: '1.0.0', isBack: false });
  const restored = release('r3', '1.0.0', '1.1.0', { plan: { stable: '1.1.0', strategy: 'restore', steps: [] } });
  const back = service({ stable: installed('1.0.0', 'r3'), previous: [installed('1.1.0', 'r2')], ended: [restored, promoted] });
  assert.equal(releaseBack(back, incidentOf('r3', '1.0.0')), null, 'it would bring back what users were saved from');
});

test('a release that was taken back is known as such, while it goes and after it', () => {
  const state = { stable: installed('1.0.0', 'r1'), previous: [installed('0.9.0', 'r0')] };
  const live = release('r2', '1.1.0', '1.0.0', goingBack);
  assert.equal(releaseBack(service({ ...state, live }), incidentOf('r2', '1.1.0'))?.isBack, true);
  const gone = release('r2', '1.1.0', '1.0.0', { cause: { by: 'guard' } });
  assert.equal(releaseBack(service({ ...state, ended: [gone] }), incidentOf('r2', '1.1.0'))?.isBack, true);
});

test('a release goes back when an alert of the incident tells of it, though another one has hurt more', () => {
  const live = release('r4', '1.2.0', '1.0.0', goingBack);
  const world = {
    service: () => service({ live }),
    canRestart: () => false,
    objectives: { get: () => undefined, read: () => assert.fail('there is none') },
    budgetLeft: () => null,
  };
  const isGoingBack = (incident: Incident) => evidenceOf(world, incident, [incident], null).isGoingBack;
  assert.equal(isGoingBack(incidentOf('r2', '1.1.0', 'release/shop/r4/rollback')), true);
  assert.equal(isGoingBack(incidentOf('r4', '1.2.0')), true);
  assert.equal(isGoingBack(incidentOf('r2', '1.1.0')), false);
});
