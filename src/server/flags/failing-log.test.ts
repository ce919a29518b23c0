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

test('a release takes a flag from its users also while the log cannot be written, and gives it to nobody more', async () => {
  const { disk, flags } = await opened();
  const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port: 1 }] });
  const route = (weight: number) => ({ stable: backend('off'), candidate: backend('on'), weight, match: [] });
  const { routing } = flags;
  const having = (): number =>
    Array.from({ length: 200 }, (_, user) => flags.evaluate('beta', { targetingKey: `u${user}` })).filter(
      (one) => one.kind === 'value' && one.value === true,
    ).length;
  await routing.setRoute('beta', 'shop', route(50), { token: 1, seq: 1 });
  assert(having() > 60 && having() < 140, String(having()));
  disk.isFull = true;
  await assert.rejects(routing.setRoute('beta', 'shop', route(100), { token: 1, seq: 2 }), { code: 'E_ROUTER_UNREACHABLE' });
  assert.equal((await routing.readRoute('beta', 'shop'))?.route.weight, 50);
  await routing.setRoute('beta', 'shop', route(0), { token: 1, seq: 3 });
  assert.equal(having(), 0);
  assert.deepEqual((await routing.readRoute('beta', 'shop'))?.fence, { token: 1, seq: 3 });
  disk.isFull = false;
  await assert.rejects(routing.setRoute('beta', 'cart', route(0), { token: 1, seq: 9 }), {
    code: 'E_ROUTE_REFUSED',
    message: /by the releases of shop/,
  });
  await routing.setRoute('beta', 'shop', route(10), { token: 1, seq: 4 });
  assert(having() > 3);
  await assert.rejects(routing.setRoute('beta', 'shop', route(90), { token: 1, seq: 1 }), { code: 'E_STALE_FENCE' });
  await routing.leave('beta', 'shop');
  assert.equal(having(), 0, 'all stay with stable');
  assert.equal(await routing.readRoute('beta', 'shop'), null);
});
