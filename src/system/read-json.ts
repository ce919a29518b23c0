import { readFile } from 'node:fs/promises';
import { systemCode } from '../errors.ts';

/** The JSON in a file, or undefined when there is no such file or it holds something else. */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
