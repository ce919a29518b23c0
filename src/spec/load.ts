import { dirname, isAbsolute, resolve } from 'node:path';
import type { AlertSourceKinds } from './alert-source.ts';
import { checklistDocument } from './checklist.ts';
import { type ControllerSpec, controllerDocument } from './controller.ts';
import { parseDocuments } from './document.ts';
import { flagSetDocument } from './flag-set.ts';
import { groupDocument } from './group.ts';
import { isSetupKind, setupKinds } from './incident-setup.ts';
import { isMapping } from './mapping.ts';
import type { NotifierKinds } from './notifier.ts';
import { type Problem, SpecError } from './problem.ts';
import { type Kinds, serviceDocument } from './service.ts';
import { documentText } from './text-file.ts';
import type { ServiceSpec } from './types.ts';

/**
 * Reads the services of a file. Paths inside of it count from its own folder, wherever the reader stands.
 *
 * @throws SpecError (`E_SPEC`) with every problem of the file; UserError (`E_SPEC_UNREADABLE`) when it cannot be read.
 */
export async function loadServices(file: string, kinds: Kinds, signal?: AbortSignal): Promise<readonly ServiceSpec[]> {
  const text = await documentText(file, signal);
  const folder = dirname(resolve(file));
  const schemas = { Service: serviceDocument(kinds), Checklist: checklistDocument(kinds.checks) };
  return parseDocuments(text, file, schemas).flatMap((document) =>
    document.kind === 'Service' ? [inFolder(document.value, folder)] : [],
  );
}

/** What a file holds: the names of its services, groups, sets of flags and checklists, and whether the document of a controller is among them. */
export type FileContents = {
  readonly services: readonly string[];
  readonly groups: readonly string[];
  readonly flagSets: readonly string[];
  readonly checklists: readonly string[];
  /** Documents that say who is told of what. */
  readonly setup: readonly { readonly kind: string; readonly name: string }[];
  readonly controller: boolean;
};

/** The plugins that any document may name. */
export type AllKinds = Kinds & { readonly notifiers: NotifierKinds; readonly alertSources: AlertSourceKinds };

/** The schema of every kind of document of ours. */
export function everyKind(kinds: AllKinds) {
  return {
    Service: serviceDocument(kinds),
    Controller: controllerDocument,
    ReleaseGroup: groupDocument(),
    FlagSet: flagSetDocument,
    Checklist: checklistDocument(kinds.checks),
    ...setupKinds(kinds),
  };
}

/**
 * Checks every document of ours in a text, of whatever kind.
 *
 * @param found - What is known to be wrong with it already, in documents that are not ours.
 * @throws SpecError (`E_SPEC`) with every problem of the text.
 */
export function checkText(text: string, file: string, kinds: AllKinds, found: readonly Problem[] = []): FileContents {
  const parsed = parseDocuments(text, file, everyKind(kinds), found);
  return {
    services: parsed.flatMap((document) => (document.kind === 'Service' ? [document.value.name] : [])),
    groups: parsed.flatMap((document) => (document.kind === 'ReleaseGroup' ? [document.value.name] : [])),
    flagSets: parsed.flatMap((document) => (document.kind === 'FlagSet' ? [document.value.name] : [])),
    checklists: parsed.flatMap((document) => (document.kind === 'Checklist' ? [document.value.name] : [])),
    setup: parsed.flatMap((document) =>
      isSetupKind(document.kind) && 'name' in document.value ? [{ kind: document.kind, name: document.value.name }] : [],
    ),
    controller: parsed.some(({ kind }) => kind === 'Controller'),
  };
}

/**
 * Reads the document of a controller.
 *
 * @throws SpecError (`E_SPEC`) with every problem of the file; UserError (`E_SPEC_UNREADABLE`) when it cannot be read.
 */
export async function loadController(file: string): Promise<ControllerSpec> {
  const text = await documentText(file);
  const [document, second] = parseDocuments(text, file, { Controller: controllerDocument });
  if (document && !second) return document.value;
  const message = `expected one Controller document, found ${second ? 'several' : 'none'}`;
  throw new SpecError([{ file, line: 1, column: 1, path: '', message }], text);
}

/**
 * The service as a document in `folder` means it: hooks run there, and so does a relative `cwd` of its target's configuration. This is the contract with target plugins:
 * a folder in which something runs is called `cwd`, at the top of the configuration, and `.` is its default.
 *
 * @param folder - Absolute.
 */
export function inFolder(spec: ServiceSpec, folder: string): ServiceSpec {
  const { config } = spec.target;
  if (!isMapping(config) || typeof config.cwd !== 'string' || isAbsolute(config.cwd)) return { ...spec, folder };
  return { ...spec, folder, target: { ...spec.target, config: { ...config, cwd: resolve(folder, config.cwd) } } };
}
