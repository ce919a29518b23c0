import type { Language } from '../../analysis/sentence.ts';
import type { SignOffRole } from '../../spec/checklist-types.ts';
import { textIn } from '../../spec/text.ts';
import { type ReportJson, reportJson } from '../../views/readiness/json.ts';
import type { ReportInput } from '../../views/readiness/report-input.ts';

/** A report, and who signs it. */
export type ReportView = ReportJson & {
  readonly roles: readonly { readonly role: string; readonly title: string; readonly by: readonly string[] | null }[];
};

/** A report as the API tells it. */
export function reportView(input: ReportInput, roles: readonly SignOffRole[], language: Language): ReportView {
  return {
    ...reportJson(input, language),
    roles: roles.map(({ role, title, by }) => ({ role, title: textIn(title, language), by })),
  };
}
