import { z } from 'zod';
import type { Severity } from './schema.ts';

/** A known vulnerability of a dependency. */
export type Advisory = {
  /** All names that it has: GHSA, CVE, PYSEC … */
  readonly ids: readonly string[];
  readonly package: string;
  readonly version: string | null;
  /** Null: the report does not say. */
  readonly severity: Severity | null;
  readonly title: string;
  /** Versions without it; null: not known, or none. */
  readonly fixedIn: string | null;
};

/** What a report says, and by which tool. `problem`: the tool could not find out. */
export type Report =
  | {
      readonly kind: 'read';
      readonly tool: string;
      readonly advisories: readonly Advisory[];
      readonly skipped: readonly string[];
    }
  | { readonly kind: 'problem'; readonly tool: string; readonly problem: string };

type Read = (data: unknown) => Report | null;

/** What a report in JSON says; null: it is of no tool that is known here. */
export function readReport(data: unknown): Report | null {
  for (const read of [npmProblem, npm, npm6, pipAudit, osv, trivy, sarif]) {
    const found = read(data);
    if (found) return found;
  }
  return null;
}

/** A reader of one form: what does not fit is left to the next. */
function reader<Schema extends z.ZodType>(schema: Schema, read: (data: z.output<Schema>) => Report): Read {
  return (data) => {
    const parsed = schema.safeParse(data);
    return parsed.success ? read(parsed.data) : null;
  };
}

const text = z.string().catch('');
const words = z.array(z.string()).catch([]);

const npmProblem = reader(
  z.object({ message: z.string().optional(), error: z.object({ code: text, summary: text, detail: text }) }),
  ({ message, error }) => ({
    kind: 'problem',
    tool: 'npm audit',
    problem: [error.code, error.summary || message || error.detail].filter((part) => part !== '').join(': '),
  }),
);

const npm = reader(
  z.object({
    auditReportVersion: z.literal(2),
    vulnerabilities: z.record(
      z.string(),
      z.object({
        severity: text,
        via: z.array(
          z.union([
            z.string(),
            z.object({ source: z.number().optional(), url: text, title: text, severity: text, range: text, name: text }),
          ]),
        ),
      }),
    ),
  }),
  ({ vulnerabilities }) => {
    const found = new Map<string, Advisory>();
    for (const [name, { via }] of Object.entries(vulnerabilities))
      for (const one of via) {
        // A text is the name of a package that is in the list itself.
        if (typeof one === 'string') continue;
        const id = one.url.split('/').at(-1) || String(one.source ?? one.title);
        found.set(`${id} ${name}`, {
          ids: [id],
          package: one.name || name,
          version: one.range || null,
          severity: severityOf(one.severity),
          title: one.title,
          fixedIn: null,
        });
      }
    return { kind: 'read', tool: 'npm audit', advisories: [...found.values()], skipped: [] };
  },
);

const npm6 = reader(
  z.object({
    advisories: z.record(
      z.string(),
      z.object({ module_name: text, severity: text, title: text, github_advisory_id: text, cves: words, patched_versions: text }),
    ),
    metadata: z.object({}),
  }),
  ({ advisories }) => ({
    kind: 'read',
    tool: 'npm audit',
    skipped: [],
    advisories: Object.entries(advisories).map(([id, one]) => ({
      ids: [one.github_advisory_id || id, ...one.cves],
      package: one.module_name,
      version: null,
      severity: severityOf(one.severity),
      title: one.title,
      fixedIn: one.patched_versions || null,
    })),
  }),
);

const pipPackage = z.object({
  name: z.string(),
  version: z.string().optional(),
  skip_reason: z.string().optional(),
  vulns: z.array(z.object({ id: z.string(), aliases: words, fix_versions: words, description: text })).optional(),
});
const pipAudit = reader(
  z.union([
    z.object({ dependencies: z.array(pipPackage) }).transform(({ dependencies }) => dependencies),
    z.array(
      pipPackage.extend({ vulns: z.array(z.object({ id: z.string(), aliases: words, fix_versions: words, description: text })) }),
    ),
  ]),
  (packages) => {
    if (packages.length === 0) return { kind: 'problem', tool: 'pip-audit', problem: 'it has looked at no package' };
    return {
      kind: 'read',
      tool: 'pip-audit',
      skipped: packages.flatMap(({ name, skip_reason }) => (skip_reason === undefined ? [] : [`${name}: ${skip_reason}`])),
      advisories: packages.flatMap(({ name, version, vulns = [] }) =>
        vulns.map((one) => ({
          ids: [one.id, ...one.aliases],
          package: name,
          version: version ?? null,
          severity: null,
          title: one.description,
          fixedIn: one.fix_versions.join(', ') || null,
        })),
      ),
    };
  },
);

