import { checkConformance } from '../conformance.ts';
import type { OwnRelease, OwnView } from '../own-view.ts';
import { candidate } from './index.ts';

const nowMs = 10_000_000;

/** What a controller would say of a release like this one. */
function own(release: Partial<OwnRelease> | null): Partial<OwnView> & OwnView {
  const under: OwnRelease = {
    id: 'shop-2',
    state: 'progressing',
    stable: '1.0.0',
    candidate: '1.1.0',
    weightPpm: 100_000,
    trafficSinceMs: nowMs - 31 * 60_000,
    requests: 10_000,
    errors: 12,
    verdict: { kind: 'pass', sentence: 'no worse than stable' },
    ...release,
  };
  return { release: () => (release === null ? null : under) } as unknown as OwnView;
}
const context = (release: Partial<OwnRelease> | null) => ({ own: own(release), now: () => nowMs });
const config = { for: '30m', errors: '0.5%', requests: 100 };

checkConformance('candidate', candidate, [
  {
    name: 'half an hour below half a percent',
    given: () => config,
    context: context({}),
    status: 'pass',
    found: /^31m of traffic, 12 of 10000 requests failed \(0\.12%\), guard: pass$/,
  },
  { name: 'too short', given: () => config, context: context({ trafficSinceMs: nowMs - 1_000 }), status: 'fail', fix: /longer/ },
  { name: 'never had traffic', given: () => config, context: context({ trafficSinceMs: null, requests: 0 }), status: 'fail' },
  { name: 'exactly at the limit', given: () => config, context: context({ errors: 50 }), status: 'pass' },
  { name: 'one above the limit', given: () => config, context: context({ errors: 51 }), status: 'fail', fix: /abort/ },
  {
    name: 'the guard is not sure',
    given: () => config,
    context: context({ verdict: { kind: 'undecided', sentence: 'too few requests' } }),
    status: 'fail',
    found: /guard: undecided/,
  },
  { name: 'no release', given: () => config, context: context(null), status: 'unproven', found: /no release/ },
  { name: 'no controller', given: () => config, status: 'unproven', found: /no controller/ },
]);
