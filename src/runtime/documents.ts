import { routers } from '../routers/registry.ts';
import { sources } from '../sources/registry.ts';
import { parseDocuments } from '../spec/document.ts';
import { inFolder } from '../spec/load.ts';
import { type Kinds, serviceDocument } from '../spec/service.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { targets } from '../targets/registry.ts';

/** The plugins that a document may name, with the schemas of their configuration. */
export const kinds: Kinds = {
  targets: Object.fromEntries(Object.entries(targets).map(([kind, { schema }]) => [kind, schema])),
  routers: Object.fromEntries(Object.entries(routers).map(([kind, { schema }]) => [kind, schema])),
  sources,
};

/**
 * The services of a text.
 *
 * @param file - Name for messages.
 * @param folder - Absolute folder that relative paths in it start from.
 * @throws SpecError with every problem.
 */
export function documentsIn(text: string, file: string, folder: string): readonly ServiceSpec[] {
  return parseDocuments(text, file, { Service: serviceDocument(kinds) }).map(({ value }) => inFolder(value, folder));
}
