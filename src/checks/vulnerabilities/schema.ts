import { z } from 'zod';
import { byKey } from '../../spec/choice.ts';
import { command } from '../../spec/hook.ts';
import { age, path, reason } from '../local-schema.ts';

/** How bad an advisory is, from the least. */
export const severities = ['info', 'low', 'moderate', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

const shared = {
  maxSeverity: z
    .enum(['none', ...severities])
    .default('none')
    .describe('The worst that is still fine; up to it people are warned.'),
  allow: z
    .array(
      z.strictObject({
        id: z
          .string()
          .min(1)
          .max(200)
          .meta({ description: 'Advisory: GHSA, CVE, PYSEC …', examples: ['GHSA-67hx-6x53-jw92'] }),
        until: z.iso.date().describe('First day on which it counts again.'),
        reason,
      }),
    )
    .max(1_000)
    .default([])
    .describe('Advisories that are let through for a while.'),
};

export const VulnerabilitiesConfig = byKey('an audit', {
  npm: z
    .strictObject({
      npm: z
        .strictObject({
          folder: path.default('.').describe('Folder of package-lock.json.'),
          dev: z.boolean().default(false).describe('Whether dependencies for development count.'),
        })
        .describe('`npm audit` is run.'),
      ...shared,
    })
    .describe('Dependencies of npm.'),
  run: z
    .strictObject({
      run: command.describe('A program that writes a report to its standard output, such as [pip-audit, -f, json].'),
      ...shared,
    })
    .describe('A program audits.'),
  report: z
    .strictObject({
      report: path.describe('Report in JSON: npm audit, pip-audit, osv-scanner, Trivy, or SARIF.'),
      maxAge: age('7d').prefault('7d').describe('An older report proves nothing.'),
      ...shared,
    })
    .describe('A report that is there.'),
}).describe('Dependencies have no known vulnerabilities.');
export type VulnerabilitiesConfig = z.output<typeof VulnerabilitiesConfig>;
