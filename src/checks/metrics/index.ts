import type { Text } from '../../spec/text.ts';
import type { Reply } from '../../system/http-exchange.ts';
import { type CheckResult, defineCheck } from '../check.ts';
import { lookAt, statusText } from '../program-client.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { type Exposition, type Format, type Problem, readExposition } from './exposition.ts';
import { lintFamily } from './lint.ts';
import { MetricsConfig } from './schema.ts';

const accepts: Readonly<Record<MetricsConfig['format'], string>> = {
  any: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  openmetrics: 'application/openmetrics-text;version=1.0.0',
  prometheus: 'text/plain;version=0.0.4',
};

/** Problems in the answer's sentence; its evidence has more. */
const toldMax = 3;
const evidenceMax = 50;

/** A service exposes its metrics for Prometheus, in valid form, and the ones that are named. */
export const metrics = defineCheck({
  title: { en: 'Metrics for Prometheus', ru: 'Метрики для Prometheus' },
  schema: MetricsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 30_000,
  async run(config, context) {
    const named = config.names.length > 0 ? sentence(' with $', ' с $', listed(config.names)) : '';
    const expected = sentence('valid metrics$', 'корректные метрики$', named);
    return await lookAt('the service', config, expected, context, async ({ ask, where }) => {
      const reply = await ask('', { headers: { accept: accepts[config.format] } });
      return judged(reply, where, expected, config);
    });
  },
});

function judged(reply: Reply, where: string, expected: Text, config: MetricsConfig): CheckResult {
  if (reply.status !== 200) return resultOf(where, expected, [notThere(reply)]);
  const type = reply.headers['content-type'] ?? '';
  const format = formatOf(type);
  if (format === null || (config.format !== 'any' && format !== config.format))
    return resultOf(where, expected, [wrongType(type, format, config.format)]);
  const { families, problems } = readExposition(reply.body, format);
  const lint = config.lint ? families.flatMap(lintFamily) : [];
  const missing = missingNames(families, config.names);
  const samples = families.reduce((sum, family) => sum + family.samples.length, 0);
  const findings: Finding[] = [];
  if (problems.length > 0) findings.push(formFinding(problems));
  findings.push(...missing.map(missingFinding));
  if (samples === 0 && problems.length === 0) findings.push(nothing);
  if (type === '') findings.push(noType);
  if (lint.length > 0) findings.push(lintFinding(lint));
  if (findings.length === 0)
    findings.push({
      status: 'pass',
      text: sentence('$ metrics with $ samples, valid', 'метрик: $, значений: $, без ошибок', families.length, samples),
    });
  const result = resultOf(where, expected, findings, {
    metrics: families.length,
    samples,
    problems: problems.length,
    warnings: lint.length,
  });
  const line = ({ line, text }: Problem): string => `line ${line}: ${typeof text === 'string' ? text : text.en}`;
  return { ...result, evidence: [...problems, ...lint].slice(0, evidenceMax).map(line) };
}

/** Nothing said is taken for Prometheus' own format, as its servers did up to version 2; null: it is neither. */
function formatOf(contentType: string): Format | null {
  const kind = contentType.split(';')[0]?.trim().toLowerCase();
  if (kind === 'application/openmetrics-text') return 'openmetrics';
  return kind === 'text/plain' || kind === '' ? 'prometheus' : null;
}

function missingNames(families: Exposition['families'], names: readonly string[]): readonly string[] {
  const there = new Set(
    families.flatMap(({ name, samples }) => (samples.length > 0 ? [name, ...samples.map((one) => one.name)] : [])),
  );
  return names.filter((name) => !there.has(name));
}

function notThere(reply: Reply): Finding {
  return {
    status: 'fail',
    text: statusText('', reply),
    fix: { en: 'let the service answer its metrics at this address', ru: 'отдавайте метрики сервиса по этому адресу' },
  };
}

function wrongType(type: string, format: Format | null, wanted: MetricsConfig['format']): Finding {
  const expected = wanted === 'openmetrics' ? 'application/openmetrics-text; version=1.0.0' : 'text/plain; version=0.0.4';
  return {
    status: 'fail',
    text: sentence(
      format === null ? 'the content type is $, which is no metrics' : 'the content type is $ and not $',
      format === null ? 'тип содержимого $ — это не метрики' : 'тип содержимого $, а не $',
      type.slice(0, 100),
      expected,
    ),
    fix: sentence('answer with the content type $', 'отвечайте с типом содержимого $', expected),
  };
}

const nothing: Finding = {
  status: 'fail',
  text: { en: 'there is no metric in it', ru: 'в ответе нет ни одной метрики' },
  fix: { en: 'register the metrics of the service', ru: 'зарегистрируйте метрики сервиса' },
};

const noType: Finding = {
  status: 'warn',
  text: {
    en: 'the answer has no content type, which Prometheus 3 refuses',
    ru: 'в ответе нет типа содержимого: Prometheus 3 его не примет',
  },
  fix: {
    en: 'answer with the content type text/plain; version=0.0.4',
    ru: 'отвечайте с типом содержимого text/plain; version=0.0.4',
  },
};

function missingFinding(name: string): Finding {
  return {
    status: 'fail',
    text: sentence('$ is not there', '$: такой метрики нет', name),
    fix: sentence('expose $', 'добавьте метрику $', name),
  };
}

function formFinding(problems: readonly Problem[]): Finding {
  return {
    status: 'fail',
    text: sentence('$ problems: $', 'ошибок: $: $', problems.length, placed(problems)),
    fix: {
      en: 'write the metrics with a client library of Prometheus',
      ru: 'выводите метрики клиентской библиотекой Prometheus',
    },
  };
}

function lintFinding(lint: readonly Problem[]): Finding {
  return {
    status: 'warn',
    text: sentence('against the usual rules: $', 'против принятых правил: $', placed(lint)),
    fix: {
      en: 'see prometheus.io/docs/practices/naming, or leave these rules out: lint: false',
      ru: 'см. prometheus.io/docs/practices/naming или отключите эти правила: lint: false',
    },
  };
}

function placed(problems: readonly Problem[]): Text {
  const told = problems.slice(0, toldMax);
  const more = problems.length - told.length;
  const inOne = (language: 'en' | 'ru'): string => {
    const lines = told.map(({ line, text }) => `${typeof text === 'string' ? text : text[language]} (${line})`);
    if (more > 0) lines.push(language === 'en' ? `and ${more} more` : `и ещё ${more}`);
    return lines.join(', ');
  };
  return { en: inOne('en'), ru: inOne('ru') };
}
