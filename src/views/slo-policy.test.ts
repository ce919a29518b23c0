import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Objective } from '../spec/types.ts';
import { objectivePolicy } from './slo-policy.ts';

const objective: Objective = { name: 'availability', targetPpm: 999_000, windowMs: 30 * 86_400_000, belowMs: null };

test('an objective is reckoned with the alerts that it has: its own, the usual ones, or none', () => {
  const names = (more: Partial<Objective>) => objectivePolicy({ ...objective, ...more }, 100).tiers.map(({ tier }) => tier.name);
  assert.deepEqual(names({}), ['P0', 'P1', 'P2']);
  const own = { name: 'slow', sharePpm: 50_000, longMs: 7_200_000, shortMs: 600_000, minBad: 10, tells: 'chat' as const };
  assert.deepEqual(names({ alerts: [own] }), ['slow']);
  assert.deepEqual(names({ alerts: [] }), []);
  const wrong = objectivePolicy({ ...objective, alerts: [{ ...own, sharePpm: 1_000 }] }, 100);
  assert.match(wrong.findings[0]?.text ?? '', /^slow: it fires at 0\.36 times the even burn/);
});
