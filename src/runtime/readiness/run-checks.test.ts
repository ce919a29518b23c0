import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import type { CheckContext, CheckPlugin, CheckResult } from '../../checks/check.ts';
import type { ResolvedChecklist, ResolvedItem } from '../../readiness/resolved.ts';
import type { ItemResult } from '../../readiness/types.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import type { CheckPlace } from './check-once.ts';
import { atOnceMax, runChecks } from './run-checks.ts';
import { Slots } from './slots.ts';

const passed: CheckResult = {
  status: 'pass',
  lookedAt: 'here',
  found: 'so',
  expected: 'so',
  fix: null,
  evidence: [],
  figures: {},
};
const place: CheckPlace = {
  service: 'shop',
  version: null,
  folder: tmpdir(),
  environment: {},
  readSecret: readSecretFile,
  own: null,
  now: () => Date.now(),
};

type Config = { readonly id: string; readonly says?: CheckResult['status'] };
type Look = (config: Config, context: CheckContext) => Promise<CheckResult>;

function plugin(look: Look, alone = false): CheckPlugin {
  return {
    title: 'of this test',
    schema: z.unknown(),
    capabilities: { own: false, alone },
    timeoutMs: 60_000,
    run: (config, context) => look(config as Config, context),
  };
}

function item(
  id: string,
  more: Partial<ResolvedItem> & { readonly kind?: string; readonly says?: Config['says'] } = {},
): ResolvedItem {
  const { kind = 'quick', says, ...given } = more;
  const config = { id, ...(says === undefined ? {} : { says }) };
  return {
    id,
    title: id,
    role: 'devops',
    severity: 'blocker',
    applies: true,
    check: { kind, config, written: config, timeoutMs: null },
    missing: null,
    confirm: null,
    validForMs: 60_000,
    needs: [],
    fix: null,
    ...given,
  };
}

function listOf(items: readonly ResolvedItem[]): ResolvedChecklist {
  return { name: 'ours', title: 'Ours', phases: [{ id: 'p', title: 'P', items }], signOffs: [] };
}

type Asked = {
  readonly known?: readonly string[];
  readonly wanted?: readonly string[];
  readonly signal?: AbortSignal;
  readonly ended?: (result: ItemResult) => void;
  readonly slots?: Slots;
};

