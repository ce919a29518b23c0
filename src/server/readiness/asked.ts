import { isAbsolute, relative, resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import { compareReports } from '../../readiness/compare.ts';
import { documentOf as documentOfVersion } from '../../runtime/readiness/document-of.ts';
import type { RunRecord } from '../../runtime/readiness/readiness-records.ts';
import { unknownService } from '../../runtime/refusals.ts';
import { isChecklistFile } from '../../spec/readiness.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import type { ReportInput } from '../../views/readiness/report-input.ts';
import type { ServerOptions } from '../options.ts';

/**
 * The document that counts for a version of a service, and that version; undefined: the one that nobody has to name.
 *
 * @throws UserError `E_UNKNOWN_SERVICE`.
 */
export function documentOf(
  { controller }: ServerOptions,
  name: string,
  version?: string,
): { readonly spec: ServiceSpec; readonly version: string } {
  const found = documentOfVersion(controller.service(name), version ?? null);
  if (!found) throw unknownService(name);
  return found;
}

/**
 * The checklist that counts: that of the document, a built-in one, or one that has been run. Which other files there are on the
 * controller's machine, and what is wrong with them, is nobody's business who may only read.
 *
 * @throws UserError `E_INPUT` for another file.
 */
export function checklistOf(
  { readiness }: Pick<ServerOptions, 'readiness'>,
  spec: ServiceSpec,
  asked: string | undefined,
): string {
  const own = ownChecklist(spec);
  if (asked === undefined || asked === own || !isChecklistFile(asked)) return asked ?? own;
  const runs = readiness.records.state.runs.get(spec.name) ?? [];
  if (runs.some(({ checklist }) => checklist === asked)) return asked;
  throw new UserError('E_INPUT', `${asked} was never run for ${spec.name}`, {
    where: 'checklist',
    fix: `run it first: rampart check ${spec.name} --checklist ${asked}`,
  });
}

/**
 * The same for whoever may run checks: also another file, from the folder of the document.
 *
 * @throws UserError `E_INPUT` for a file that lies elsewhere.
 */
export function checklistToRun(spec: ServiceSpec, asked: string | undefined): string {
  const own = ownChecklist(spec);
  if (asked === undefined || asked === own || !isChecklistFile(asked)) return asked ?? own;
  const folder = spec.folder ?? '/';
  const from = relative(folder, resolve(folder, asked));
  if (!isAbsolute(asked) && from !== '..' && !from.startsWith('../')) return asked;
  throw new UserError('E_INPUT', `${asked} is not in the folder of the document of ${spec.name}`, {
    where: 'checklist',
    fix: 'name a file in that folder, or let the document name it in readiness.checklist',
  });
}

function ownChecklist({ readiness }: ServiceSpec): string {
  return readiness?.checklist ?? 'production';
}

type Query = {
  readonly checklist?: string | undefined;
  readonly version?: string | undefined;
  readonly run?: string | undefined;
  readonly against?: string | undefined;
};

/**
 * What a report is made of: as it is now, or as it was at the end of a run.
 *
 * @throws UserError where there is no such run, or it has not ended.
 */
export async function inputOf(options: ServerOptions, name: string, query: Query): Promise<ReportInput> {
  const { readiness } = options;
  const { spec, version } = documentOf(options, name, query.version);
  const runs = readiness.records.state.runs.get(name) ?? [];
  const past = query.run === undefined ? null : ended(runs, query.run);
  const asked = past?.run.checklist ?? checklistOf(options, spec, query.checklist);
  const now = await readiness.answer(spec, version, asked);
  const roles = now.checklist.signOffs;
  const before = query.against === undefined ? null : ended(runs, query.against).report;
  const report = past?.report ?? now.report;
  const comparison = before && compareReports(before, report);
  const { hash, signOffs: standing, unsigned: missing } = now;
  if (!past) return { report, hash, roles, signOffs: standing, unsigned: missing, comparison };
  const signed = (readiness.records.state.signOffs.get(name) ?? []).filter(({ hash }) => hash === past.hash);
  const signOffs = roles.flatMap(({ role }) => signed.find((one) => one.role === role) ?? []);
  const unsigned = roles.flatMap(({ role }) => (signOffs.some((one) => one.role === role) ? [] : [role]));
  return { report, hash: past.hash, roles, signOffs, unsigned, comparison };
}

function ended(runs: readonly RunRecord[], id: string) {
  const run = runs.find((one) => one.id === id);
  if (run?.ended) return { run, ...run.ended };
  throw new UserError('E_UNKNOWN_RUN', run ? `run ${id} has not ended` : `there is no run ${id}`, {
    where: 'run',
    fix: 'name a run that has ended; only the last ones are kept',
  });
}
