import { z } from 'zod';
import type { CheckContext, CheckResult } from '../check.ts';
import { type DocumentFile, documentFiles } from '../documents.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';

const ruleFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({ alert: z.string().optional(), record: z.string().optional(), expr: z.union([z.string(), z.number()]) }),
      ),
    }),
  ),
});
/** The same as an object of the Prometheus Operator. */
const ruleObject = z.object({ kind: z.literal('PrometheusRule'), spec: ruleFile });

/** Rule files of Prometheus, or PrometheusRule objects, define the alerts that are needed. */
export async function inRuleFiles(
  { path, names }: { readonly path: string; readonly names?: readonly string[] | undefined },
  { folder, signal }: CheckContext,
): Promise<CheckResult> {
  const expected = names
    ? sentence('alerts: $', 'алерты: $', listed(names))
    : { en: 'at least one alert', ru: 'хотя бы один алерт' };
  const files = await documentFiles(folder, path, /\.ya?ml$/i, signal);
  const read = files.map(alertsIn);
  const defined = new Set(read.flatMap(({ alerts }) => alerts));
  const broken = read.flatMap(({ problems }) => problems).map(brokenFinding);
  const missing = (names ?? []).filter((name) => !defined.has(name));
  const absent = missing.map(
    (name): Finding => ({
      status: 'fail',
      text: sentence('$ is not defined', '$: алерт не определён', name),
      fix: sentence('write a rule with alert: $', 'напишите правило с alert: $', name),
    }),
  );
  if (defined.size === 0 && missing.length === 0) absent.push(none);
  const present = names?.filter((name) => defined.has(name)) ?? [...defined];
  const found: Finding = { status: 'pass', text: sentence('defined: $', 'определены: $', listed(present)) };
  const findings = [...broken, ...absent, ...(present.length > 0 ? [found] : [])];
  return resultOf(path, expected, findings, { alerts: defined.size, files: files.length });
}

const none: Finding = {
  status: 'fail',
  text: { en: 'there is no rule with an alert', ru: 'нет ни одного правила с алертом' },
  fix: {
    en: 'write rules with alert and expr, or let rampart generate them',
    ru: 'напишите правила с alert и expr или сгенерируйте их',
  },
};

function brokenFinding(problem: string): Finding {
  return {
    status: 'fail',
    text: problem,
    fix: { en: 'see what promtool check rules says', ru: 'посмотрите, что говорит promtool check rules' },
  };
}

/** Files of other kinds in the same folder, such as Prometheus' own configuration, have no groups and are passed over. */
function alertsIn({ name, documents, problems }: DocumentFile): {
  readonly alerts: readonly string[];
  readonly problems: readonly string[];
} {
  const alerts: string[] = [];
  const wrong = [...problems];
  for (const document of documents) {
    const object = ruleObject.safeParse(document);
    const plain = object.success ? null : ruleFile.safeParse(document);
    const groups = object.success ? object.data.spec.groups : plain?.success ? plain.data.groups : null;
    if (groups) alerts.push(...groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert]))));
    else if (plain?.error && hasGroups(document)) {
      const [issue] = plain.error.issues;
      wrong.push(`${name}: ${issue?.path.join('.')}: ${issue?.message}`);
    }
  }
  return { alerts, problems: wrong };
}

function hasGroups(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'groups' in document;
}
