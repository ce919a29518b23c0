import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { Stage } from '../acceptance/stage.ts';
import { anything, type JsonSchema, texts, values } from './arbitrary.ts';

/** Requests of one run; a longer one: FUZZ=20000 node --test test/fuzz/api.test.ts. */
const requestsOfRun = Number(process.env.FUZZ ?? 4_000);

type Media = { readonly schema?: JsonSchema };
type Answers = Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
type Operation = {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header' | 'cookie';
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Answers;
};
type Description = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
};
type Asked = {
  readonly path: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

const stage = new Stage();

/** Paths whose answers go on for ever, or that end the credential of the run. */
const unending = new Set(['/api/v1/stream']);

/** Asked more often than others, and at least once well. */
const central = ['/api/v1/services', '/api/v1/services/{name}', '/api/v1/releases/{id}', '/api/v1/releases/{id}/verbs'];

describe('whatever is asked of the API', () => {
  let description: Description;
  let words: readonly string[] = [];
  let names: Readonly<Record<string, readonly string[]>> = {};

  before(async () => {
    await stage.up();
    const response = await fetch(`${stage.door().url}/api/v1/openapi.json`);
    description = (await response.json()) as Description;
    const shop = await stage.place('shop');
    await stage.install(shop, '1.0.0');
    stage.behaves('1.1.0', { failEvery: 2 });
    const { ended } = await stage.service('shop');
    names = { services: ['shop'], releases: ended.map(({ release }) => release) };
    words = [
      'shop',
      '1.0.0',
      '1.1.0',
      '1.2.0',
      ...ended.map(({ release }) => release),
      readFileSync(shop.file, 'utf8'),
      stage.folder,
      'nobody',
      'tess',
      'abort',
      'pause',
      'ru',
      '1',
      '10',
      '60',
    ];
  });
  after(() => stage.close());

  test('is answered without a fault of ours, and as the description says', { timeout: 240_000 }, async () => {
    const { url, token } = stage.door();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(description, 'api');
    const validators = new Map<string, (value: unknown) => boolean>();
    const isDescribed = (pointer: string): ((value: unknown) => boolean) => {
      const known = validators.get(pointer) ?? (ajv.compile({ $ref: `api#${pointer}` }) as (value: unknown) => boolean);
      validators.set(pointer, known);
      return known;
    };
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(requests(description, words, names), async (asked) => {
        const response = await fetch(`${url}${asked.url}`, {
          method: asked.method,
          headers: { authorization: `Bearer ${token}`, ...asked.headers },
          body: asked.body,
          signal: AbortSignal.timeout(20_000),
          redirect: 'manual',
        });
        const text = await response.text();
        const what = `${asked.method} ${asked.url} ${asked.body?.slice(0, 500) ?? ''} → ${response.status} ${text.slice(0, 800)}`;
        assert(response.status < 500, what);
        const operation = description.paths[asked.path]?.[asked.method.toLowerCase()];
        assert(operation);
        const status = String(response.status) in operation.responses ? String(response.status) : 'default';
        seen.set(`${asked.path} ${response.status}`, (seen.get(`${asked.path} ${response.status}`) ?? 0) + 1);
        if (response.status === 204 || response.status === 304) return assert.equal(text, '', what);
        const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
        const content = operation.responses[status]?.content ?? {};
        assert(type in content, `${what}: ${type || 'no type'} is not described, but ${Object.keys(content).join()}`);
        if (!type.endsWith('json')) return;
        const pointer = ['paths', asked.path, asked.method.toLowerCase(), 'responses', status, 'content', type, 'schema']
          .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
          .join('');
        const check = isDescribed(pointer);
        const values = type === 'application/x-ndjson' ? text.split('\n').filter((line) => line !== '') : [text];
        for (const value of values)
          assert(check(JSON.parse(value)), `${what}: ${JSON.stringify((check as { errors?: unknown }).errors).slice(0, 1_000)}`);
      }),
      { numRuns: requestsOfRun, endOnFailure: true },
    );
    // A run in which everything was refused would prove nothing.
    const good = [...seen.keys()].filter((key) => / 2\d\d$/.test(key)).map((key) => key.split(' ')[0]);
    for (const path of central) assert(good.includes(path), `${path} was never asked well: ${[...seen].join('; ')}`);
    assert.equal((await fetch(`${url}/ready`)).status, 200);
  });
});

/** One request to some path: mostly what it asks for, with parts that are wrong. */
function requests(
  { paths, components }: Description,
  words: readonly string[],
  names: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<Asked> {
  const resolve = (ref: string): JsonSchema => components.schemas[ref.slice('#/components/schemas/'.length)] ?? {};
  const operations = Object.entries(paths)
    .filter(([path]) => !unending.has(path))
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const often = operations.filter(({ path }) => central.includes(path));
  return fc
    .oneof({ weight: 3, arbitrary: fc.constantFrom(...operations) }, fc.constantFrom(...often))
    .chain(({ path, method, operation }) => {
      const parameters = operation.parameters ?? [];
      // In a path the names of its own kind of thing: all others lead nowhere.
      const own = Object.entries(names).find(([kind]) => path.includes(`/${kind}/{`))?.[1];
      const named = (where: string): fc.Arbitrary<Record<string, unknown>> => {
        const here = parameters.filter((one) => one.in === where);
        const meant = where === 'path' ? (own ?? words) : words;
        return fc.record(Object.fromEntries(here.map(({ name, schema }) => [name, values(schema, meant, resolve)])), {
          requiredKeys: here.filter(({ required }) => required === true).map(({ name }) => name),
        });
      };
      const [media] = Object.values(operation.requestBody?.content ?? {});
      const bodies = media?.schema
        ? fc.oneof(
            { weight: 8, arbitrary: values(media.schema, words, resolve).map((value) => JSON.stringify(value) ?? 'null') },
            { weight: 1, arbitrary: anything.map((value) => JSON.stringify(value)) },
            { weight: 1, arbitrary: texts([]) },
          )
        : fc.constant(null);
      return fc.record({ path: named('path'), query: named('query'), header: named('header'), body: bodies }).map((parts) => ({
        path,
        method: method.toUpperCase(),
        url: path.replace(/\{([^}]+)\}/g, (_, name: string) => encoded(text(parts.path[name]))) + queryOf(parts.query),
        headers: {
          ...Object.fromEntries(Object.entries(parts.header).map(([name, value]) => [name, headerText(text(value))])),
          ...(parts.body === null ? {} : { 'content-type': 'application/json' }),
        },
        body: parts.body,
      }));
    });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** An empty part of a path is another path. */
function encoded(part: string): string {
  return encodeURIComponent(part.toWellFormed()) || '%20';
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(text(value).toWellFormed())}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** A client of ours cannot send anything else in a header. */
function headerText(value: string): string {
  return value.replace(/[^\x21-\x7e]/g, '').slice(0, 300);
}
