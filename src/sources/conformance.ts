import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Counts, Sample } from '../analysis/sample.ts';
import { UserError } from '../errors.ts';
import type { MetricSource, SourceQuery } from './source.ts';

/** What a version has done since it was last told; everything adds up. */
export type Served = {
  readonly requests: number;
  readonly errors?: number;
  /** Of each of the requests. */
  readonly latencyMs?: number;
  /** Of the ratio `declined`, whose `of` are the requests. */
  readonly declined?: number;
  /** What the gauge `queue` stands at. */
  readonly queue?: number;
};

/** A source as the suite needs it, with the metrics `declined` (a ratio) and `queue` (a gauge), and a limit at 100 ms. */
export type SourceUnderTest = {
  readonly source: MetricSource;
  /** A version is there, and does something. Nothing is seen of it before `pass`. */
  serve(version: string, served: Served): void;
  /** Lets time go on to the next reading, at which everything that was served can be seen. */
  pass(): Promise<void>;
  /** Unix second that it is now. */
  nowS(): number;
  /** Where the source asks is out of reach, does not say a word, or is there again. */
  cut(): Promise<void>;
  silence(): void;
  mend(): Promise<void>;
};

/** Makes a source of which nothing is left when the test ends. */
export type MakeSource = (t: TestContext) => Promise<SourceUnderTest>;

const never = new AbortController().signal;
const pair = (afterSecond = 0, limit = 900): SourceQuery => ({ stable: '1.0.0', candidate: '1.1.0', afterSecond, limit });

