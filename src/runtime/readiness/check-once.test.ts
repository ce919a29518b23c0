import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, mock, test } from 'node:test';
import { z } from 'zod';
import type { CheckContext, CheckPlugin, CheckResult } from '../../checks/check.ts';
import { UserError } from '../../errors.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import { type CheckPlace, checkOnce } from './check-once.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-check-once-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const passed: CheckResult = {
  status: 'pass',
  lookedAt: 'here',
  found: 'it is there',
  expected: 'it is there',
  fix: null,
  evidence: [],
  figures: {},
};

function plugin(run: (context: CheckContext) => Promise<CheckResult>, timeoutMs = 60_000): CheckPlugin {
  return {
    title: 'of this test',
    schema: z.unknown(),
    capabilities: { own: false, alone: false },
    timeoutMs,
    run: (_, context) => run(context),
  };
}

const place: CheckPlace = {
  service: 'shop',
  version: '1.0.0',
  folder,
  environment: { SHOP_PASSWORD: 'correct-horse-battery', PATH: '/usr/bin' },
  readSecret: readSecretFile,
  own: null,
  now: () => Date.now(),
};

type Asked = {
  readonly config?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly said?: string[];
  readonly own?: CheckPlace;
};

async function once(run: (context: CheckContext) => Promise<CheckResult>, asked: Asked = {}): Promise<CheckResult> {
  const { config = {}, timeoutMs = null, signal = new AbortController().signal, said = [], own = place } = asked;
  const check = { kind: 'test', config, written: config, timeoutMs };
  return await checkOnce(plugin(run), check, own, (text) => said.push(text), signal);
}

const never = () => new Promise<never>(() => {});

test('a check has a folder of its own, which is gone afterwards with all that is in it', async () => {
  let scratch = '';
  const result = await once(async (context) => {
    scratch = context.scratch;
    writeFileSync(join(scratch, 'left'), 'x');
    return passed;
  });
  assert.deepEqual(result, passed);
  assert.match(scratch, /rampart-check-/);
  assert(!existsSync(scratch));
});

test('what refuses, breaks or answers nonsense has proven nothing', async () => {
  const refused = await once(async () => {
    throw new UserError('E_CHECK_PROGRAM', 'there is no k6', { where: 'PATH', fix: 'install k6' });
  });
  assert.deepEqual(
    [refused.status, refused.lookedAt, refused.found, refused.fix],
    ['unproven', 'PATH', 'there is no k6', 'install k6'],
  );
  const broken = await once(async () => {
    throw new TypeError('x is not a function');
  });
  assert.deepEqual([broken.status, broken.found], ['unproven', 'x is not a function']);
  assert.match(JSON.stringify(broken.fix), /fault of the check itself/);
  const atOnce = await once(() => {
    throw new Error('before any promise');
  });
  assert.deepEqual([atOnce.status, atOnce.found], ['unproven', 'before any promise']);
  for (const nonsense of [undefined, {}, { ...passed, evidence: 'x' }, { ...passed, found: 7 }])
    assert.equal((await once(async () => nonsense as unknown as CheckResult)).status, 'unproven');
});

test('where there is no room for its folder a check has proven nothing, and the run goes on', async () => {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = join(folder, 'there-is-no-such-folder');
  try {
    const result = await once(async () => passed);
    assert.equal(result.status, 'unproven');
    assert.match(String(result.found), /ENOENT/);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
});

test('a check that ends at the end of its time, or answers then, has failed', async () => {
  const late = await once(
    async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    },
    { timeoutMs: 20 },
  );
  assert.equal(late.status, 'fail');
  assert.deepEqual(late.found, { en: 'no end within 20ms', ru: 'не завершилось за 20ms' });
});

test('a check that never ends is left to itself, and what it says later is not heard', async () => {
  const said: string[] = [];
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let begun: CheckContext | null = null;
    const running = once(
      (context) => {
        begun = context;
        context.progress('begun');
        return never();
      },
      { timeoutMs: 1_000, said },
    );
    while (begun === null) await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(1_000);
    mock.timers.tick(4_999);
    assert.equal(await Promise.race([running, new Promise((resolve) => setImmediate(resolve, 'open'))]), 'open');
    mock.timers.tick(1);
    assert.equal((await running).status, 'fail');
    (begun as CheckContext).progress('still here');
  } finally {
    mock.timers.reset();
  }
  assert.deepEqual(said, ['begun']);
});

