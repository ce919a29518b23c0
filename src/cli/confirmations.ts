import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import type { ResolvedChecklist } from '../readiness/resolved.ts';
import type { Confirmation, Evidence } from '../readiness/types.ts';
import { nearest } from '../spec/nearest.ts';
import { documentText } from '../spec/text-file.ts';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as 2026-11-28');
const one = z.strictObject({
  item: z.string(),
  by: z.string().min(1).max(200),
  on: day,
  evidence: z.string().min(1).max(2_000).optional(),
  comment: z.string().max(2_000).optional(),
});

/** Largest file that proves something. */
const bytesMax = 10 * 1_048_576;

/**
 * What people have confirmed, as a file in YAML has it: a list of `{ item, by, on: 2026-11-28, evidence?: address or file, comment? }`.
 * Each holds as long as the checklist says from that day on.
 *
 * @throws UserError `E_CONFIRMATIONS` when something in it is wrong, or a file that should prove something is not there.
 */
export async function readConfirmations(file: string, checklist: ResolvedChecklist): Promise<readonly Confirmation[]> {
  const text = await documentText(file);
  const wrong = (what: string, fix: string, cause?: unknown) =>
    new UserError('E_CONFIRMATIONS', what, { where: file, fix, cause });
  let value: unknown;
  try {
    value = parse(text, { schema: 'core' });
  } catch (error) {
    throw wrong(messageOf(error), 'write a list in YAML', error);
  }
  const parsed = z.array(one).max(1_000).safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(
      `${issue?.path.join('.')}: ${issue?.message}`,
      'write - { item: phase.item, by: name, on: 2026-11-28, evidence: address }',
    );
  }
  const items = new Map(checklist.phases.flatMap((phase) => phase.items.map((item) => [item.id, item])));
  return await Promise.all(
    parsed.data.map(async ({ item, by, on, evidence, comment }): Promise<Confirmation> => {
      const known = items.get(item);
      if (!known) {
        const near = nearest(item, [...items.keys()]);
        throw wrong(`the checklist has no ${item}`, near ? `did you mean ${near}?` : 'see `rampart checklists show`');
      }
      const atMs = Date.parse(`${on}T00:00:00Z`);
      if (Number.isNaN(atMs)) throw wrong(`there is no day ${on}`, 'write a day such as 2026-11-28');
      return {
        item,
        by,
        comment: comment ?? null,
        evidence: evidence === undefined ? null : await evidenceOf(evidence, dirname(resolve(file))),
        atMs,
        untilMs: atMs + (known.confirm?.validForMs ?? 0),
      };
    }),
  );
}

/** An address, or a file with what it holds now. */
export async function evidenceOf(given: string, folder: string): Promise<Evidence> {
  if (/^https?:\/\//i.test(given)) return { kind: 'link', url: given };
  const path = resolve(folder, given);
  try {
    const { size } = await stat(path);
    if (size > bytesMax) throw new Error(`it has more than ${bytesMax / 1_048_576} MiB`);
    const bytes = await readFile(path);
    return { kind: 'file', name: basename(path), bytes: size, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    throw new UserError('E_EVIDENCE', `${given} cannot be read: ${messageOf(error)}`, {
      where: path,
      fix: 'name a file that is there, or an address',
      cause: error,
    });
  }
}