const osv = reader(
  z.object({
    results: z.array(
      z.object({
        packages: z.array(
          z.object({
            package: z.object({ name: z.string(), version: text }),
            vulnerabilities: z
              .array(
                z.object({
                  id: z.string(),
                  aliases: words,
                  summary: text,
                  database_specific: z.object({ severity: text }).catch({ severity: '' }),
                }),
              )
              .catch([]),
            groups: z.array(z.object({ ids: words, max_severity: text })).catch([]),
          }),
        ),
      }),
    ),
  }),
  ({ results }) => ({
    kind: 'read',
    tool: 'osv-scanner',
    skipped: [],
    advisories: results.flatMap(({ packages }) =>
      packages.flatMap(({ package: of, vulnerabilities, groups }) =>
        vulnerabilities.map((one) => ({
          ids: [one.id, ...one.aliases],
          package: of.name,
          version: of.version || null,
          severity:
            scored(groups.find(({ ids }) => ids.includes(one.id))?.max_severity) ?? severityOf(one.database_specific.severity),
          title: one.summary,
          fixedIn: null,
        })),
      ),
    ),
  }),
);

const trivy = reader(
  z.object({
    SchemaVersion: z.number(),
    Results: z
      .array(
        z.object({
          Vulnerabilities: z
            .array(
              z.object({
                VulnerabilityID: z.string(),
                PkgName: text,
                InstalledVersion: text,
                FixedVersion: text,
                Severity: text,
                Title: text,
              }),
            )
            .nullish(),
        }),
      )
      .nullish(),
  }),
  ({ Results }) => ({
    kind: 'read',
    tool: 'Trivy',
    skipped: [],
    advisories: (Results ?? []).flatMap(({ Vulnerabilities }) =>
      (Vulnerabilities ?? []).map((one) => ({
        ids: [one.VulnerabilityID],
        package: one.PkgName,
        version: one.InstalledVersion || null,
        severity: severityOf(one.Severity),
        title: one.Title,
        fixedIn: one.FixedVersion || null,
      })),
    ),
  }),
);

const levels: Readonly<Record<string, Severity>> = { error: 'high', warning: 'moderate', note: 'low', none: 'info' };
const sarif = reader(
  z.object({
    version: z.literal('2.1.0'),
    runs: z
      .array(
        z.object({
          invocations: z.array(z.object({ executionSuccessful: z.boolean().catch(true) })).catch([]),
          tool: z.object({
            driver: z.object({
              name: z.string(),
              rules: z
                .array(
                  z.object({
                    id: z.string(),
                    properties: z.object({ 'security-severity': z.coerce.string() }).partial().catch({}),
                  }),
                )
                .catch([]),
            }),
          }),
          results: z
            .array(
              z.object({
                ruleId: text,
                level: text,
                message: z.object({ text }),
                suppressions: z.array(z.unknown()).catch([]),
                locations: z
                  .array(z.object({ physicalLocation: z.object({ artifactLocation: z.object({ uri: text }) }) }))
                  .catch([]),
              }),
            )
            .nullish(),
        }),
      )
      .min(1),
  }),
  ({ runs }) => {
    const tool = runs.map((run) => run.tool.driver.name).join(', ');
    // What it did not find then proves nothing (SARIF 2.1.0, 3.20.14).
    if (runs.some(({ invocations }) => invocations.some((one) => !one.executionSuccessful)))
      return { kind: 'problem', tool, problem: 'its run has failed' };
    return {
      kind: 'read',
      tool,
      skipped: [],
      advisories: runs.flatMap(({ tool, results }) =>
        (results ?? [])
          .filter(({ suppressions }) => suppressions.length === 0)
          .map((one) => ({
            ids: [one.ruleId],
            package: one.locations[0]?.physicalLocation.artifactLocation.uri ?? '',
            version: null,
            severity:
              scored(tool.driver.rules.find(({ id }) => id === one.ruleId)?.properties['security-severity']) ??
              levels[one.level || 'warning'] ??
              null,
            title: one.message.text,
            fixedIn: null,
          })),
      ),
    };
  },
);

function severityOf(word: string): Severity | null {
  const found = word.toLowerCase();
  if (found === 'medium') return 'moderate';
  return found === 'info' || found === 'low' || found === 'moderate' || found === 'high' || found === 'critical' ? found : null;
}

/** @see CVSS v3.1, 5, "Qualitative Severity Rating Scale" */
function scored(score: string | undefined): Severity | null {
  const value = Number(score);
  if (score === undefined || score === '' || !Number.isFinite(value)) return null;
  if (value >= 9) return 'critical';
  if (value >= 7) return 'high';
  if (value >= 4) return 'moderate';
  return value > 0 ? 'low' : 'info';
}
