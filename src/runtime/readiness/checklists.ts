import { isAbsolute, resolve } from 'node:path';
import type { CheckPlugin } from '../../checks/check.ts';
import { checks } from '../../checks/registry.ts';
import { UserError } from '../../errors.ts';
import { builtinChecklists, builtinParameters } from '../../readiness/checklists/index.ts';
import { type CheckReader, resolveChecklist } from '../../readiness/resolve.ts';
import type { ResolvedChecklist } from '../../readiness/resolved.ts';
import { checklistDocument } from '../../spec/checklist.ts';
import type { ChecklistSpec } from '../../spec/checklist-types.ts';
import { parseDocuments } from '../../spec/document.ts';
import { everyKind } from '../../spec/load.ts';
import { nearest } from '../../spec/nearest.ts';
import { isChecklistFile } from '../../spec/readiness.ts';
import { documentText } from '../../spec/text-file.ts';
import { kinds } from '../documents.ts';

const plugins: Readonly<Record<string, CheckPlugin>> = checks;
const schema = checklistDocument(kinds.checks);
const builtin = new Map<string, ChecklistSpec>();

/** Names of the built-in checklists. */
export const builtinNames: readonly string[] = Object.keys(builtinChecklists);

const reader: CheckReader = {
  names: Object.keys(plugins),
  read(kind, written) {
    const parsed = plugins[kind]?.schema.safeParse(written);
    if (!parsed) return { problems: [`there is no check of kind ${kind}`] };
    if (parsed.success) return { config: parsed.data };
    return { problems: parsed.error.issues.map(({ path, message }) => `${[kind, ...path].join('.')}: ${message}`) };
  },
};

/** A built-in checklist; null: there is none of this name. */
export function builtinChecklist(name: string): ChecklistSpec | null {
  const known = builtin.get(name);
  if (known || !Object.hasOwn(builtinChecklists, name)) return known ?? null;
  const read = schema.parse(builtinChecklists[name]);
  builtin.set(name, read);
  return read;
}

/**
 * A checklist for a service.
 *
 * @param asked - The name of a built-in one, or a path from `folder`; behind a # the name of one of several in that file.
 * @param parameters - As the service gives them.
 * @param isStrict - Whether parameters that the checklist has not are refused, but for those of built-in ones; else they are left out.
 * @throws UserError when there is none, or it cannot be what was meant; SpecError with every problem of the file.
 */
export async function checklistFor(
  asked: string,
  folder: string,
  parameters: Readonly<Record<string, unknown>>,
  isStrict: boolean,
  signal?: AbortSignal,
): Promise<ResolvedChecklist> {
  const { spec, byName } = await found(asked, folder, signal);
  const names = new Set(parameterNames(spec, byName, 0));
  // A service says for all of its checklists at once what they ask.
  const isAnothers = (name: string) => !names.has(name) && (!isStrict || builtinParameters.includes(name));
  const given = Object.fromEntries(Object.entries(parameters).filter(([name]) => !isAnothers(name)));
  return resolveChecklist(spec, byName, reader, given);
}

type Found = { readonly spec: ChecklistSpec; readonly byName: (name: string) => ChecklistSpec | null };

async function found(asked: string, folder: string, signal: AbortSignal | undefined): Promise<Found> {
  if (!isChecklistFile(asked)) {
    const spec = builtinChecklist(asked);
    if (spec) return { spec, byName: builtinChecklist };
    const near = nearest(asked, builtinNames);
    throw new UserError('E_CHECKLIST', `there is no checklist ${asked}`, {
      where: 'checklist',
      fix: `${near ? `did you mean ${near}? ` : ''}Use one of ${builtinNames.join(', ')}, or name a file: ./ours.yaml`,
    });
  }
  const [path = '', wanted] = asked.split('#');
  const file = isAbsolute(path) ? path : resolve(folder, path);
  const text = await documentText(file, signal);
  const all = parseDocuments(text, file, everyKind(kinds)).flatMap((document) =>
    document.kind === 'Checklist' ? [document.value] : [],
  );
  const own = wanted === undefined && all.length === 1 ? all[0] : all.find(({ name }) => name === wanted);
  if (!own) {
    const names = all.map(({ name }) => name).join(', ');
    const others = wanted === undefined ? `the checklists ${names}` : `no checklist ${wanted}, only ${names}`;
    throw new UserError('E_CHECKLIST', `${file} has ${all.length === 0 ? 'no checklist' : others}`, {
      where: file,
      fix: all.length === 0 ? 'write one with kind: Checklist' : `name one of them: ${path}#${all[0]?.name}`,
    });
  }
  // One that extends the built-in one of its own name means that one.
  return { spec: own, byName: (name) => all.find((one) => one.name === name && one !== own) ?? builtinChecklist(name) };
}

function parameterNames(spec: ChecklistSpec, byName: Found['byName'], depth: number): readonly string[] {
  const base = spec.extends === null || depth > 20 ? null : byName(spec.extends);
  return [...spec.parameters.map(({ name }) => name), ...(base ? parameterNames(base, byName, depth + 1) : [])];
}
