import { lintPolicy } from '../../slo/lint.ts';
import type { Objective, ServiceSpec } from '../../spec/types.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { Generated, GeneratedFile, Generator, GeneratorFinding } from '../generator.ts';
import { budgetGroup, noBudget } from './budget-rules.ts';
import { budgetTests } from './budget-tests.ts';
import { burnGroup } from './burn-rules.ts';
import { burnTests, type UnitTest } from './burn-tests.ts';
import { canaryGroup } from './canary-rules.ts';
import { inhibitFile } from './inhibit-rules.ts';
import { type NotWatched, type Watched, watchedOf } from './objective.ts';
import { type RuleGroup, ruleFile } from './rule-file.ts';
import { saturationGroup, saturationTests } from './saturation-rules.ts';
import { signalGroup } from './signal-rules.ts';
import { canaryTests, signalTests } from './signal-tests.ts';
import { testFiles } from './test-files.ts';

/** What Prometheus keeps unless it is told otherwise. */
const usualRetentionMs = 15 * 86_400_000;

/** Recording and alerting rules, with unit tests of them for promtool. */
export const prometheus = {
  description: 'recording and alerting rules for Prometheus, with unit tests for promtool',
  generate(services): Generated {
    const parts = services.map(serviceFiles);
    const files = parts.flatMap(({ files }) => files);
    return { files: [...files, ...sharedFiles()], findings: parts.flatMap(({ findings }) => findings) };
  },
} satisfies Generator;

function serviceFiles(spec: ServiceSpec): Generated {
  const objectives = watchedOf(spec);
  const names = fileNames(spec, objectives);
  const files: GeneratedFile[] = [];
  const findings: GeneratorFinding[] = [];
  for (const [index, one] of objectives.entries()) {
    const name = names[index] ?? '';
    if ('problem' in one) findings.push(notWatched(one));
    else {
      files.push(...burnFiles(name, one), ...budgetFiles(name, one));
      findings.push(...findingsOf(one));
    }
  }
  files.push(
    ...withTests(`${spec.name}.signals`, 'The golden signals of a service.', signalGroup(spec), signalTests(spec)),
    ...withTests(`${spec.name}.canary`, 'The version that is being released.', canaryGroup(spec), canaryTests(spec)),
  );
  return { files, findings };
}

/** What is the same whatever the documents are. */
function sharedFiles(): readonly GeneratedFile[] {
  return [
    ...withTests('saturation', 'How full machines, programs and databases are.', saturationGroup(), saturationTests()),
    inhibitFile(),
  ];
}

function withTests(name: string, says: string, group: RuleGroup, tests: readonly UnitTest[]): readonly GeneratedFile[] {
  const rules = `${name}.rules.yml`;
  return [ruleFile(rules, [says], [group]), ...testFiles(name, rules, tests, [])];
}

/** Rules of an objective stand in files of their own: promtool evaluates every rule of a file in each of its tests. */
function burnFiles(name: string, watched: Watched): readonly GeneratedFile[] {
  const group = burnGroup(watched);
  const rules = `${name}.burn.rules.yml`;
  const { tests, says } = burnTests(watched);
  return [ruleFile(rules, ['Burn-rate alerts on an error budget.'], [group]), ...testFiles(`${name}.burn`, rules, tests, says)];
}

function budgetFiles(name: string, watched: Watched): readonly GeneratedFile[] {
  const group = budgetGroup(watched);
  if (!group) return [];
  const rules = `${name}.budget.rules.yml`;
  const says = ['What is left of an error budget.', ...retentionSays(watched)];
  return [ruleFile(rules, says, [group]), ...testFiles(`${name}.budget`, rules, budgetTests(watched), [])];
}

/** SERVICE.OBJECTIVE in letters that every file system takes, each once. */
function fileNames(spec: ServiceSpec, objectives: readonly { readonly objective: Objective }[]): readonly string[] {
  const taken = new Map<string, number>();
  return objectives.map(({ objective }) => {
    const plain =
      objective.name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'objective';
    const times = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, times);
    return `${spec.name}.${plain}${times > 1 ? `.${times}` : ''}`;
  });
}

function retentionSays({ objective: { windowMs } }: Watched): readonly string[] {
  if (windowMs <= usualRetentionMs) return [];
  return [
    `Prometheus has to keep ${durationText(windowMs)} (--storage.tsdb.retention.time); it keeps ${durationText(usualRetentionMs)} unless told, and then this is the budget of that time.`,
  ];
}

function notWatched({ spec, objective, problem }: NotWatched): GeneratorFinding {
  return { level: 'warning', where: `${spec.name} ${objective.name}`, text: `left out: ${problem}` };
}

/** What is wrong with the alerts, and what is left out. Counts are taken to be kept as long as they are asked for. */
function findingsOf(watched: Watched): readonly GeneratorFinding[] {
  const { spec, objective, policy, target } = watched;
  const where = `${spec.name} ${objective.name}`;
  const budget = noBudget(watched);
  const { slices } = objective;
  const empty = policy.filter(({ shortMs }) => slices && shortMs < slices.everyMs);
  return [
    ...lintPolicy(policy, target, null, objective.windowMs).map(({ level, text }) => ({ level, where, text })),
    ...empty.map(({ name, shortMs }) => ({
      level: 'error' as const,
      where,
      text: `${name}: its short window of ${durationText(shortMs)} holds no whole slice of ${durationText(slices?.everyMs ?? 0)}`,
    })),
    ...(budget === null ? [] : [{ level: 'warning' as const, where, text: `its budget is ${budget}` }]),
  ];
}
