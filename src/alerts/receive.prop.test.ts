import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ear, how } from './ear.fixture.ts';
import type { Via, WireAlert } from './told.ts';

const anyAlert = fc.record({
  name: fc.constantFrom('A', 'B', 'C', 'D', 'E', ''),
  startsMs: fc.option(fc.integer({ min: -600_000, max: 600_000 })),
  lastsMs: fc.option(fc.integer({ min: 0, max: 900_000 })),
  status: fc.constantFrom('firing' as const, 'resolved' as const),
  summary: fc.constantFrom('x', 'y'),
});
const anyTurn = fc.record({
  via: fc.constantFrom<Via>('webhook', 'api'),
  alerts: fc.array(anyAlert, { maxLength: 8 }),
  waitMs: fc.integer({ min: 0, max: 600_000 }),
});

test('whatever is told: a message told again records nothing, no more are open than may be, and silence ends all of them', () => {
  fc.assert(
    fc.property(fc.array(anyTurn, { maxLength: 15 }), (turns) => {
      const ear = new Ear();
      for (const { via, alerts, waitMs } of turns) {
        const message = alerts.map(({ name, startsMs, lastsMs, status, summary }): WireAlert => {
          const fromMs = startsMs ?? 0;
          return {
            labels: { alertname: name },
            annotations: { summary },
            status,
            ...(startsMs === null ? {} : { startsAt: ear.iso(startsMs) }),
            ...(lastsMs === null ? {} : { endsAt: ear.iso(fromMs - 300_000 + lastsMs) }),
          };
        });
        const first = ear.hear(message, { via });
        const { opened, resolved, repeated, ours, passed } = first.counts;
        const { wrong, forbidden, full } = first.refused;
        assert(opened + resolved + repeated + ours + passed + wrong.length + forbidden.length + full <= message.length);
        assert(ear.alerts.length <= how.max);
        assert(ear.alerts.every(({ pendingAtMs }) => pendingAtMs <= ear.nowMs));
        // Where one had no room and another ended, it is right that it is taken when it is told again.
        if (full === 0) assert.deepEqual(ear.hear(message, { via }).events, []);
        ear.pass(waitMs);
      }
      ear.pass(how.webhookTimeoutMs);
      assert.deepEqual(ear.alerts, []);
    }),
    { numRuns: 300 },
  );
});
