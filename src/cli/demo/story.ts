import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ReleaseSummary, releaseSummary } from '../../release/summary.ts';
import type { Controller } from '../../runtime/controller.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { chapters } from './chapters.ts';
import { type Load, startLoad } from './load.ts';
import type { UserCounts } from './users.ts';

/** The shop: its document, its setup, its programs. */
export const exampleFolder = fileURLToPath(new URL('../../../examples/shop/', import.meta.url));
const requestsPerSecond = 100;
const users = 400;
const pollMs = 50;
/** Longest that one release of the demo may take before the demo itself counts as broken. */
const releaseMaxMs = 60_000;

/** A release of the demo, as its JSON line. */
export type DemoLine = Pick<
  ReleaseSummary,
  'release' | 'version' | 'outcome' | 'reason' | 'secondsToSafety' | 'failedRequests' | 'candidateRequests' | 'steps'
>;

export type DemoSummary = {
  readonly summary: true;
  readonly stable: string | null;
  readonly requests: number;
  /** Failed answers that came from a version that was rolled back for it: the price of finding out. */
  readonly failedByFaultyVersions: number;
  /** Requests that failed for any other reason: the price of Rampart itself. */
  readonly lostRequests: number;
  readonly seconds: number;
  readonly examples: readonly string[];
};

/** Whom the story is played under, and where its shop takes requests. */
export type Scene = { readonly controller: Controller; readonly port: number };

/**
 * The story: 1.0.0 gets its users, then three releases. Tells each release when it has ended, and answers with the sum.
 *
 * @param signal - Ends the story early; what ran is still cleared up by the stage.
 */
export async function playStory(
  { controller, port }: Scene,
  told: (line: DemoLine) => void,
  signal: AbortSignal,
): Promise<{ summary: DemoSummary; load: Load }> {
  const startedMs = performance.now();
  const document = (await readFile(join(exampleFolder, 'shop.yaml'), 'utf8')).replace('127.0.0.1:8080', `127.0.0.1:${port}`);
  const [spec] = documentsIn(document, 'shop.yaml', exampleFolder);
  if (!spec) throw new Error('the document of the demo is empty');
  const release = async (version: string): Promise<ReleaseSummary> => {
    const id = await controller.request({ spec, version, by: 'demo', why: '' });
    return await ended(controller, id, signal);
  };
  const first = await release('1.0.0');
  if (first.outcome !== 'succeeded') throw new Error(`the demo's shop did not start: ${first.reason}`);
  const load = startLoad(port, requestsPerSecond, users);
  try {
    // Stable has to have some traffic before there is something to compare with.
    await until(async () => (await load.counts()).answered >= 3 * requestsPerSecond, signal);
    const faulty = new Set<string>();
    for (const { version } of chapters) {
      const done = await release(version);
      if (done.outcome === 'rolled-back') faulty.add(version);
      told(lineOf(done));
    }
    const counts = await load.counts();
    return { summary: sum(counts, faulty, controller.service('shop')?.stable?.version ?? null, startedMs), load };
  } catch (error) {
    await load.stop();
    throw error;
  }
}

/** What the users saw, told apart by whose fault it was. */
export function sum(counts: UserCounts, faulty: ReadonlySet<string>, stable: string | null, startedMs: number): DemoSummary {
  const failures = Object.entries(counts.failures);
  const total = (wanted: boolean): number =>
    failures.filter(([version]) => faulty.has(version) === wanted).reduce((all, [, count]) => all + count, 0);
  return {
    summary: true,
    stable,
    requests: counts.answered,
    failedByFaultyVersions: total(true),
    lostRequests: total(false),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    examples: counts.examples.filter((example) => ![...faulty].some((version) => example.startsWith(`${version}:`))),
  };
}

function lineOf({
  release,
  version,
  outcome,
  reason,
  secondsToSafety,
  failedRequests,
  candidateRequests,
  steps,
}: ReleaseSummary): DemoLine {
  return { release, version, outcome, reason, secondsToSafety, failedRequests, candidateRequests, steps };
}

async function ended(controller: Controller, id: string, signal: AbortSignal): Promise<ReleaseSummary> {
  let summary: ReleaseSummary | null = null;
  await until(async () => {
    const found = controller.release(id);
    summary = found ? releaseSummary(found.release) : null;
    return summary !== null;
  }, signal);
  if (summary === null) throw new Error('the demo was called off');
  return summary;
}

async function until(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + releaseMaxMs;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new Error(`the demo got stuck for ${releaseMaxMs / 1_000} s`);
    await delay(pollMs);
  }
}
