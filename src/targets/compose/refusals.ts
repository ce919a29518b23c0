import { readFileSync } from 'node:fs';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { UserError } from '../../errors.ts';
import { type Answer, lastWords } from './command-line.ts';

/** What to do where there is no engine, or none that may be used. */
const startIt =
  'Start it (`systemctl start docker`, or Docker Desktop), or name another one by DOCKER_HOST or DOCKER_CONTEXT in the environment of the controller.';
const allowIt =
  'Let the user that Rampart runs as use it: `usermod -aG docker USER` and a new login (that group is as good as root), or a rootless engine named by DOCKER_HOST.';

/** Where there is no `docker` command. */
export function dockerMissing(): UserError {
  return new UserError('E_DOCKER_MISSING', 'there is no `docker` command on this machine', {
    where: 'target.compose',
    fix: 'Install Docker with its compose plugin (docs.docker.com/engine/install; on Debian and Ubuntu also the packages docker.io and docker-compose-v2 or docker-compose), for PATH of the controller.',
  });
}

/** Where there is neither compose's plugin nor its program. */
export function composeMissing(): UserError {
  return new UserError('E_COMPOSE_MISSING', 'neither `docker compose` nor `docker-compose` is installed', {
    where: 'target.compose',
    fix: 'Install the plugin: docker-compose-plugin of Docker, docker-compose-v2 of Ubuntu, or docker-compose of Debian.',
  });
}

/**
 * What a call that failed means, in the engine's own words and with what to do.
 *
 * @param what - What was called, such as `docker ps`.
 */
export function refusalOf(what: string, answer: Answer): UserError {
  const { stderr } = answer;
  const words = lastWords(answer);
  const where = 'the Docker engine';
  // docker-compose 1 tells both as the last line of a trace.
  if (/permission denied.*(socket|daemon)|PermissionError\(13/i.test(stderr))
    return new UserError('E_ENGINE_FORBIDDEN', `the Docker engine may not be used: ${words}`, { where, fix: allowIt });
  if (
    /cannot connect to the docker daemon|is the docker daemon running|error during connect|error while fetching server api/i.test(
      stderr,
    )
  )
    return new UserError('E_ENGINE_UNREACHABLE', `the Docker engine cannot be reached: ${words}`, { where, fix: startIt });
  if (answer.isMissing) return dockerMissing();
  return new UserError('E_ENGINE', `\`${what}\` failed: ${words}`, {
    where,
    fix: 'Run it by hand, as the user that Rampart runs as, to see more.',
  });
}

/**
 * What compose has against a file: its own message, at the line it is about where that can be found out.
 *
 * @param service - The service that is wanted; its line is named when there is no better one.
 */
export function fileRefusal(file: string, service: string, answer: Answer): UserError {
  // docker-compose 1 says the first line about the file and the second about what is wrong.
  const words = answer.stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(time=.* level=warning|WARNING)|variable is not set/i.test(line))
    .slice(-4)
    .join(' ');
  const message = words === '' ? lastWords(answer) : words.slice(0, 600);
  const line = Number(/\bline (\d+)/.exec(message)?.[1]) || lineOf(file, message, service);
  return new UserError('E_COMPOSE_FILE', `compose refuses ${file}: ${message}`, {
    where: line ? `${file}:${line}` : file,
    fix: 'Correct the file until `docker compose config` prints it. What it says of variables counts for target.compose.env, too.',
  });
}

/** Line of what a message names as `services.web.imge`, `services.web … 'imge'` or `service "web"`, counted from 1. */
function lineOf(file: string, message: string, service: string): number | null {
  try {
    const counter = new LineCounter();
    const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: counter });
    const fault = document.errors[0];
    if (fault) return fault.linePos?.[0].line ?? null;
    const path = /\bservices\.([\w.-]+)/.exec(message)?.[1]?.split('.') ?? [
      /service "?([\w.-]+)"?/i.exec(message)?.[1] ?? service,
    ];
    const names = [...path, ...(/(?:'|property )([\w-]+)/.exec(message)?.slice(1) ?? [])];
    return nearestLine(document, ['services', ...names], counter);
  } catch {
    return null; // The message is what counts.
  }
}

/** Line of the deepest key of a path that is there. */
function nearestLine(document: ReturnType<typeof parseDocument>, path: readonly string[], counter: LineCounter): number | null {
  let node: unknown = document.contents;
  let line: number | null = null;
  for (const name of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => String(key) === name);
    if (!pair) break;
    const start = (pair.key as { readonly range?: readonly number[] | null }).range?.[0];
    line = start === undefined ? line : counter.linePos(start).line;
    node = pair.value;
  }
  return line;
}
