import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { messageOf, UserError } from '../errors.ts';
import { sourceBytesMax } from '../spec/source-limit.ts';
import { readYaml } from '../spec/yaml-source.ts';

/** A file of documents, YAML or JSON, read to plain data. */
export type DocumentFile = {
  /** As it is told: from the folder that was asked for. */
  readonly name: string;
  readonly documents: readonly unknown[];
  /** What cannot be read of it, each with its place. */
  readonly problems: readonly string[];
};

/** Files of a folder that are read. */
export const filesMax = 1_000;
const jsonBytesMax = 16 * 1_048_576;
const depthMax = 20;

/**
 * The documents of a file, or of all files below a folder whose names match. Links are not followed.
 *
 * @param path - Relative to `folder`.
 * @throws UserError `E_CHECK_FILE` when it cannot be read, or is too much.
 */
export async function documentFiles(
  folder: string,
  path: string,
  pattern: RegExp,
  signal: AbortSignal,
): Promise<readonly DocumentFile[]> {
  const whole = resolve(folder, path);
  const files = await read(path, async () =>
    (await stat(whole)).isDirectory() ? await filesBelow(whole, pattern, 0, signal) : [whole],
  );
  if (files.length > filesMax)
    throw new UserError('E_CHECK_FILE', `${path} has more than ${filesMax} files`, { where: path, fix: 'name a smaller folder' });
  const found: DocumentFile[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    const name = relative(folder, file);
    const { size } = await read(name, () => plainFile(file));
    const isJson = /\.json$/i.test(name);
    const bytesMax = isJson ? jsonBytesMax : sourceBytesMax;
    if (size > bytesMax) {
      found.push({ name, documents: [], problems: [`${name}: more than ${bytesMax} bytes`] });
      continue;
    }
    const text = await read(name, () => readFile(file, { encoding: 'utf8', signal }));
    found.push({ name, ...(isJson ? jsonIn(text, name) : yamlIn(text, name)) });
  }
  return found;
}

function yamlIn(text: string, name: string): Omit<DocumentFile, 'name'> {
  const { documents, problems } = readYaml(text, name);
  return {
    documents: documents.map(({ value }) => value),
    problems: problems.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`),
  };
}

/** Dashboards are larger than what people write, and JSON is read a hundred times faster as such. */
function jsonIn(text: string, name: string): Omit<DocumentFile, 'name'> {
  try {
    return { documents: [JSON.parse(text.replace(/^\ufeff/, ''))], problems: [] };
  } catch (error) {
    return { documents: [], problems: [`${name}: ${messageOf(error)}`] };
  }
}

/** Of a pipe or a device nothing is read: it may never end. */
export async function plainFile(file: string): Promise<Pick<Stats, 'size' | 'mtimeMs'>> {
  const found = await stat(file);
  if (!found.isFile()) throw new Error('it is no plain file');
  return found;
}

/** The one document of a file. */
export async function documentOf(folder: string, path: string, signal: AbortSignal): Promise<unknown> {
  const [file] = await documentFiles(folder, path, /^/, signal);
  const problem = file?.problems[0];
  if (problem !== undefined) throw new UserError('E_CHECK_FILE', problem, { where: path, fix: 'correct the file' });
  return file?.documents[0];
}

/** Whole paths of the files below a folder whose names match, sorted; one more than is read tells that there are too many. */
export async function filesBelow(
  folder: string,
  pattern: RegExp,
  depth: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  signal.throwIfAborted();
  if (depth > depthMax) return [];
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (found.length > filesMax) return found;
    if (entry.isFile() && pattern.test(entry.name)) found.push(join(folder, entry.name));
    else if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules')
      found.push(...(await filesBelow(join(folder, entry.name), pattern, depth + 1, signal)));
  }
  return found;
}

/** What work with a file answers. Throws `E_CHECK_FILE` where it cannot be done. */
export async function read<Read>(path: string, work: () => Promise<Read>): Promise<Read> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new UserError('E_CHECK_FILE', `${path} cannot be read: ${messageOf(error)}`, {
      where: path,
      fix: 'write the path of a file that Rampart may read',
      cause: error,
    });
  }
}
