import { isMapping } from './mapping.ts';
import { readYaml } from './yaml-source.ts';

/** Whether one of the documents of a text says that it is a ReleaseGroup. A text that cannot be read has none. */
export function hasGroup(text: string, file: string): boolean {
  return readYaml(text, file).documents.some(({ value }) => isMapping(value) && value.kind === 'ReleaseGroup');
}
