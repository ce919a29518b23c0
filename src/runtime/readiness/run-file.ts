import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import type { ItemResult, ReadinessReport } from '../../readiness/types.ts';
import type { SignOffRole } from '../../spec/checklist-types.ts';
import { replaceFile } from '../../system/replace-file.ts';

/** A run as a file keeps it, so that it goes on where it was broken off, and reports are made of it later. */
export type SavedRun = {
  readonly format: 1;
  readonly service: string;
  readonly version: string | null;
  readonly checklist: string;
  readonly results: readonly ItemResult[];
  /** What came of it; null: it has not ended. */
  readonly report: ReadinessReport | null;
  /** Whose signatures it would need. */
  readonly roles: readonly SignOffRole[];
};

const sentence = z.union([z.string(), z.looseObject({ en: z.string(), ru: z.string() })]);
const result = z.looseObject({
  item: z.string(),
  asked: z.string(),
  startedMs: z.number(),
  tookMs: z.number(),
  status: z.enum(['pass', 'warn', 'fail', 'unproven', 'skipped']),
  lookedAt: sentence,
  found: sentence,
  expected: sentence,
  fix: sentence.nullable(),
  evidence: z.array(z.string()),
  figures: z.record(z.string(), z.number()),
});
const item = z.looseObject({ id: z.string(), title: sentence, status: z.string(), why: sentence, result: result.nullable() });
const phase = z.looseObject({ id: z.string(), title: sentence, verdict: z.string(), items: z.array(item) });
const saved = z.looseObject({
  format: z.literal(1),
  service: z.string(),
  version: z.string().nullable(),
  checklist: z.string(),
  results: z.array(result),
  report: z
    .looseObject({
      service: z.string(),
      title: sentence,
      atMs: z.number(),
      verdict: z.string(),
      summary: sentence,
      formula: z.looseObject({ text: sentence }),
      phases: z.array(phase),
    })
    .nullable(),
  roles: z.array(z.looseObject({ role: z.string() })),
});

/** Largest file of a run that is read. */
const bytesMax = 64 * 1_048_576;

/**
 * A run that a file keeps; null when there is no such file.
 *
 * @throws UserError `E_RUN_FILE` when it cannot be read or is none.
 */
export async function readRun(file: string): Promise<SavedRun | null> {
  const wrong = (what: string, cause?: unknown) =>
    new UserError('E_RUN_FILE', what, { where: file, fix: 'name a file that `rampart check --save` has written', cause });
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > bytesMax) throw wrong('it is larger than any run');
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    if (error instanceof UserError) throw error;
    throw wrong(`cannot read it: ${messageOf(error)}`, error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong('it is no JSON', error);
  }
  if (!saved.safeParse(value).success) throw wrong('it is not the run of a checklist');
  return value as SavedRun;
}

/** Writes a run to its file while it goes on: one writing at a time, each with all that is known by then. */
export class RunFile {
  readonly #file: string;
  readonly #value: () => SavedRun;
  #isBehind = false;
  #writing: Promise<void> | null = null;

  /** @param value - What is known now. */
  constructor(file: string, value: () => SavedRun) {
    this.#file = file;
    this.#value = value;
  }

  /** There is something new to keep. What cannot be written now is tried again with the next, and told by `write`. */
  changed(): void {
    this.#isBehind = true;
    this.#writing ??= this.#catchUp();
  }

  /** No writing is under way any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** @throws UserError `E_RUN_FILE` when it cannot be written. */
  async write(value: SavedRun): Promise<void> {
    await this.settled();
    try {
      await replaceFile(this.#file, `${JSON.stringify(value)}\n`, { durable: false, mode: 0o600 });
    } catch (error) {
      throw new UserError('E_RUN_FILE', `the run cannot be kept: ${messageOf(error)}`, {
        where: this.#file,
        fix: 'make room there, or name another file',
        cause: error,
      });
    }
  }

  async #catchUp(): Promise<void> {
    // Several that end in the same turn are one writing.
    await Promise.resolve();
    while (this.#isBehind) {
      this.#isBehind = false;
      await replaceFile(this.#file, `${JSON.stringify(this.#value())}\n`, { durable: false, mode: 0o600 }).catch(() => {});
    }
    this.#writing = null;
  }
}
