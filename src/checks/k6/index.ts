import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';
import type { Text } from '../../spec/text.ts';
import { runProgram } from '../../system/run-program.ts';
import { redactedText } from '../../views/redacted.ts';
import { type CheckContext, type CheckResult, defineCheck } from '../check.ts';
import { K6Config } from './schema.ts';
import { type K6Summary, k6Summary } from './summary.ts';

/** What k6 ends with when thresholds are crossed (go.k6.io/k6/errext/exitcodes). */
const thresholdsFailed = 99;

/** Larger than any summary. */
const summaryMax = 10_000_000;

/** A load test with the user's own k6 and script: the thresholds of the script decide. */
export const k6 = defineCheck({
  title: { en: 'Load test with k6', ru: 'Нагрузочный тест k6' },
  schema: K6Config,
  capabilities: { own: false, alone: true },
  timeoutMs: 2_000_000,
  async run(config, context) {
    const script = resolve(context.folder, config.script);
    await mustBeFile(script, config.script);
    const file = join(context.scratch, 'summary.json');
    const { variables, secrets } = variablesOf(config, context);
    const words = [...config.program, 'run', '--quiet', `--summary-export=${file}`, ...config.arguments, script];
    context.progress(`k6 runs ${config.script}`);
    const env = { ...context.environment, ...variables };
    const end = await runProgram(words, { cwd: context.folder, env, endsAll: true }, context.signal);
    const where = `${config.program.join(' ')} run ${config.script}`;
    if (end.kind === 'called-off')
      throw new UserError('E_K6_CALLED_OFF', 'k6 was ended before its test had ended', {
        where,
        fix: 'give the check more time with timeout',
      });
    if (end.kind === 'not-run') {
      const isMissing = systemCode(end.cause) === 'ENOENT';
      throw new UserError(
        'E_K6_MISSING',
        isMissing ? `there is no program ${config.program[0]}` : `${config.program[0]} cannot be run: ${end.why}`,
        {
          where,
          fix: 'install k6 (https://grafana.com/docs/k6/latest/set-up/install-k6/), or say with program where it is',
          cause: end.cause,
        },
      );
    }
    const summary = k6Summary(await textOf(file));
    const last = redactedText(lastLine(end.output), secrets);
    const hasEnded = end.code === 0 || end.code === thresholdsFailed;
    if (!hasEnded || !summary)
      throw new UserError(
        'E_K6_RUN',
        hasEnded ? 'k6 has left no summary that can be read' : `k6 ended with ${end.code ?? end.by}${last ? `: ${last}` : ''}`,
        {
          where,
          fix: hasEnded
            ? 'use a k6 that knows --summary-export (0.26 and later), and no handleSummary that writes over its file'
            : 'run it by hand and mend the script; only 0 and 99 (thresholds failed) are results',
        },
      );
    return { lookedAt: where, ...verdict(config, summary, end.code === 0) };
  },
});

