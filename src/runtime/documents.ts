import { alertSources } from '../alert-sources/registry.ts';
import { checks } from '../checks/registry.ts';
import { UserError } from '../errors.ts';
import { notifiers } from '../notifiers/registry.ts';
import { builtinParameters } from '../readiness/checklists/index.ts';
import { routers } from '../routers/registry.ts';
import { policyOf } from '../slo/evaluate.ts';
import { sources } from '../sources/registry.ts';
import type { SourcePlugin } from '../sources/source.ts';
import type { AlertSourceKinds } from '../spec/alert-source.ts';
import { checklistDocument } from '../spec/checklist.ts';
import { parseDocuments } from '../spec/document.ts';
import { inFolder } from '../spec/load.ts';
import type { NotifierKinds } from '../spec/notifier.ts';
import type { OpenSloContext } from '../spec/openslo/read.ts';
import { openSloOf } from '../spec/openslo/write.ts';
import { type Kinds, serviceDocument } from '../spec/service.ts';
import type { ServiceSpec, StandaloneObjective } from '../spec/types.ts';
import { targets } from '../targets/registry.ts';

/** The plugins that a document may name, with the schemas of their configuration. */
export const kinds: Kinds & { readonly notifiers: NotifierKinds; readonly alertSources: AlertSourceKinds } = {
  notifiers,
  alertSources,
  targets: Object.fromEntries(Object.entries(targets).map(([kind, { schema }]) => [kind, schema])),
  routers: Object.fromEntries(Object.entries(routers).map(([kind, { schema }]) => [kind, schema])),
  sources,
  checks: Object.fromEntries(Object.entries(checks).map(([kind, { schema }]) => [kind, schema])),
  parameters: builtinParameters,
};

/** What is known when documents of OpenSLO are read: `readOpenSlo`, `standaloneObjectives`. */
export const openSloContext: OpenSloContext = { sources, usual: (windowMs) => policyOf({ windowMs }) };

/** Objectives as documents of OpenSLO, with what these cannot say. */
export function openSloDocumentsOf(objectives: readonly StandaloneObjective[]): ReturnType<typeof openSloOf> {
  const plugins: Readonly<Record<string, SourcePlugin>> = sources;
  return openSloOf(objectives, {
    usual: openSloContext.usual,
    sourceDocument: ({ kind, config }) => plugins[kind]?.written(config) ?? config,
  });
}

/**
 * The services of a text.
 *
 * @param file - Name for messages.
 * @param folder - Absolute folder that relative paths in it start from.
 * @throws SpecError with every problem.
 */
export function documentsIn(text: string, file: string, folder: string): readonly ServiceSpec[] {
  return parseDocuments(text, file, { Service: serviceDocument(kinds), Checklist: checklistDocument(kinds.checks) }).flatMap(
    (document) => (document.kind === 'Service' ? [inFolder(document.value, folder)] : []),
  );
}

/**
 * The one service of a text.
 *
 * @throws SpecError with every problem; UserError `E_INPUT` where there is none, or more than one.
 */
export function serviceIn(text: string, file: string, folder: string): ServiceSpec {
  const [spec, second] = documentsIn(text, file, folder);
  if (spec && !second) return spec;
  throw new UserError('E_INPUT', `expected one Service document, found ${second ? 'several' : 'none'}`, {
    where: file,
    fix: 'put the service into a file of its own',
  });
}
