import { basename } from 'node:path';
import { parseEnv } from 'node:util';
import { UserError } from '../../errors.ts';
import { isMapping } from '../../spec/mapping.ts';
import type { NamedSecret } from '../../spec/secret.ts';
import type { CheckContext } from '../check.ts';
import { documentFiles } from '../documents.ts';
import { atPointer } from '../json-pointer.ts';
import { textFile } from '../text-file.ts';

/** A value as it is; one that lies elsewhere (a secret of the cluster, for example) is only known to be named. */
export type Variable = { readonly value: string } | { readonly elsewhere: string };
export type Variables = ReadonlyMap<string, Variable>;

const bytesMax = 1_048_576;

/**
 * The variables of a file: lines of NAME=value, or YAML and JSON.
 *
 * @param at - JSON pointer to them; undefined: where a Service, ConfigMap or Secret has them, or the whole file.
 * @throws UserError when it cannot be read, or has none there.
 */
export async function variablesOf(path: string, at: string | undefined, context: CheckContext): Promise<Variables> {
  if (!/\.(ya?ml|json)$/i.test(basename(path))) {
    const { text } = await textFile(context.folder, path, bytesMax, context.signal);
    const given = Object.entries(parseEnv(text)).map(([name, value]) => [name, { value: value ?? '' }] as const);
    return new Map(given);
  }
  const [file] = await documentFiles(context.folder, path, /^/, context.signal);
  const problem = file?.problems[0];
  if (problem !== undefined) throw new UserError('E_CHECK_FILE', problem, { where: path, fix: 'correct the file' });
  const variables = new Map<string, Variable>();
  for (const document of file?.documents ?? [])
    for (const part of at === undefined ? partsOf(document) : [atPointer(document, at)])
      for (const [name, value] of entriesOf(part, context)) variables.set(name, value);
  if (variables.size === 0)
    throw new UserError('E_CHECK_FILE', `no variables stand in ${path}${at === undefined ? '' : ` at ${at}`}`, {
      where: path,
      fix: 'say where they stand, such as at: /spec/target/process/env',
    });
  return variables;
}

/** Where documents of known kinds have them. */
function partsOf(document: unknown): readonly unknown[] {
  if (!isMapping(document)) return [document];
  const { kind, apiVersion } = document;
  if (kind === 'Secret') return [decoded(document.data), document.stringData];
  if (kind === 'ConfigMap') return [document.data];
  if (kind === 'Service' && String(apiVersion).startsWith('rampart/')) {
    const target = atPointer(document, '/spec/target');
    return isMapping(target) ? Object.values(target).map((one) => atPointer(one, '/env')) : [];
  }
  const containers = atPointer(document, '/spec/template/spec/containers');
  if (Array.isArray(containers)) return containers.map((one) => atPointer(one, '/env'));
  if (isMapping(document.services)) return Object.values(document.services).map((one) => atPointer(one, '/environment'));
  return typeof kind === 'string' && typeof apiVersion === 'string' ? [] : [document];
}

function decoded(data: unknown): unknown {
  if (!isMapping(data)) return undefined;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(String(value), 'base64').toString()]));
}

function entriesOf(part: unknown, context: CheckContext): readonly (readonly [string, Variable])[] {
  if (isMapping(part)) return Object.entries(part).flatMap(([name, value]) => entry(name, value, context));
  if (!Array.isArray(part)) return [];
  return part.flatMap((one: unknown) => {
    if (typeof one === 'string') {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
      return name === undefined ? [] : [[name, { value: value ?? '' }] as const];
    }
    if (!isMapping(one) || typeof one.name !== 'string') return [];
    return 'valueFrom' in one ? [[one.name, { elsewhere: 'valueFrom' }] as const] : entry(one.name, one.value ?? '', context);
  });
}

function entry(name: string, value: unknown, context: CheckContext): readonly (readonly [string, Variable])[] {
  if (value === null || value === undefined) return [];
  if (!isMapping(value)) return typeof value === 'object' ? [] : [[name, { value: String(value) }]];
  const { env, file, prefix = '' } = value;
  if (typeof prefix !== 'string') return [];
  const named: NamedSecret | null =
    typeof env === 'string' ? { env, prefix } : typeof file === 'string' ? { file, prefix } : null;
  if (named === null) return [];
  try {
    return [[name, { value: context.secret(named) }]];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [[name, { elsewhere: typeof env === 'string' ? env : String(file) }]];
  }
}
