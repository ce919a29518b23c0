import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { DemoLine, DemoSummary } from '../../src/cli/demo/story.ts';
import { rampart, Stage, until } from './stage.ts';

/** Starts the demo with its output in a file. */
function demo(stage: Stage, ...args: readonly string[]) {
  const output = join(stage.folder, 'demo.log');
  const log = openSync(output, 'a');
  const child = spawn(process.execPath, [rampart, 'demo', ...args], {
    cwd: stage.folder,
    env: stage.environment,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended, said: () => readFileSync(output, 'utf8') };
}

/** The folder is TMPDIR and HOME of everything in it: whatever the demo leaves anywhere is found here. */
function assertNothingLeft(stage: Stage): void {
  assert.deepEqual(stage.processes(), [], 'no process is left');
  assert.deepEqual(
    readdirSync(stage.folder).filter((name) => !['demo.log', 'server.mjs'].includes(name)),
    [],
    'no file is left',
  );
}

describe('the demo', () => {
  test('ended by Ctrl-C in the middle leaves no process and no file', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    const { child, ended, said } = demo(stage);
    // A whole first release comes before it.
    await until('the second release has begun', () => /1\.1\.0/.test(said()), 90_000);
    await until('controller, router, stable and candidate run', () => stage.processes().length >= 4);
    child.kill('SIGINT');
    assert.equal(await ended, 1, said());
    assertNothingLeft(stage);
  });

  test('whose reader goes away in the middle leaves no process and no file', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    const child = spawn(process.execPath, [rampart, 'demo', '--once'], {
      cwd: stage.folder,
      env: stage.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdout.once('data', () => child.stdout.destroy());
    assert.equal(await ended, 1);
    assertNothingLeft(stage);
  });

  test('takes back a broken and a slow version, promotes a good one, and loses no request', async (t) => {
    const stage = new Stage();
    t.after(() => stage.close());
    const startedMs = performance.now();
    const { ended, said } = demo(stage, '--once', '--json');
    assert.equal(await ended, 0, said());
    const seconds = (performance.now() - startedMs) / 1_000;
    assert(seconds < 90, `${seconds} s`);
    const lines = said()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const summary = lines.pop() as DemoSummary;
    assert.deepEqual(
      (lines as DemoLine[]).map(({ version, outcome }) => `${version} ${outcome}`),
      ['1.1.0 rolled-back', '1.2.0 rolled-back', '1.3.0 succeeded'],
    );
    for (const line of lines as DemoLine[]) {
      const keys = ['candidateRequests', 'failedRequests', 'outcome', 'reason', 'release', 'secondsToSafety', 'steps', 'version'];
      assert.deepEqual(Object.keys(line).sort(), keys);
    }
    const [broken, slow, good] = lines as DemoLine[];
    assert(broken?.secondsToSafety !== null && (broken?.secondsToSafety ?? 99) <= 5, `${broken?.secondsToSafety} s to safety`);
    assert((broken?.failedRequests ?? 0) > 0);
    assert.equal(slow?.failedRequests, 0);
    assert.equal(good?.failedRequests, 0);
    assert.equal(summary.summary, true);
    assert.equal(summary.lostRequests, 0, summary.examples.join('; '));
    assert.equal(summary.failedByFaultyVersions, broken?.failedRequests, 'the router counts what the users saw');
    assert.equal(summary.stable, '1.3.0');
    assertNothingLeft(stage);
  });
});
