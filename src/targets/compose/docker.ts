import type { TargetContext } from '../target.ts';
import { type Answer, run } from './command-line.ts';
import { type Container, containersIn, label } from './container.ts';
import { dockerMissing, refusalOf } from './refusals.ts';

/** Longest time for a question to the engine. */
const askTimeoutMs = 10_000;
/** What an engine needs beyond the grace of a container to end and remove it. */
const endTimeoutMs = 30_000;

/** Which engine, as whom, through what. Nothing else of the controller's environment: it may hold secrets. */
const handedOn =
  /^(PATH|HOME|LANG|TZ|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|TMPDIR|DOCKER_(HOST|CONTEXT|CONFIG|CERT_PATH|TLS|TLS_VERIFY|API_VERSION)|(HTTPS?|NO)_PROXY|(https?|no)_proxy)$/;

/** The environment of every call. */
export function engineEnvironment(own: TargetContext['environment']): Readonly<Record<string, string>> {
  const env: Record<string, string> = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  for (const [name, value] of Object.entries(own)) if (value !== undefined && handedOn.test(name)) env[name] = value;
  return env;
}

/** The containers and networks of one owner, through the `docker` command. Every call rejects with a `UserError` when it fails. */
export class Docker {
  readonly env: Readonly<Record<string, string>>;
  readonly owner: string;

  constructor(env: Readonly<Record<string, string>>, owner: string) {
    this.env = env;
    this.owner = owner;
  }

  /** All containers of a service, of one version when it is named, whatever their state. */
  async containers(service: string, version: string | null, signal: AbortSignal): Promise<readonly Container[]> {
    const list = ['ps', '--all', '--quiet', '--no-trunc', ...this.#filters(service, version)];
    // One may be gone between the two questions; then both are asked again.
    for (let tries = 1; ; tries += 1) {
      const ids = linesOf(await this.#ask(list, signal));
      if (ids.length === 0) return [];
      const answer = await this.#call(['inspect', '--type', 'container', ...ids], askTimeoutMs, signal);
      if (answer.code === 0) return containersIn(answer.stdout);
      if (tries >= 3 || !/no such (container|object)/i.test(answer.stderr)) throw refusalOf('docker inspect', answer);
    }
  }

  /** Whether a compose project has containers that are not of this owner. */
  async isTaken(project: string, signal: AbortSignal): Promise<boolean> {
    const owners = ['--format', `{{.ID}} {{.Label "${label.owner}"}}`];
    const filter = ['--filter', `label=com.docker.compose.project=${project}`];
    const lines = linesOf(await this.#ask(['ps', '--all', ...owners, ...filter], signal));
    return lines.some((line) => line.split(' ')[1] !== this.owner);
  }

  /** Ends containers by their own signal, waits for their own grace, and removes them with their unnamed volumes. */
  async end(containers: readonly Pick<Container, 'id' | 'graceS'>[], signal: AbortSignal): Promise<void> {
    if (containers.length === 0) return;
    const ids = containers.map(({ id }) => id);
    const graceMs = Math.max(...containers.map(({ graceS }) => graceS)) * 1_000;
    for (const [words, timeoutMs] of [
      [['stop', ...ids], graceMs + endTimeoutMs],
      [['rm', '--force', '--volumes', ...ids], endTimeoutMs],
    ] as const) {
      const answer = await this.#call(words, timeoutMs, signal);
      const isFine = answer.code === 0 || /no such container|is already in progress/i.test(answer.stderr);
      if (!isFine) throw refusalOf(`docker ${words[0]}`, answer);
    }
  }

  /** Ends a container by its own signal and within its own grace, and starts it again. */
  async restart({ id, graceS }: Pick<Container, 'id' | 'graceS'>, signal: AbortSignal): Promise<void> {
    const answer = await this.#call(['restart', id], graceS * 1_000 + endTimeoutMs, signal);
    if (answer.code !== 0) throw refusalOf('docker restart', answer);
  }

  /** Removes the networks that were made for a version. */
  async removeNetworks(service: string, version: string, signal: AbortSignal): Promise<void> {
    const ids = linesOf(await this.#ask(['network', 'ls', '--quiet', '--no-trunc', ...this.#filters(service, version)], signal));
    if (ids.length === 0) return;
    const answer = await this.#call(['network', 'rm', ...ids], endTimeoutMs, signal);
    if (answer.code !== 0 && !/not found|no such network/i.test(answer.stderr)) throw refusalOf('docker network rm', answer);
  }

  /** The last lines that a container has written, of both streams in the order of their times, from one moment of RFC 3339 on. */
  async output(id: string, linesMax: number, since: string | null, signal: AbortSignal): Promise<readonly string[]> {
    const from = since === null ? [] : ['--since', since];
    const answer = await this.#call(['logs', '--timestamps', '--tail', String(linesMax), ...from, id], askTimeoutMs, signal);
    if (answer.code !== 0) throw refusalOf('docker logs', answer);
    // Each line begins with its time, always as long.
    return [...linesOf(answer.stdout), ...linesOf(answer.stderr)]
      .sort()
      .slice(-linesMax)
      .map((line) => line.slice(line.indexOf(' ') + 1));
  }

  #filters(service: string, version: string | null): readonly string[] {
    const wanted = { [label.owner]: this.owner, [label.service]: service, ...(version !== null && { [label.version]: version }) };
    return Object.entries(wanted).flatMap(([name, value]) => ['--filter', `label=${name}=${value}`]);
  }

  async #ask(words: readonly string[], signal: AbortSignal): Promise<string> {
    const answer = await this.#call(words, askTimeoutMs, signal);
    if (answer.code !== 0) throw refusalOf(`docker ${words[0]}`, answer);
    return answer.stdout;
  }

  async #call(words: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    const answer = await run({ words: ['docker', ...words], env: this.env, timeoutMs }, signal);
    if (answer.isMissing) throw dockerMissing();
    return answer;
  }
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