test('a check that hangs is waited for to the end of its time, though nothing else is to be done', async () => {
  assert.equal(
    (
      await once(async ({ signal }) => await new Promise((_, reject) => signal.addEventListener('abort', reject)), {
        timeoutMs: 200,
      })
    ).status,
    'fail',
  );
});

test('whoever wants it no more gets no answer, and leaves nothing behind', async () => {
  const reason = new UserError('E_STOPPED', 'stopped', { where: 'test', fix: 'none' });
  const stop = new AbortController();
  const running = once(
    async ({ signal }) => {
      stop.abort(reason);
      assert.equal(signal.reason, reason);
      return passed;
    },
    { signal: stop.signal },
  );
  await assert.rejects(running, reason);
  let hasRun = false;
  const afterwards = once(
    async () => {
      hasRun = true;
      return passed;
    },
    { signal: stop.signal },
  );
  await assert.rejects(afterwards, reason);
  assert(!hasRun);
});

test('a long run keeps nothing of the checks that have ended', async () => {
  const stop = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = stop.signal;
  stop.signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    listeners += 1;
    addEventListener.apply(stop.signal, given);
  };
  stop.signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    listeners -= 1;
    removeEventListener.apply(stop.signal, given);
  };
  for (let n = 0; n < 3; n += 1) await once(async () => passed, { signal: stop.signal });
  assert.equal(listeners, 0);
});

test('secrets of the environment, of the configuration and of the document are in no answer and no line', async () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'tok-from-a-file-1234\n');
  const said: string[] = [];
  const key = [
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    'qUkx0aGVyZSBpcyBubyBzdWNoIGtleQ==',
    '-----END PRIVATE KEY-----',
  ];
  const result = await once(
    async (context) => {
      const mine = context.secret({ file, prefix: 'Bearer ' });
      assert.equal(mine, 'Bearer tok-from-a-file-1234');
      context.progress(`asks with ${mine}`);
      return {
        ...passed,
        lookedAt: 'postgres://shop:correct-horse-battery@127.0.0.1/shop',
        found: { en: 'it says tok-from-a-file-1234', ru: 'говорит tok-from-a-file-1234' },
        expected: 'not of-the-document',
        fix: 'do not use correct-horse-battery',
        evidence: [...key, 'line tok-from-a-file-1234', `${'x'.repeat(1_990)}correct-horse-battery`],
      };
    },
    {
      config: { headers: { authorization: { file, prefix: 'Bearer ' } } },
      said,
      own: { ...place, secrets: ['of-the-document'] },
    },
  );
  const all = JSON.stringify([result, said]);
  for (const secret of ['tok-from', 'correct-horse', 'of-the-document', 'MIIEvQ', 'qUkx0'])
    assert(!all.includes(secret), `${secret} in ${all}`);
  assert.equal(result.status, 'pass');
  assert.equal(result.evidence.length, 6);
  const missing = await once(async (context) => {
    context.secret({ env: 'NOT_THERE', prefix: '' });
    return passed;
  });
  assert.equal(missing.status, 'unproven');
  assert.match(String(missing.found), /NOT_THERE/);
});

test('an answer is bounded, whatever a check has found', async () => {
  const long = `${'я'.repeat(1_998)}😀${'я'.repeat(5_000_000)}`;
  const { lookedAt, found, fix, evidence, figures } = await once(async () => ({
    ...passed,
    lookedAt: long,
    found: { en: long, ru: long },
    fix: long,
    evidence: Array.from({ length: 10_000 }, () => 'y'.repeat(100_000)),
    figures: {
      ...Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`f${n}`, n])),
      f0: Number.NaN,
      ['z'.repeat(1_000)]: 1,
    },
  }));
  for (const text of [lookedAt, (found as { en: string }).en, (found as { ru: string }).ru, fix as string]) {
    assert.equal(text, `${'я'.repeat(1_998)}…`, 'no half of a sign is left');
  }
  assert.deepEqual([evidence.length, evidence[0]?.length], [50, 500]);
  assert.equal(Object.keys(figures).length, 50);
  assert(!Object.hasOwn(figures, 'f0') && Object.hasOwn(figures, 'f1'));
});
