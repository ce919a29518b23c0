/**
 * Writes the types of the API for the console, `src/api/schema.ts`, from `docs/openapi.json`. It knows what our schemas use (objects,
 * arrays, records, enums, constants, unions, intersections, references) and stops at anything else.
 *
 *     node web/generate-types.ts          writes the file
 *     node web/generate-types.ts --check  fails when it is not up to date
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What of JSON Schema (draft 2020-12) occurs in the description of the API. */
export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly description?: string;
};

const identifier = /^[A-Za-z_$][\w$]*$/;

/** The type of a schema, as TypeScript. Pure. @throws Error for a schema that it does not know. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if ('const' in schema) return literal(schema.const);
  if (schema.enum) return union(schema.enum.map(literal));
  if (schema.anyOf) return union(schema.anyOf.map(typeOf));
  if (schema.oneOf) return union(schema.oneOf.map(typeOf));
  if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one)})`).join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return arrayOf(schema);
    case 'object':
      return objectOf(schema);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`a schema of an unknown type: ${JSON.stringify(schema).slice(0, 200)}`);
  }
}

/** All named schemas of a description of an API, as one module. Pure. */
export function typesOf(schemas: Readonly<Record<string, JsonSchema>>): string {
  const names = Object.keys(schemas).sort();
  const types = names.map((name) => {
    const schema = schemas[name] ?? {};
    const said = schema.description === undefined ? '' : `/** ${schema.description.replaceAll('*/', '* /')} */\n`;
    return `${said}export type ${name} = ${typeOf(schema)};\n`;
  });
  return `// Written by web/generate-types.ts from docs/openapi.json. Do not edit.\n\n${types.join('\n')}`;
}

function arrayOf({ items, prefixItems }: JsonSchema): string {
  if (prefixItems) return `readonly [${prefixItems.map(typeOf).join(', ')}]`;
  return `readonly (${items ? typeOf(items) : 'unknown'})[]`;
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const isRecord = typeof additionalProperties === 'object' || additionalProperties === true;
  const value = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
  const fields = Object.entries(properties).map(([name, schema]) => {
    const key = identifier.test(name) ? name : JSON.stringify(name);
    return `readonly ${key}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`;
  });
  if (fields.length === 0) return `Readonly<Record<string, ${isRecord ? value : 'unknown'}>>`;
  return `{ ${fields.join(' ')} }`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].map((type) => (type.includes(' ') && !type.startsWith('{') ? `(${type})` : type)).join(' | ');
}

function literal(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function nameOf(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  if (!identifier.test(name)) throw new Error(`${reference} is no name of a type`);
  return name;
}

/** As the formatter of the project writes it, so that a check of the file finds nothing. */
function formatted(text: string): string {
  const biome = fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url));
  return execFileSync(biome, ['format', '--stdin-file-path=schema.ts'], { input: text, encoding: 'utf8' });
}

if (import.meta.main) {
  const from = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
  const to = fileURLToPath(new URL('./src/api/schema.ts', import.meta.url));
  const text = formatted(typesOf(JSON.parse(readFileSync(from, 'utf8')).components.schemas));
  if (!process.argv.includes('--check')) writeFileSync(to, text);
  else if (readFileSync(to, 'utf8') !== text) {
    console.error('web/src/api/schema.ts is not what docs/openapi.json says; run `node web/generate-types.ts`');
    process.exitCode = 1;
  }
}
