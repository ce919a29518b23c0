import { basename, dirname, resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import type { ResolvedChecklist } from '../../readiness/resolved.ts';
import { parseDocuments } from '../../spec/document.ts';
import { everyKind } from '../../spec/load.ts';
import { nearest } from '../../spec/nearest.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { kinds } from '../documents.ts';
import { builtinNames, checklistFor } from './checklists.ts';

/** A checklist that a document asks, the phases that it wants of it, and where it says so. */
type Asked = { readonly checklist: string; readonly phases: readonly string[]; readonly where: string };

/**
 * Whether the checklists of a file can be what they mean, and whether those that its services ask are there, with the phases, the
 * parameters and the items that are said of them. The schema of a document sees none of that: it is about what stands elsewhere.
 *
 * @param text - Of the file; every document in it is right as a document.
 * @throws UserError or SpecError with the first mistake.
 */
export async function checkChecklistsOf(text: string, file: string): Promise<void> {
  const folder = dirname(resolve(file));
  const documents = parseDocuments(text, file, everyKind(kinds));
  try {
    for (const { kind, value } of documents) {
      if (kind === 'Checklist') await checklistFor(`./${basename(file)}#${value.name}`, folder, {}, false);
      if (kind === 'Service') await checkService(value, folder);
    }
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'E_CHECKLIST' || error.where.startsWith('/')) throw error;
    throw new UserError(error.code, error.message, { where: `${file}, ${error.where}`, fix: error.fix, cause: error });
  }
}

async function checkService(spec: ServiceSpec, folder: string): Promise<void> {
  const { readiness } = spec;
  const known: ResolvedChecklist[] = [];
  for (const { checklist: name, phases, where } of askedBy(spec)) {
    const isOwn = where === 'spec.readiness';
    const checklist = await checklistFor(name, folder, readiness?.parameters ?? {}, isOwn);
    known.push(checklist);
    const ids = checklist.phases.map(({ id }) => id);
    for (const phase of phases)
      if (!ids.includes(phase)) throw unknown(`checklist ${name} has no phase ${phase}`, where, phase, ids);
  }
  if (!readiness || readiness.exemptions.length === 0) return;
  for (const name of builtinNames) known.push(await checklistFor(name, folder, {}, false));
  const items = known.flatMap(({ phases }) => phases.flatMap((phase) => phase.items.map(({ id }) => id)));
  for (const { item } of readiness.exemptions)
    if (!items.includes(item)) throw unknown(`no checklist has ${item}`, 'spec.readiness.exemptions', item, items);
}

function askedBy({ readiness, release }: ServiceSpec): readonly Asked[] {
  const { preflight, cutover, verify, timeline } = release;
  const gate = (where: string, ask: { checklist: string; phases?: readonly string[] | null } | null | undefined): Asked[] =>
    ask ? [{ checklist: ask.checklist, phases: ask.phases ?? [], where }] : [];
  const looks = verify?.at.map(({ phases }) => ({ checklist: verify.checklist, phases })) ?? [];
  return [
    ...gate('spec.readiness', readiness),
    ...gate('spec.release.preflight', preflight),
    ...gate('spec.release.cutover', cutover),
    ...looks.flatMap((look) => gate('spec.release.verify', look)),
    ...(timeline ?? []).flatMap(({ does }) => (does.kind === 'checklist' ? gate('spec.release.timeline', does) : [])),
  ];
}

function unknown(what: string, where: string, name: string, known: readonly string[]): UserError {
  const near = nearest(name, known);
  const fix = near ? `did you mean ${near}?` : 'see `rampart checklists show` for what a built-in one has';
  return new UserError('E_CHECKLIST', what, { where, fix });
}
