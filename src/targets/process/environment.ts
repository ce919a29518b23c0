import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import { type NamedSecret, secretValue } from '../../spec/secret.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import { expandTemplate } from '../template.ts';
import type { ProcessDefinition } from './schema.ts';

/** A process as it will be started. */
export type Launch = {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** Which start of which instance this is. `life` becomes RAMPART_INSTANCE. */
export type Start = { readonly service: string; readonly version: string; readonly port: number; readonly life: string };

const handedOn = ['PATH', 'HOME', 'LANG', 'TZ'] as const;

/**
 * Everything that starting an instance needs, with placeholders replaced. The environment is built up from nothing, so that the
 * controller's secrets do not reach the service, unless `inheritEnv` says so.
 *
 * @param own - The controller's environment.
 * @throws UserError `E_CWD_MISSING`, `E_COMMAND_NOT_FOUND`, `E_SECRET_MISSING`.
 */
export function launchOf(definition: ProcessDefinition, start: Start, own: Readonly<Record<string, string | undefined>>): Launch {
  const { version, port, service } = start;
  const expand = (text: string) => expandTemplate(text, { version, port, service });
  const env: Record<string, string> = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  for (const [name, value] of Object.entries(own))
    if (value !== undefined && (definition.inheritEnv || (handedOn as readonly string[]).includes(name))) env[name] = value;
  env.HOST = '127.0.0.1';
  for (const [name, value] of Object.entries(definition.env))
    env[name] = typeof value === 'string' ? expand(value) : secretOf(name, value, start, own);
  Object.assign(env, {
    PORT: String(start.port),
    RAMPART_SERVICE: start.service,
    RAMPART_VERSION: start.version,
    RAMPART_INSTANCE: start.life,
  });
  const cwd = resolve(expand(definition.cwd));
  if (!isFolder(cwd))
    throw new UserError('E_CWD_MISSING', `the working folder of ${start.service} ${start.version} does not exist: ${cwd}`, {
      where: `service ${start.service}, target.process.cwd`,
      fix: 'Make the folder, or correct cwd. A relative cwd starts at the folder of the document.',
    });
  const [word = '', ...args] = definition.command.map(expand);
  return { program: findProgram(word, cwd, env.PATH ?? '', start), args, cwd, env };
}

function secretOf(
  name: string,
  value: NamedSecret,
  { service, version }: Start,
  own: Readonly<Record<string, string | undefined>>,
): string {
  const found = secretValue(value, own, readSecretFile);
  if ('value' in found) return found.value;
  throw new UserError('E_SECRET_MISSING', `${service} ${version} cannot be started: ${found.missing}`, {
    where: `service ${service}, target.process.env.${name}`,
    fix:
      'env' in value
        ? `Start the controller with ${value.env} in its environment.`
        : `Put it into ${value.file}, for the controller's user to read.`,
  });
}

function findProgram(word: string, cwd: string, path: string, start: Start): string {
  const where = `service ${start.service}, target.process.command`;
  if (word.includes('/')) {
    const file = isAbsolute(word) ? word : resolve(cwd, word);
    if (isProgram(file)) return file;
    throw new UserError('E_COMMAND_NOT_FOUND', `the command of ${start.service} ${start.version} is no program: ${file}`, {
      where,
      fix: 'Correct the path (a relative one starts at cwd), or make the file executable.',
    });
  }
  for (const folder of path.split(delimiter)) {
    // An empty entry means the current folder, as shells have it.
    const file = resolve(cwd, folder, word);
    if (word !== '' && isProgram(file)) return file;
  }
  throw new UserError('E_COMMAND_NOT_FOUND', `the command of ${start.service} ${start.version} was not found: ${word}`, {
    where,
    fix: `Install it, write its whole path, or set PATH in env. PATH is ${path}`,
  });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // Missing and forbidden are the same to whoever wants to run it.
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
