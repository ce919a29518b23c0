import type { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { isMapping } from '../../spec/mapping.ts';
import type { Text } from '../../spec/text.ts';
import { readYaml } from '../../spec/yaml-source.ts';
import { type CheckContext, type CheckResult, defineCheck } from '../check.ts';
import { lookAt, statusText } from '../program-client.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { textFile } from '../text-file.ts';
import { brokenReferences, type Operation, operations } from './operations.ts';
import { OpenapiConfig } from './schema.ts';

type Config = z.output<typeof OpenapiConfig>;

const bytesMax = 16 * 1_048_576;
const errorsMax = 20;

/** An OpenAPI 3 document is there and valid. */
export const openapi = defineCheck({
  title: { en: 'OpenAPI document', ru: 'Документ OpenAPI' },
  schema: OpenapiConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const expected: Text = { en: 'a valid OpenAPI 3 document', ru: 'корректный документ OpenAPI 3' };
    const asFound = (text: string) => judged(config, text, expected);
    const { document, docs } = config;
    const result = /^https?:\/\//i.test(document)
      ? await lookAt('API', { ...config, url: document }, expected, context, async (client) => {
          const reply = await client.ask('');
          return reply.status >= 200 && reply.status <= 299
            ? await asFound(reply.body)
            : notFound(document, expected, statusText('', reply));
        })
      : await asFound((await textFile(context.folder, document, bytesMax, context.signal)).text);
    return docs === undefined || result.status === 'fail' ? result : await withDocs(config, docs, result, context);
  },
});

async function judged(config: Config, text: string, expected: Text): Promise<CheckResult> {
  const lookedAt = config.document;
  const fix = { en: 'correct the document', ru: 'исправьте документ' };
  const failed = (found: Text, evidence: readonly string[] = []): CheckResult => ({
    ...resultOf(lookedAt, expected, [{ status: 'fail', text: found, fix }]),
    evidence,
  });
  const { value, problem } = parsed(text);
  if (problem !== undefined) return failed(sentence('it cannot be read: $', 'он не читается: $', problem));
  if (!isMapping(value)) return failed({ en: 'it is no OpenAPI document', ru: 'это не документ OpenAPI' });
  if (value.swagger !== undefined)
    return failed(
      sentence('it is Swagger $, not OpenAPI 3', 'это Swagger $, а не OpenAPI 3', String(value.swagger).slice(0, 20)),
    );
  if (typeof value.openapi !== 'string' || !value.openapi.startsWith('3.'))
    return failed({ en: 'it does not say openapi: 3.…', ru: 'в нём нет openapi: 3.…' });

  const errors = await schemaErrors(value);
  if (errors.length > 0) return failed(sentence('it is not valid: $', 'он некорректен: $', errors[0] ?? ''), errors);
  const broken = brokenReferences(value);
  if (broken.length > 0)
    return failed(sentence('references lead nowhere: $', 'ссылки ведут в никуда: $', listed(broken, 5)), broken);

  const all = operations(value);
  const findings = operationFindings(config, all);
  if (findings.every(({ status }) => status === 'pass'))
    findings.push({
      status: 'pass',
      text: sentence('OpenAPI $ with $ operations', 'OpenAPI $, операций: $', value.openapi, all.length),
    });
  const bare = all.filter(({ withoutExample }) => withoutExample.length > 0);
  const result = resultOf(lookedAt, expected, findings, { operations: all.length, withoutExample: bare.length });
  return config.examples
    ? {
        ...result,
        evidence: [...result.evidence, ...bare.map((one) => `${one.name}: no example of ${one.withoutExample.join(', ')}`)],
      }
    : result;
}

function operationFindings({ examples, descriptions }: Config, all: readonly Operation[]): Finding[] {
  const findings: Finding[] = [];
  const add = (names: readonly string[], en: string, ru: string, fix: Text): void => {
    if (names.length > 0) findings.push({ status: 'fail', text: sentence(en, ru, names.length, listed(names, 5)), fix });
  };
  if (all.length === 0)
    findings.push({
      status: 'fail',
      text: { en: 'it has no operations', ru: 'в нём нет операций' },
      fix: { en: 'describe the paths of the API', ru: 'опишите пути API' },
    });
  const ids = all.flatMap(({ id }) => (id === null ? [] : [id]));
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  add(twice, '$ names are used twice: $', 'повторяющихся operationId: $ ($)', {
    en: 'give each operation its own operationId',
    ru: 'дайте каждой операции свой operationId',
  });
  const silent = descriptions ? all.filter(({ hasWords }) => !hasWords) : [];
  add(
    silent.map(({ name }) => name),
    '$ operations without a description: $',
    'операций без описания: $ ($)',
    { en: 'write a summary or a description', ru: 'добавьте summary или description' },
  );
  const bare = examples ? all.filter(({ withoutExample }) => withoutExample.length > 0) : [];
  add(
    bare.map(({ name }) => name),
    '$ operations without an example: $',
    'операций без примера: $ ($)',
    { en: 'add example to the bodies or to their schemas', ru: 'добавьте example к телам или их схемам' },
  );
  return findings;
}

function parsed(text: string): { readonly value?: unknown; readonly problem?: string } {
  if (/^\s*[{[]/.test(text))
    try {
      return { value: JSON.parse(text) };
    } catch {
      // YAML may begin so as well.
    }
  const { documents, problems } = readYaml(text, '');
  const [problem] = problems;
  return problem ? { problem: `${problem.line}:${problem.column}: ${problem.message}` } : { value: documents[0]?.value };
}

async function schemaErrors(document: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const { Validator } = await import('@seriousme/openapi-schema-validator');
  try {
    // It changes what it is given.
    const { valid, errors } = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
    if (valid) return [];
    if (typeof errors === 'string') return [errors];
    return [...new Set((errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`))].slice(
      0,
      errorsMax,
    );
  } catch (error) {
    return [messageOf(error).split('\n')[0] ?? ''];
  }
}

function notFound(document: string, expected: Text, found: Text): CheckResult {
  const fix = { en: 'let the service answer with its document there', ru: 'сервис должен отдавать документ по этому адресу' };
  return resultOf(document, expected, [{ status: 'fail', text: found, fix }]);
}

/** The same, if a page for people is there too. */
async function withDocs(config: Config, docs: string, result: CheckResult, context: CheckContext): Promise<CheckResult> {
  const expected: Text = sentence('$ and a page at $', '$ и страница $', result.expected, docs);
  // Another server is not told how one signs in at this one.
  const isOther = /^https?:/i.test(config.document) && new URL(docs).origin !== new URL(config.document).origin;
  const connection = isOther ? { url: docs, headers: {}, tls: config.tls } : { ...config, url: docs };
  return await lookAt('docs', connection, expected, context, async (client) => {
    const reply = await client.ask('');
    const isThere = reply.status >= 200 && reply.status <= 299 && reply.body.trim() !== '';
    return isThere ? { ...result, expected } : notFound(docs, expected, statusText('', reply));
  });
}
