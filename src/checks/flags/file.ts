import type { CheckContext, CheckResult } from '../check.ts';
import { documentOf } from '../documents.ts';
import { atPointer } from '../json-pointer.ts';
import { resultOf } from '../sentences.ts';
import { absent, compared, expectation } from './expectation.ts';

/** Flags in a JSON or YAML file, by their pointers. */
export async function atFile(
  { path, expect }: { readonly path: string; readonly expect: Readonly<Record<string, unknown>> },
  { folder, signal }: CheckContext,
): Promise<CheckResult> {
  const document = await documentOf(folder, path, signal);
  const findings = Object.entries(expect).map(([pointer, wanted]) => {
    const found = atPointer(document, pointer);
    return found === undefined ? absent(pointer, path) : compared(pointer, found, wanted);
  });
  return resultOf(path, expectation(expect), findings);
}
