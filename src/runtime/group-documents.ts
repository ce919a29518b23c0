import { dirname, resolve } from 'node:path';
import { parseDocuments } from '../spec/document.ts';
import { type GroupSpec, groupDocument } from '../spec/group.ts';
import { inFolder } from '../spec/load.ts';
import { SpecError } from '../spec/problem.ts';
import { serviceDocument } from '../spec/service.ts';
import { documentText } from '../spec/text-file.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { kinds } from './documents.ts';

/** A file with a ReleaseGroup document, and the files of Service documents that it names, as texts. */
export type GroupText = {
  readonly document: string;
  /** Name for messages. */
  readonly file: string;
  /** Absolute folder that file names and relative paths in the document start from. */
  readonly folder: string;
  /** `name`: as the group writes it. */
  readonly files: readonly { readonly name: string; readonly document: string }[];
};

/** A group with the documents of all its members, in their order. */
export type GroupDocuments = { readonly group: GroupSpec; readonly specs: readonly ServiceSpec[] };

/**
 * Reads the files that a group names.
 *
 * @throws SpecError (`E_SPEC`) with every problem of the group; UserError (`E_SPEC_UNREADABLE`) when a file cannot be read.
 */
export async function groupText(file: string, document: string): Promise<GroupText> {
  const folder = dirname(resolve(file));
  const { members } = onlyGroup(document, file);
  const names = [...new Set(members.flatMap((member) => member.file ?? []))];
  const files = await Promise.all(names.map(async (name) => ({ name, document: await documentText(resolve(folder, name)) })));
  return { document, file, folder, files };
}

/**
 * The group of a text, with the documents of its members.
 *
 * @throws SpecError with every problem of the first file that has one.
 */
export function groupIn(text: GroupText): GroupDocuments {
  const { document, file, folder } = text;
  const beside = parseDocuments(document, file, { Service: serviceDocument(kinds), ReleaseGroup: groupDocument() }).flatMap(
    (one) => (one.kind === 'Service' ? [inFolder(one.value, folder)] : []),
  );
  const ofFile = new Map<string | null, readonly ServiceSpec[]>([[null, beside]]);
  for (const { name, document: held } of text.files) {
    const place = resolve(folder, name);
    const services = parseDocuments(held, place, { Service: serviceDocument(kinds) });
    ofFile.set(
      name,
      services.map(({ value }) => inFolder(value, dirname(place))),
    );
  }
  const find = (service: string, from: string | null): ServiceSpec | undefined =>
    ofFile.get(from)?.find(({ name }) => name === service);
  const group = onlyGroup(document, file, (service, from) => {
    if (find(service, from)) return null;
    const there = (ofFile.get(from) ?? []).map(({ name }) => name).join(', ');
    if (from === null)
      return `expected a file, or a Service document called ${service} in this one${there ? `, which has ${there}` : ''}`;
    return `expected a file with a Service document called ${service}, found ${there || 'none'} in ${from}`;
  });
  return { group, specs: group.members.map(({ service, file: from }) => found(find(service, from), service)) };
}

function found(spec: ServiceSpec | undefined, service: string): ServiceSpec {
  if (!spec) throw new Error(`${service}: its document was found before`);
  return spec;
}

function onlyGroup(document: string, file: string, problemOf?: Parameters<typeof groupDocument>[0]): GroupSpec {
  const parsed = parseDocuments(document, file, { Service: serviceDocument(kinds), ReleaseGroup: groupDocument(problemOf) });
  const groups = parsed.flatMap((one) => (one.kind === 'ReleaseGroup' ? [one.value] : []));
  const [group, second] = groups;
  if (group && !second) return group;
  const message = `expected one ReleaseGroup document, found ${second ? 'several' : 'none'}`;
  throw new SpecError([{ file, line: 1, column: 1, path: '', message }], document);
}
