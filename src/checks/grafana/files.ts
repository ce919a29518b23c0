import { isMapping } from '../../spec/mapping.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { documentFiles } from '../documents.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { type Dashboard, dashboardFindings, readDashboard, type Wanted } from './dashboard.ts';
import { expectation } from './expectation.ts';

/** Dashboards as files (JSON), and the files of Grafana's provisioning (YAML). */
export async function inFiles(
  config: Wanted & { readonly path: string },
  { folder, signal }: CheckContext,
): Promise<CheckResult> {
  const files = await documentFiles(folder, config.path, /\.(json|ya?ml)$/i, signal);
  const dashboards: Dashboard[] = [];
  const findings: Finding[] = [];
  for (const { name, documents, problems } of files) {
    findings.push(...problems.map(unreadable));
    for (const document of documents) {
      if (!isMapping(document)) continue;
      const problem = /\.json$/i.test(name) ? null : provisioningProblem(document);
      if (problem !== null) findings.push(unreadable(`${name}: ${problem}`));
      const model = modelIn(document);
      if (!model) continue;
      const read = readDashboard(model);
      if ('problem' in read) findings.push(unreadable(`${name}: ${read.problem}`));
      else {
        dashboards.push(read);
        findings.push(...remarks(read, name));
      }
    }
  }
  findings.push(...twice(dashboards), ...dashboardFindings(config, dashboards));
  return resultOf(config.path, expectation(config), findings, { dashboards: dashboards.length, files: files.length });
}

/** A dashboard alone, as the API wraps it, or as an object of Grafana's own API groups; null: the document is something else. */
function modelIn(document: Readonly<Record<string, unknown>>): unknown {
  if (isMapping(document.dashboard)) return document.dashboard;
  if (document.kind === 'Dashboard' && isMapping(document.spec)) {
    const { metadata, spec } = document;
    return { uid: isMapping(metadata) ? metadata.name : undefined, ...spec };
  }
  return 'panels' in document || 'schemaVersion' in document ? document : null;
}

/** What is wrong with a file of Grafana's provisioning; null: nothing, or it is none. */
function provisioningProblem(document: Readonly<Record<string, unknown>>): string | null {
  const { providers, datasources } = document;
  if (Array.isArray(providers)) {
    const lost = providers.findIndex((one) => !isMapping(one) || !isMapping(one.options) || typeof one.options.path !== 'string');
    if (lost >= 0) return `providers.${lost}: options.path is missing`;
  }
  if (Array.isArray(datasources)) {
    const lost = datasources.findIndex((one) => !isMapping(one) || typeof one.name !== 'string' || typeof one.type !== 'string');
    if (lost >= 0) return `datasources.${lost}: name or type is missing`;
  }
  return null;
}

function remarks({ uid, title, inputs }: Dashboard, name: string): readonly Finding[] {
  const found: Finding[] = [];
  if (uid === null || uid === '')
    found.push({
      status: 'warn',
      text: sentence(
        '$ has no uid: its address changes with every import',
        'у $ нет uid: адрес меняется при каждом импорте',
        title,
      ),
      fix: sentence('give the dashboard in $ a uid', 'задайте uid в файле $', name),
    });
  if (inputs.length > 0)
    found.push({
      status: 'warn',
      text: sentence('$ waits for inputs: $', '$ ждёт ручного ввода: $', title, listed(inputs, 3)),
      fix: sentence('put the uid of a data source into $ in their place', 'впишите в $ uid источника данных вместо них', name),
    });
  return found;
}

/** Grafana takes one dashboard of each uid, and nobody knows which. */
function twice(dashboards: readonly Dashboard[]): readonly Finding[] {
  const uids = dashboards.flatMap(({ uid }) => uid || []);
  return [...new Set(uids.filter((uid, index) => uids.indexOf(uid) !== index))].map((uid) => ({
    status: 'fail',
    text: sentence('the uid $ is used twice', 'uid $ использован дважды', uid),
    fix: sentence('give one of both another uid than $', 'задайте одной из панелей uid, отличный от $', uid),
  }));
}

function unreadable(problem: string): Finding {
  return {
    status: 'fail',
    text: problem.slice(0, 300),
    fix: { en: 'export the dashboard from Grafana again', ru: 'экспортируйте панель из Grafana заново' },
  };
}
