import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { Story } from '../../incidents/story.fixture.ts';
import type { RunbookSpec } from '../../spec/runbook.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { systemClock } from '../clock.ts';
import { RecordedState } from '../recorded-state.ts';
import { RunbookKeeper } from './runbook-keeper.ts';
import { runbookRecording } from './runbook-records.ts';

const step = { title: 'a step', text: null, withinMs: 60_000 };
const check = { ...step, does: { kind: 'check', check: { kind: 'command', config: {} }, timeoutMs: 60_000 } } as const;
const hangs: RunbookSpec = {
  name: 'hangs',
  title: 'Hangs',
  alerts: ['disk*'],
  services: [],
  steps: [check, check, check, check, check],
};
const looks: RunbookSpec = {
  name: 'looks',
  title: 'Looks',
  alerts: ['pay*'],
  services: [],
  steps: [{ ...step, does: { kind: 'look', at: 'releases' } }],
};

test('commands of one incident that hang hold up no look of another', async () => {
  const log = openMemoryLog({ hashing: false });
  const records = new RecordedState(runbookRecording, log, await log.claim('test'), systemClock.now);
  const story = new Story();
  let hanging = 0;
  const keeper = new RunbookKeeper({
    records,
    incidents: () => story.all.toReversed(),
    own: () => [hangs, looks],
    isKnown: () => true,
    perform: async (_, { does }, signal) => {
      if (does.kind === 'look') return { state: 'told', said: 'none', lines: [] };
      hanging += 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return { state: 'failed', said: 'called off', lines: [] };
    },
    clock: systemClock,
    warn: assert.fail,
  });
  try {
    story.open({ key: 'disk', title: 'disk is full', service: 'store' });
    keeper.wake();
    await until('as many commands run as may', async () => hanging === 4);
    story.open({ key: 'pay', title: 'payments fail', service: 'shop' });
    keeper.wake();
    await until('the other has looked', async () => keeper.of(story.last.id)[0]?.steps[0]?.outcome?.state === 'told');
    assert.equal(hanging, 4);
  } finally {
    await keeper.stop();
  }
});
