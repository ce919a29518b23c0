import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../errors.ts';
import { type NamedSecret, secretValue } from '../../spec/secret.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import type { TargetContext, Workload } from '../target.ts';
import { expandTemplate } from '../template.ts';
import { type Answer, lastWords, run } from './command-line.ts';
import { type Rendering, versionConfig } from './project.ts';
import { composeMissing, fileRefusal, refusalOf } from './refusals.ts';
import type { ComposeDefinition } from './schema.ts';

/** Longest time for compose to read a file. */
const readTimeoutMs = 30_000;

/** The compose command of this machine: the plugin of `docker`, else the program of its own. Found once, when it is needed first. */
export class ComposeCommand {
  readonly #env: Readonly<Record<string, string>>;
  readonly #context: TargetContext;
  #words: readonly string[] | null = null;

  /** @param env - Of `engineEnvironment`. */
  constructor(env: Readonly<Record<string, string>>, context: TargetContext) {
    this.#env = env;
    this.#context = context;
  }

  /**
   * The file of a version, as compose reads it now, cut down to its service.
   *
   * @throws UserError `E_CWD_MISSING`, `E_COMPOSE_FILE_MISSING`, `E_COMPOSE_MISSING`, `E_COMPOSE_FILE`, `E_SECRET_MISSING` and those of `versionConfig`.
   */
  async config(workload: Workload<ComposeDefinition>, project: string, owner: string, signal: AbortSignal): Promise<string> {
    const { definition, version, service } = workload;
    const values = { version, service };
    const { folder, file } = placesOf(workload);
    checkPlaces(folder, file, workload);
    const variables = this.#variables(workload);
    const answer = await this.#compose(['--project-directory', folder, '-p', project, '-f', file, 'config'], {
      env: { ...this.#env, ...variables },
      timeoutMs: readTimeoutMs,
      signal,
    });
    if (answer.code !== 0) throw fileRefusal(file, definition.service, answer);
    const unset = new Set([...answer.stderr.matchAll(/(\w+)\\?"? variable is not set/g)].map(([, name]) => name));
    if (unset.size > 0)
      this.#context.log?.(
        `target compose: ${service} ${version}: ${file} asks for ${[...unset].join(', ')}, and nothing sets it: blank. Set it in target.compose.env, or in .env beside the file`,
      );
    const marks = Object.entries(definition.env).flatMap(([name, value]) =>
      typeof value === 'string' && value.includes('{version}') ? (variables[name] ?? []) : [],
    );
    const rendering: Rendering = { config: parsed(answer.stdout, file), file, marks: [version, ...marks] };
    const image = definition.image === undefined ? undefined : expandTemplate(definition.image, values);
    return versionConfig(workload, rendering, owner, image);
  }

  /**
   * Starts what is missing of the service of a configuration. What runs is left as it is.
   *
   * @throws UserError `E_COMPOSE_UP` in compose's own words.
   */
  async up(workload: Workload<ComposeDefinition>, project: string, config: string, signal: AbortSignal): Promise<void> {
    const { definition } = workload;
    const { folder, file } = placesOf(workload);
    const named = definition.service;
    const how = ['--detach', '--no-deps', '--no-recreate', '--no-build', '--scale', `${named}=${workload.replicas}`, named];
    const answer = await this.#compose(['--project-directory', folder, '-p', project, '-f', '-', 'up', ...how], {
      env: this.#env,
      // By standard input, so that values of secrets are in no file.
      input: config,
      timeoutMs: definition.startTimeout,
      signal,
    });
    if (answer.code === 0) return;
    const refusal = refusalOf('docker compose up', answer);
    if (refusal.code !== 'E_ENGINE') throw refusal;
    const image = JSON.parse(config).services[named].image;
    throw new UserError('E_COMPOSE_UP', `compose cannot start ${named} from ${image}: ${lastWords(answer)}`, {
      where: `${file}, services.${named}`,
      fix: 'See that the image is on this machine or can be pulled by the user that Rampart runs as, and that what the service names is there.',
    });
  }

  #variables({ service, version, definition }: Workload<ComposeDefinition>): Readonly<Record<string, string>> {
    const variables: Record<string, string> = {};
    for (const [name, value] of Object.entries(definition.env))
      variables[name] =
        typeof value === 'string' ? expandTemplate(value, { version, service }) : this.#secret(name, value, service, version);
    return { ...variables, RAMPART_SERVICE: service, RAMPART_VERSION: version };
  }

  #secret(name: string, value: NamedSecret, service: string, version: string): string {
    const found = secretValue(value, this.#context.environment, readSecretFile);
    if ('value' in found) return found.value;
    throw new UserError('E_SECRET_MISSING', `${service} ${version} cannot be started: ${found.missing}`, {
      where: `service ${service}, target.compose.env.${name}`,
      fix:
        'env' in value
          ? `Start the controller with ${value.env} in its environment.`
          : `Put it into ${value.file}, for the controller's user to read.`,
    });
  }

  async #compose(
    words: readonly string[],
    how: { env: Readonly<Record<string, string>>; input?: string; timeoutMs: number; signal: AbortSignal },
  ): Promise<Answer> {
    this.#words ??= await this.#find(how.signal);
    const answer = await run({ words: [...this.#words, ...words], ...how }, how.signal);
    if (!answer.isMissing) return answer;
    this.#words = null;
    throw composeMissing();
  }

  async #find(signal: AbortSignal): Promise<readonly string[]> {
    const plugin = ['docker', 'compose'];
    const { code } = await run({ words: [...plugin, 'version'], env: this.#env, timeoutMs: readTimeoutMs }, signal);
    if (code === 0) return plugin;
    const old = ['docker-compose'];
    const { stdout, isMissing } = await run(
      { words: [...old, 'version', '--short'], env: this.#env, timeoutMs: readTimeoutMs },
      signal,
    );
    if (isMissing) throw composeMissing();
    if (/^v?1\./.test(stdout.trim()))
      this.#context.log?.(
        `target compose: only docker-compose ${stdout.trim()} is installed, which nobody maintains any more: install the plugin \`docker compose\``,
      );
    return old;
  }
}

/** Whole paths of the folder and the file of a version. */
function placesOf({ definition, service, version }: Workload<ComposeDefinition>): {
  readonly folder: string;
  readonly file: string;
} {
  const folder = resolve(expandTemplate(definition.cwd, { version, service }));
  const file = expandTemplate(definition.file, { version, service });
  return { folder, file: isAbsolute(file) ? file : resolve(folder, file) };
}

/** @throws UserError `E_CWD_MISSING`, `E_COMPOSE_FILE_MISSING`. */
function checkPlaces(folder: string, file: string, { service, version }: Workload<ComposeDefinition>): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError('E_CWD_MISSING', `the folder of the compose file of ${service} ${version} does not exist: ${folder}`, {
      where: `service ${service}, target.compose.cwd`,
      fix: 'Make the folder, or correct cwd. A relative cwd starts at the folder of the document.',
    });
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new UserError('E_COMPOSE_FILE_MISSING', `there is no compose file ${file}`, {
      where: `service ${service}, target.compose.file`,
      fix: 'Correct file, or cwd. A relative file starts at cwd, and a relative cwd at the folder of the document.',
    });
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UserError('E_COMPOSE_FILE', `what compose makes of ${file} cannot be read`, {
      where: file,
      fix: `See what \`docker compose -f ${file} config\` prints.`,
      cause: error,
    });
  }
}
