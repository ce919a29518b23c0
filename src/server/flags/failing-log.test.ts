import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../errors.ts';
import type { EventLog } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { Flags } from './flags.ts';

const by = { actor: 'tess', from: { address: 'local', via: 'owner', credential: null }, why: '' } as const;
const beta = {
  state: 'ENABLED',
  variants: { on: true, off: false },
  defaultVariant: 'on',
  targeting: null,
  metadata: {},
} as const;

/** Flags on a log whose disk can be full. */
async function opened() {
  const disk = { isFull: false, hangs: Promise.resolve() };
  const log: EventLog = openMemoryLog();
  const faulty: EventLog = {
    ...log,
    async append(...args) {
      await disk.hangs;
      if (disk.isFull) throw new UserError('E_LOG_FULL', 'no space left', { where: 'log', fix: 'make room' });
      return await log.append(...args);
    },
  };
  const token = await log.claim('tests');
  const open = () => Flags.open(faulty, token, () => 1_000);
  const flags = await open();
  await flags.apply(by, [{ name: 'shop', owner: null, flags: { beta } }], false);
  const isOn = (one = flags): boolean => {
    const found = one.evaluate('beta', { targetingKey: 'u' });
    return found.kind === 'value' && found.value === true;
  };
  return { disk, flags, open, isOn };
}

test('while the log cannot be written a flag is switched off all the same, and nothing else is changed', async () => {
  const { disk, flags, open, isOn } = await opened();
  disk.isFull = true;
  await assert.rejects(flags.share(by, 'beta', 0, undefined), { code: 'E_LOG_FAILING' });
  assert(isOn());
  await assert.rejects(flags.off(by, 'beta'), { code: 'E_LOG_FAILING', message: /beta is off, but not on record/ });
  assert(!isOn());
  assert.equal(flags.flag('beta').level?.by, 'tess');
  assert(isOn(await open()), 'another controller cannot know');
  disk.isFull = false;
  await flags.off(by, 'beta');
  assert(!isOn());
  assert(!isOn(await open()), 'on record now');
});

test('what is switched on record later counts, and a switch of a flag that there is not leaves nothing', async () => {
  const { disk, flags, isOn } = await opened();
  disk.isFull = true;
  await assert.rejects(flags.off(by, 'beta'));
  disk.isFull = false;
  await flags.share(by, 'beta', 1_000_000, undefined);
  assert(isOn());
  await assert.rejects(flags.off(by, 'nothing'), { code: 'E_UNKNOWN_FLAG' });
});

test('it is off also when more changes wait for the log than may', async () => {
  const { disk, flags, isOn } = await opened();
  const { promise, resolve } = Promise.withResolvers<void>();
  disk.hangs = promise;
  const shares = Array.from({ length: 1_000 }, () => flags.share(by, 'beta', 1_000_000, undefined));
  await assert.rejects(flags.share(by, 'beta', 0, undefined), { code: 'E_TOO_MANY' });
  const off = flags.off(by, 'beta');
  assert(!isOn());
  resolve();
  await Promise.all([...shares, off]);
  assert(!isOn(), 'it was asked for last');
});

test('it is off before it is on record', async () => {
  const { flags, isOn } = await opened();
  const off = flags.off(by, 'beta');
  assert(!isOn());
  await off;
  assert(!isOn());
});