/** What every source must do, shown with real numbers in a real program. */
export function sourceConformance(name: string, options: { readonly skip?: string }, make: MakeSource): void {
  const check = (what: string, work: (under: SourceUnderTest) => Promise<void>): void => {
    test(`${name}: ${what}`, { skip: options.skip ?? false }, async (t) => await work(await make(t)));
  };

  /** Both versions are there and have been seen once. */
  const begun = async (under: SourceUnderTest): Promise<number> => {
    under.serve('1.0.0', { requests: 1_000, errors: 50, latencyMs: 30, declined: 9, queue: 3 });
    under.serve('1.1.0', { requests: 0, queue: 1 });
    await under.pass();
    return (await under.source.samples(pair(), never)).at(-1)?.second ?? under.nowS() - under.source.capabilities.everyS;
  };

  check('the counts are what the versions have served, each once', async (under) => {
    const { source } = under;
    let after = await begun(under);
    const seen: Sample[] = [];
    for (let round = 1; round <= 4; round += 1) {
      under.serve('1.0.0', { requests: 90, errors: round, latencyMs: 30, declined: 2 });
      under.serve('1.1.0', { requests: 10, errors: 2, latencyMs: 300, declined: 5 });
      await under.pass();
      const news = await source.samples(pair(after), never);
      seen.push(...news);
      after = news.at(-1)?.second ?? after;
    }
    const total = (side: 'stable' | 'candidate', of: (counts: Counts) => number) =>
      seen.reduce((sum, sample) => sum + of(sample[side] ?? assert.fail()), 0);
    assert.equal(
      total('stable', ({ n }) => n),
      360,
    );
    assert.equal(
      total('stable', ({ errors }) => errors),
      10,
    );
    assert.equal(
      total('candidate', ({ n }) => n),
      40,
    );
    assert.equal(
      total('candidate', ({ errors }) => errors),
      8,
    );
    assert.equal(
      total('candidate', ({ classes }) => classes.status ?? 0),
      8,
    );
    assert.equal(
      total('stable', ({ metrics }) => bad(metrics?.declined)),
      8,
    );
    assert.equal(
      total('candidate', ({ metrics }) => bad(metrics?.declined)),
      20,
    );
    assert.equal(
      total('stable', ({ slower }) => slower[0] ?? 0),
      0,
    );
    assert.equal(
      total('candidate', ({ slower }) => slower[0] ?? 0),
      40,
    );
    for (const { stable, candidate, edgesMs, weight } of seen) {
      assert.deepEqual(edgesMs, [100]);
      assert.equal(weight, 0);
      for (const counts of [stable, candidate]) {
        const inHistogram = counts?.histogram.reduce((sum, value, i) => sum + (i % 2 ? value : 0), 0);
        assert.equal(inHistogram, counts?.n);
        const indexes = counts?.histogram.filter((_, i) => i % 2 === 0) ?? [];
        assert.deepEqual(
          indexes,
          [...new Set(indexes)].sort((a, b) => a - b),
        );
      }
    }
  });

  check('samples follow each other without a gap, and are the same when they are asked for again', async (under) => {
    const { source } = under;
    let last = await begun(under);
    const first = last;
    for (let round = 0; round < 3; round += 1) {
      under.serve('1.0.0', { requests: 10 });
      await under.pass();
      const news = await source.samples(pair(last), never);
      assert.equal(news.length, 1);
      const [sample] = news;
      assert(sample?.seconds);
      assert.equal(sample.second - sample.seconds, last);
      assert(sample.second < under.nowS());
      assert.deepEqual(await source.samples(pair(last), never), news);
      assert.deepEqual(await source.samples(pair(sample.second), never), []);
      last = sample.second;
    }
    assert.equal((await source.samples(pair(first), never)).length, 3);
    assert.equal((await source.samples(pair(first, 2), never)).length, 2);
  });

  check('a version that nobody has heard of has served nothing while the other one is there', async (under) => {
    const { source } = under;
    under.serve('1.0.0', { requests: 10 });
    await under.pass();
    await source.samples(pair(), never);
    under.serve('1.0.0', { requests: 10 });
    await under.pass();
    const sample = (await source.samples(pair(), never)).at(-1);
    assert.equal(sample?.stable?.n, 10);
    assert.deepEqual(sample?.candidate?.n, 0);
    assert.deepEqual(sample?.candidate?.metrics?.declined, { bad: 0, n: 0 });
    assert.equal(sample?.candidate?.metrics?.queue, undefined);
  });

  check('of two versions that nobody has heard of nothing is known', async (under) => {
    await under.pass();
    for (const { stable, candidate } of await under.source.samples(pair(), never)) {
      assert.equal(stable, null);
      assert.equal(candidate, null);
    }
  });

  check('what happens first is counted from its first', async (under) => {
    const { source } = under;
    under.serve('1.0.0', { requests: 10 });
    await under.pass();
    const last = (await source.samples(pair(), never)).at(-1)?.second ?? 0;
    under.serve('1.0.0', { requests: 10, errors: 1 });
    under.serve('1.1.0', { requests: 7, errors: 3, declined: 2 });
    await under.pass();
    const [sample] = (await source.samples(pair(last), never)).slice(-1);
    assert.equal(sample?.stable?.errors, 1);
    assert.equal(sample?.candidate?.n, 7);
    assert.equal(sample?.candidate?.errors, 3);
    assert.deepEqual(sample?.candidate?.metrics?.declined, { bad: 2, n: 7 });
  });

  check('a level is read as it stands', async (under) => {
    const last = await begun(under);
    under.serve('1.0.0', { requests: 1, queue: 40 });
    under.serve('1.1.0', { requests: 1, queue: 2.5 });
    await under.pass();
    const [sample] = await under.source.samples(pair(last), never);
    assert.deepEqual(sample?.stable?.metrics?.queue, { value: 40 });
    assert.deepEqual(sample?.candidate?.metrics?.queue, { value: 2.5 });
  });

  check('out of reach it says so, and nothing is lost when it is back', async (under) => {
    const { source } = under;
    const last = await begun(under);
    await under.cut();
    for (let round = 0; round < 2; round += 1) {
      under.serve('1.0.0', { requests: 10, errors: 1 });
      await under.pass();
      await assert.rejects(source.samples(pair(last), never), unreachable);
      await assert.rejects(source.recent('1.0.0', 60, never), unreachable);
      await assert.rejects(source.check('1.0.0', never), unreachable);
    }
    await under.mend();
    await under.pass();
    const news = await source.samples(pair(last), never);
    assert.equal(
      news.reduce((sum, { stable }) => sum + (stable?.n ?? 0), 0),
      20,
    );
    assert.equal(
      news.reduce((sum, { stable }) => sum + (stable?.errors ?? 0), 0),
      2,
    );
  });

  check('it waits for an answer no longer than its caller', async (under) => {
    const { source } = under;
    const last = await begun(under);
    await under.pass();
    under.silence();
    const calls = [
      (signal: AbortSignal) => source.samples(pair(last), signal),
      (signal: AbortSignal) => source.recent('1.0.0', 60, signal),
      (signal: AbortSignal) => source.check('1.0.0', signal),
    ];
    for (const call of calls) {
      const began = performance.now();
      await assert.rejects(call(AbortSignal.timeout(100)));
      assert(performance.now() - began < 2_000, 'it went on waiting');
    }
  });

  check('the recent past of a version is read beside everything else', async (under) => {
    const { source } = under;
    const last = await begun(under);
    under.serve('1.0.0', { requests: 20, errors: 4 });
    under.serve('1.1.0', { requests: 5 });
    await under.pass();
    const recent = await source.recent('1.0.0', 2 * source.capabilities.everyS, never);
    assert.equal(recent.at(-1)?.stable?.n, 20);
    assert.equal(recent.at(-1)?.stable?.errors, 4);
    assert.equal(recent.at(-1)?.candidate, null);
    assert.deepEqual(await source.recent('9.9.9', 60, never), []);
    const [sample] = await source.samples(pair(last), never);
    assert.equal(sample?.stable?.n, 20);
    assert.equal(sample?.candidate?.n, 5);
  });

  check('a configuration without mistakes has none', async (under) => {
    for (let round = 0; round < 4; round += 1) {
      under.serve('1.0.0', { requests: 10, latencyMs: 10 });
      await under.pass();
    }
    assert.deepEqual(await under.source.check('1.0.0', never), []);
  });
}

function bad(reading: { bad: number; n: number } | { value: number } | undefined): number {
  assert(reading && 'bad' in reading);
  return reading.bad;
}

function unreachable(error: unknown): boolean {
  assert(error instanceof UserError, String(error));
  assert.equal(error.code, 'E_SOURCE_UNREACHABLE');
  assert(error.fix.length > 0);
  return true;
}
