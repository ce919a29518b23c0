import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, systemCode, UserError } from '../errors.ts';
import { type GeneratedFile, generatedMark } from '../generators/generator.ts';
import { replaceFile } from '../system/replace-file.ts';

export type Written = { readonly file: string; readonly state: 'written' | 'unchanged' };

/**
 * Writes generated files into a folder, each whole or not at all. Nothing is written when one of them would take the place of a file that
 * somebody else has written.
 *
 * @param force - Write over those, too.
 * @throws UserError (`E_INPUT`) naming the files that are in the way, or what cannot be written.
 */
export async function writeGenerated(
  folder: string,
  files: readonly GeneratedFile[],
  force: boolean,
): Promise<readonly Written[]> {
  const planned = await Promise.all(
    files.map(async ({ name, text }) => {
      const file = join(folder, name);
      return { file, text, before: await textOf(file) };
    }),
  );
  const foreign = planned.filter(({ text, before }) => before !== null && before !== text && !isGenerated(before));
  if (foreign.length > 0 && !force)
    throw new UserError(
      'E_INPUT',
      `${foreign.map(({ file }) => file).join(', ')} ${foreign.length === 1 ? 'was' : 'were'} written by somebody else`,
      {
        where: folder,
        fix: 'name another folder with --out, or write over it with --force',
      },
    );
  const written: Written[] = [];
  for (const { file, text, before } of planned) {
    if (before !== text) await write(file, text);
    written.push({ file, state: before === text ? 'unchanged' : 'written' });
  }
  return written;
}

function isGenerated(text: string): boolean {
  return text.slice(0, 4_096).includes(generatedMark);
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return null;
    throw unwritable(file, error);
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await replaceFile(file, text, { durable: false, mode: 0o644, keepsMode: true });
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): UserError {
  return new UserError('E_INPUT', `cannot write ${file}: ${messageOf(error)}`, {
    where: '--out',
    fix: 'name a folder that you may write to',
    cause: error,
  });
}