function verdict({ thresholds: needed }: K6Config, summary: K6Summary, isClean: boolean): Omit<CheckResult, 'lookedAt'> {
  const { thresholds } = summary;
  const crossed = thresholds.filter(({ held }) => held === false);
  const empty = thresholds.filter(({ held }) => held === null);
  const answer = (status: CheckResult['status'], found: Text, fix: Text | null): Omit<CheckResult, 'lookedAt'> => ({
    status,
    found,
    expected: { en: 'every threshold of the script holds', ru: 'все пороги сценария соблюдены' },
    fix,
    evidence: [
      ...[...crossed, ...empty, ...thresholds.filter(({ held }) => held)].map(
        ({ metric, source, held }) => `${metric} ${source}: ${held === null ? 'no sample' : held ? 'holds' : 'crossed'}`,
      ),
      ...(summary.checks ? [`checks: ${summary.checks.passed} passed, ${summary.checks.failed} failed`] : []),
    ],
    figures: figuresOf(summary),
  });
  const told = toldOf(summary);
  const all = thresholds.length;
  const named = crossed
    .slice(0, 3)
    .map(({ metric, source }) => `${metric} ${source}`)
    .join(', ');
  if (crossed.length > 0 || !isClean)
    return answer(
      'fail',
      {
        en: `${crossed.length} of ${all} thresholds crossed: ${named}${told.en}`,
        ru: `нарушено порогов: ${crossed.length} из ${all}: ${named}${told.ru}`,
      },
      {
        en: 'find what the service waits for under this load, or why requests fail; the thresholds stand in the script',
        ru: 'найдите, чего сервис ждёт под этой нагрузкой или почему запросы завершаются ошибкой; пороги заданы в сценарии',
      },
    );
  if (empty.length > 0)
    return answer(
      'unproven',
      {
        en: `${empty.length} of ${all} thresholds are of metrics without any sample${told.en}`,
        ru: `порогов без единого измерения: ${empty.length} из ${all}${told.ru}`,
      },
      {
        en: 'mend the tags or names in these thresholds: no request has them',
        ru: 'исправьте метки или имена в этих порогах: таких запросов не было',
      },
    );
  if (all === 0 && needed === 'required')
    return answer(
      'unproven',
      { en: `the script has no thresholds${told.en}`, ru: `в сценарии нет порогов${told.ru}` },
      {
        en: 'give the script thresholds in its options, or set thresholds: optional',
        ru: 'задайте пороги (thresholds) в options сценария или укажите thresholds: optional',
      },
    );
  return answer(
    'pass',
    { en: `${all} of ${all} thresholds hold${told.en}`, ru: `соблюдено порогов: ${all} из ${all}${told.ru}` },
    null,
  );
}

function toldOf({ requests, perSecond, failedShare, durations }: K6Summary): { readonly en: string; readonly ru: string } {
  const rounded = (value: number): string => String(Math.round(value * 100) / 100);
  const p95 = durations['p(95)'];
  const parts = (requestsText: string, failedText: string): string =>
    [
      ...(requests === null ? [] : [`${requestsText} ${requests}${perSecond === null ? '' : ` (${rounded(perSecond)}/s)`}`]),
      ...(p95 === undefined ? [] : [`p95 ${rounded(p95)} ms`]),
      ...(failedShare === null ? [] : [`${failedText} ${rounded(failedShare * 100)}%`]),
    ]
      .map((part) => `; ${part}`)
      .join('');
  return { en: parts('requests', 'failed'), ru: parts('запросов', 'ошибок') };
}

function figuresOf({ requests, perSecond, failedShare, durations, thresholds }: K6Summary): CheckResult['figures'] {
  const given = {
    requests,
    perSecond,
    failedPpm: failedShare === null ? null : Math.ceil(failedShare * 1_000_000),
    p50Ms: durations.med,
    p90Ms: durations['p(90)'],
    p95Ms: durations['p(95)'],
    p99Ms: durations['p(99)'],
    maxMs: durations.max,
    thresholds: thresholds.length,
    crossed: thresholds.filter(({ held }) => held === false).length,
  };
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

function variablesOf(
  { environment }: K6Config,
  context: Pick<CheckContext, 'secret'>,
): { readonly variables: Readonly<Record<string, string>>; readonly secrets: readonly string[] } {
  const secrets: string[] = [];
  const variables = Object.entries(environment).map(([name, value]) => {
    if (typeof value === 'string') return [name, value] as const;
    const secret = context.secret(value);
    secrets.push(secret);
    return [name, secret] as const;
  });
  return { variables: Object.fromEntries(variables), secrets };
}

async function mustBeFile(script: string, shown: string): Promise<void> {
  const found = await stat(script).catch(() => null);
  if (!found?.isFile())
    throw new UserError('E_K6_SCRIPT', `there is no script ${shown}`, {
      where: script,
      fix: 'name it from the folder of the document',
    });
}

/** Empty where there is none, or one that is no summary. */
async function textOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() && found.size <= summaryMax ? await readFile(file, 'utf8') : '';
}

function lastLine(output: string): string {
  return (output.trimEnd().split('\n').at(-1) ?? '').replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, 200);
}
