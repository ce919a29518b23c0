import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { Loop } from './loop.ts';

/** Rests end when the test says so, or with their signal. */
class Rests {
  readonly asked: number[] = [];
  #end: () => void = () => {};
  #heard = Promise.withResolvers<void>();

  readonly clock: Clock = {
    now: () => 0,
    after: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        this.asked.push(ms);
        this.#end = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
        this.#heard.resolve();
      }),
  };

  /** Until the loop rests again. */
  async next(): Promise<void> {
    await this.#heard.promise;
    this.#heard = Promise.withResolvers();
  }

  end(): void {
    this.#end();
  }
}

describe('what is done again and again', () => {
  test('rests as long as the turn has said, and less when it is woken', async () => {
    const rests = new Rests();
    let turns = 0;
    const turn = async (): Promise<number> => {
      turns += 1;
      return turns * 100;
    };
    const loop = new Loop({ what: 'work', turn, clock: rests.clock, warn: assert.fail });
    await rests.next();
    rests.end();
    await rests.next();
    loop.wake();
    await rests.next();
    assert.deepEqual(rests.asked, [100, 200, 300]);
    await loop.stop();
    assert.equal(turns, 3);
  });

  test('who wakes it during a turn has another one without a rest', async () => {
    const rests = new Rests();
    let turns = 0;
    const turn = async (): Promise<number> => {
      turns += 1;
      if (turns === 1) loop.wake();
      return 1_000;
    };
    const loop: Loop = new Loop({ what: 'work', turn, clock: rests.clock, warn: assert.fail });
    await rests.next();
    assert.deepEqual([turns, rests.asked], [2, [1_000]]);
    await loop.stop();
  });

  test('however often it is woken, its turns are as far apart as they have to be', async () => {
    const rests = new Rests();
    const turn = async (): Promise<number> => 100;
    const loop: Loop = new Loop({ what: 'work', turn, minRestMs: 30, clock: rests.clock, warn: assert.fail });
    await rests.next();
    loop.wake();
    assert.deepEqual(rests.asked, [30], 'it is not woken before');
    rests.end();
    await rests.next();
    assert.deepEqual(rests.asked, [30, 30], 'but then at once');
    await loop.stop();
  });

  test('a failure is told once, and its rest is not cut short', async () => {
    const rests = new Rests();
    const told: string[] = [];
    const fails = ['the disk is full', 'the disk is full', '', 'the disk is full'];
    const turn = async (): Promise<number> => {
      const fault = fails.shift();
      if (fault) throw new Error(fault);
      return 5;
    };
    const loop = new Loop({ what: 'work', turn, failedMs: 70, clock: rests.clock, warn: (text) => told.push(text) });
    await rests.next();
    loop.wake();
    assert.deepEqual(rests.asked, [70]);
    for (let rest = 0; rest < 3; rest += 1) {
      rests.end();
      await rests.next();
    }
    assert.deepEqual(rests.asked, [70, 70, 5, 70]);
    assert.deepEqual(told, ['work: the disk is full', 'work: the disk is full']);
    await loop.stop();
  });

  test('it ends where another controller has taken over', async () => {
    const turn = async (): Promise<number> => {
      throw new UserError('E_STOPPED', 'another controller has taken over', { where: 'controller', fix: 'use that one' });
    };
    const rests = new Rests();
    const loop = new Loop({ what: 'work', turn, clock: rests.clock, warn: assert.fail });
    await loop.stop();
    assert.deepEqual(rests.asked, []);
  });

  test('what was begun is over when it is stopped', async () => {
    const rests = new Rests();
    const work = Promise.withResolvers<number>();
    let isOver = false;
    const loop = new Loop({ what: 'work', turn: () => work.promise, clock: rests.clock, warn: assert.fail });
    await null;
    const stopped = loop.stop().then(() => {
      assert.ok(isOver);
    });
    isOver = true;
    work.resolve(0);
    await stopped;
  });
});
