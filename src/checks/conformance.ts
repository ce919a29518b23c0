import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UserError } from '../errors.ts';
import { secretValue } from '../spec/secret.ts';
import { textIn } from '../spec/text.ts';
import type { CheckContext, CheckPlugin, CheckResult, CheckStatus } from './check.ts';
import type { OwnView } from './own-view.ts';

/** One state of the real thing, and what the check has to say about it. */
export type CheckCase = {
  readonly name: string;
  /** Makes the state, and answers the configuration as a checklist writes it. */
  given(t: TestContext): Promise<unknown> | unknown;
  readonly status: CheckStatus;
  /** What has to stand in `found`, in English. */
  readonly found?: RegExp;
  readonly fix?: RegExp;
  /** A text that may stand nowhere in the answer: a password that was used. */
  readonly secret?: string;
  readonly context?: Partial<CheckContext>;
};

/**
 * Registers the tests that every check must pass: those of its own cases, and that it ends when nobody wants it any more.
 *
 * @param hangs - Makes a state in which the check would take forever, such as a server that accepts and never answers.
 */
export function checkConformance(
  kind: string,
  plugin: CheckPlugin,
  cases: readonly CheckCase[],
  hangs?: (t: TestContext) => Promise<unknown> | unknown,
): void {
  for (const one of cases) {
    test(`${kind}: ${one.name}`, async (t) => {
      const config = plugin.schema.parse(await one.given(t));
      const result = await answer(plugin, config, await contextFor(t, one.context));
      assert.equal(result.status, one.status, JSON.stringify(result));
      if (one.found) assert.match(textIn(result.found, 'en'), one.found);
      if (one.fix) assert.match(result.fix === null ? '' : textIn(result.fix, 'en'), one.fix);
      checkForm(result);
      if (one.secret !== undefined) assert.ok(!JSON.stringify(result).includes(one.secret), 'a secret stands in the answer');
    });
  }
  if (hangs)
    test(`${kind}: ends when nobody wants it any more`, async (t) => {
      const config = plugin.schema.parse(await hangs(t));
      const before = open();
      const stop = new AbortController();
      const context = await contextFor(t, { signal: stop.signal });
      setTimeout(() => stop.abort(), 100).unref();
      const startMs = performance.now();
      await answer(plugin, config, context).catch(() => {});
      assert.ok(performance.now() - startMs < 5_000, 'it went on for seconds');
      await nothingIsLeft(before);
    });
}

/** Connections and programs of this process, by their kind. */
function open(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo())
    if (/^(TCPSocket|TLS|Pipe|Process|UDP|QueryReq)/i.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Waits until no more connections and programs are open than before: a check that was called off leaves none. */
async function nothingIsLeft(before: ReadonlyMap<string, number>): Promise<void> {
  const untilMs = performance.now() + 10_000;
  for (;;) {
    const more = [...open()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    if (more.length === 0) return;
    assert.ok(performance.now() < untilMs, `it left something open: ${JSON.stringify(more)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A context as the runner makes it; `scratch` has to be empty, or gone, in the end. */
export async function contextFor(t: TestContext, given: Partial<CheckContext> = {}): Promise<CheckContext> {
  const scratch = await mkdtemp(join(tmpdir(), 'rampart-check-'));
  t.after(() => rm(scratch, { recursive: true, force: true }));
  const environment = given.environment ?? process.env;
  return {
    service: 'shop',
    version: '1.0.0',
    folder: scratch,
    scratch,
    environment,
    secret(named) {
      const found = secretValue(named, environment, () => {
        throw new Error('no file here');
      });
      if ('value' in found) return found.value;
      throw new UserError('E_CHECK_SECRET', found.missing, { where: 'check', fix: 'set it where the controller runs' });
    },
    now: () => Date.now(),
    signal: AbortSignal.timeout(20_000),
    progress() {},
    own: null as OwnView | null,
    ...given,
  };
}

/** What the runner makes of an answer or a rejection. */
async function answer(plugin: CheckPlugin, config: unknown, context: CheckContext): Promise<CheckResult> {
  try {
    return await plugin.run(config, context);
  } catch (error) {
    assert.ok(error instanceof UserError, `a check rejects with a UserError, not with ${String(error)}`);
    return {
      status: 'unproven',
      lookedAt: error.where,
      found: error.message,
      expected: '',
      fix: error.fix,
      evidence: [],
      figures: {},
    };
  }
}

function checkForm({ status, lookedAt, found, expected, fix, figures }: CheckResult): void {
  for (const language of ['en', 'ru'] as const) {
    for (const text of [lookedAt, found]) assert.notEqual(textIn(text, language), '');
    assert.ok(!textIn(found, language).endsWith('.'), 'a sentence without a full stop');
  }
  if (status === 'pass') assert.notEqual(textIn(expected, 'en'), '');
  if (status === 'fail' || status === 'warn' || status === 'unproven') assert.ok(fix !== null, 'it says what to do');
  for (const figure of Object.values(figures)) assert.ok(Number.isFinite(figure));
}

/** Whether a folder is as it was: a check leaves nothing behind. */
export async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder)).length === 0;
}