async function run(items: readonly ResolvedItem[], plugins: Readonly<Record<string, CheckPlugin>>, asked: Asked = {}) {
  const { known = [], wanted = items.map(({ id }) => id), signal = new AbortController().signal, ended, slots } = asked;
  return await runChecks(
    {
      checklist: listOf(items),
      wanted: new Set(wanted),
      known: new Set(known),
      place,
      slots: slots ?? new Slots(atOnceMax),
      progress: ended ? { ended } : {},
      plugins,
    },
    signal,
  );
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes that are still needed. */
function held(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('of 500 checks 32 are under way at once, and what measures is alone', async () => {
  let running = 0;
  let most = 0;
  let withAlone = 0;
  const look =
    (isAlone: boolean): Look =>
    async () => {
      running += 1;
      most = Math.max(most, running);
      if (isAlone) withAlone = Math.max(withAlone, running);
      for (let n = 0; n < 5; n += 1) {
        await turn();
        if (isAlone) withAlone = Math.max(withAlone, running);
      }
      running -= 1;
      return passed;
    };
  const items = Array.from({ length: 500 }, (_, n) => item(`p.i${n}`, { kind: n % 100 === 50 ? 'measures' : 'quick' }));
  const results = await run(items, { quick: plugin(look(false)), measures: plugin(look(true), true) });
  assert.deepEqual(
    results.map((one) => one.item),
    items.map(({ id }) => id),
  );
  assert(results.every(({ status }) => status === 'pass'));
  assert.deepEqual([most, withAlone, running], [atOnceMax, 1, 0]);
});

test('500 checks with large answers leave no more in memory than what is kept of them', async () => {
  const bytes = 512 * 1_024;
  const big = plugin(async () => {
    const text = Buffer.alloc(bytes, 'x').toString('latin1');
    return { ...passed, found: text, evidence: [text] };
  });
  const items = Array.from({ length: 500 }, (_, n) => item(`p.i${n}`));
  const before = held();
  const results = await run(items, { quick: big });
  const grownMiB = (held() - before) / 1_048_576;
  assert.equal(results.length, 500);
  assert(results.every(({ found, evidence }) => String(found).length === 2_000 && evidence[0]?.length === 500));
  assert(grownMiB < 32, `${grownMiB} MiB of ${(500 * bytes) / 1_048_576}`);
});

test('an item is looked at once those that it needs have passed, and not when one did not', async () => {
  const order: string[] = [];
  const quick = plugin(async ({ id, says = 'pass' }) => {
    order.push(id);
    await turn();
    return { ...passed, status: says };
  });
  const items = [
    item('p.last', { needs: ['p.middle', 'p.proven', 'p.elsewhere', 'p.away'] }),
    item('p.middle', { needs: ['p.first', 'p.warns'] }),
    item('p.first'),
    item('p.warns', { says: 'warn' }),
    item('p.fails', { says: 'fail' }),
    item('p.blocked', { needs: ['p.fails', 'p.first'] }),
    item('p.behind', { needs: ['p.blocked'] }),
    item('p.unknown', { needs: ['p.claimed'] }),
    item('p.proven'),
    item('p.away', { applies: { not: 'kubernetes' } }),
    item('p.claimed', { check: null, confirm: { role: 'devops', text: 'so', evidence: 'optional', validForMs: 1 } as never }),
  ];
  const told: string[] = [];
  const results = await run(
    items,
    { quick },
    {
      known: ['p.proven'],
      wanted: items.map(({ id }) => id).filter((id) => id !== 'p.proven'),
      ended: (one) => told.push(one.item),
    },
  );
  const byItem = new Map(results.map((one) => [one.item, one]));
  assert.deepEqual(order.toSorted(), ['p.fails', 'p.first', 'p.last', 'p.middle', 'p.warns']);
  assert(order.indexOf('p.middle') > order.indexOf('p.first') && order.indexOf('p.last') > order.indexOf('p.middle'));
  const statusOf = (id: string) => byItem.get(id)?.status;
  assert.deepEqual(['p.last', 'p.blocked', 'p.behind', 'p.unknown'].map(statusOf), ['pass', 'unproven', 'unproven', 'unproven']);
  assert.deepEqual(byItem.get('p.blocked')?.found, {
    en: 'it needs p.fails, which did not pass',
    ru: 'нужно, чтобы прошло p.fails',
  });
  assert.deepEqual([statusOf('p.proven'), statusOf('p.away'), statusOf('p.claimed')], [undefined, undefined, undefined]);
  assert.deepEqual(told.toSorted(), results.map((one) => one.item).toSorted());
});

test('one that breaks, refuses or hangs takes nothing from the others', async () => {
  const results = await run([item('p.broken', { kind: 'broken' }), item('p.fine'), item('p.after', { needs: ['p.broken'] })], {
    quick: plugin(async () => passed),
    broken: plugin(async () => {
      throw new Error('boom');
    }),
  });
  assert.deepEqual(
    results.map(({ item: id, status }) => `${id} ${status}`),
    ['p.broken unproven', 'p.fine pass', 'p.after unproven'],
  );
});

test('a run that is stopped begins nothing more, and what ended before was told', async () => {
  const stop = new AbortController();
  const slots = new Slots(atOnceMax);
  const reason = new Error('enough');
  let begun = 0;
  const told: ItemResult[] = [];
  const quick = plugin(async ({ id }, { signal }) => {
    begun += 1;
    if (id === 'p.i0') return passed;
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return passed;
  });
  const ended = (one: ItemResult) => {
    told.push(one);
    stop.abort(reason);
  };
  const items = Array.from({ length: 200 }, (_, n) => item(`p.i${n}`));
  await assert.rejects(run(items, { quick }, { signal: stop.signal, slots, ended }), reason);
  assert(begun <= atOnceMax + 1, `${begun} began`);
  assert.deepEqual(
    told.map((one) => one.item),
    ['p.i0'],
  );
  // The places are free again for other runs.
  const next = await run(items, { quick: plugin(async () => passed) }, { slots });
  assert.equal(next.length, 200);
});

test('one that has to be alone is not overtaken for ever', async () => {
  const slots = new Slots(2);
  const order: string[] = [];
  const work = (name: string, alone: boolean) =>
    slots.take(alone, async () => {
      order.push(name);
      await turn();
    });
  await Promise.all([work('a', false), work('b', false), work('alone', true), work('c', false), work('d', false)]);
  assert.deepEqual(order, ['a', 'b', 'alone', 'c', 'd']);
  await assert.rejects(
    slots.take(true, () => {
      throw new Error('at once');
    }),
    /at once/,
  );
  await work('free', false);
  assert.equal(order.at(-1), 'free');
});
