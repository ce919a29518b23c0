import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode, UserError } from '../errors.ts';
import { type Problem, SpecError } from '../spec/problem.ts';
import { environment } from './environment.ts';

/** Longest wait for an answer of the controller. */
const timeoutMs = 15_000;

/** How long a command that follows something waits for the next controller, and how often it looks for it. */
const absenceMaxMs = 60_000;
const askAgainMs = 250;

/** Where a running controller says how it is reached; readable by its own user only. */
export const doorFile = 'api.json';

export type Door = { readonly url: string; readonly token: string; readonly pid: number };

export type ApiClient = {
  /**
   * Who acts, for the record: with the token of the data folder the user of this system. Undefined with `RAMPART_TOKEN`: the controller
   * knows whose that is.
   */
  readonly by: string | undefined;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown, source?: string): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
};

/** The data folder that a command means: `--data`, else `RAMPART_DATA`, else `.rampart` here. */
export function dataFolder(given: string | undefined): string {
  return resolve(given ?? environment.data ?? '.rampart');
}

/**
 * The controller of a data folder, or the one at `RAMPART_URL`.
 * @throws UserError `E_NO_CONTROLLER` when none runs, `E_NO_TOKEN` when `RAMPART_TOKEN` is missing; later calls reject with `E_UNREACHABLE` or with the controller's own error.
 */
export async function controllerOf(data: string | undefined): Promise<ApiClient> {
  const remote = environment.url;
  const { url, token } = remote ? { url: remote, token: tokenOf(remote) } : await findDoor(dataFolder(data));
  const call = async <T>(method: string, path: string, body: unknown, source: string): Promise<T> => {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`${url.replace(/\/$/, '')}/api/v1${path}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      answer = text === '' ? null : JSON.parse(text);
    } catch (error) {
      const fix = remote ? 'check RAMPART_URL' : 'start the controller with `rampart up`';
      throw new UserError('E_UNREACHABLE', `the controller at ${url} does not answer`, { where: url, fix, cause: error });
    }
    if (response.ok) return answer as T;
    const refused = errorOf(answer, source);
    if (!remote || refused.code !== 'E_UNAUTHORIZED') throw refused;
    throw new UserError('E_UNAUTHORIZED', `${remote} refuses RAMPART_TOKEN: ${refused.message}`, {
      where: 'RAMPART_TOKEN',
      fix: makeToken,
      cause: refused,
    });
  };
  return {
    by: remote ? undefined : environment.user,
    get: (path) => call('GET', path, undefined, ''),
    post: (path, body, source = '') => call('POST', path, body, source),
    patch: (path, body) => call('PATCH', path, body, ''),
    delete: (path) => call('DELETE', path, undefined, ''),
  };
}

const makeToken =
  'make a token on the machine of the controller with `rampart tokens add NAME --role ROLE --service SERVICE`, and put it into RAMPART_TOKEN';

function tokenOf(url: string): string {
  // A token that comes from a file often ends with its line.
  const token = environment.token?.trim();
  if (!token)
    throw new UserError('E_NO_TOKEN', `RAMPART_URL says ${url}, but there is no token for it`, {
      where: 'RAMPART_TOKEN',
      fix: makeToken,
    });
  if (/^[!-~]+$/.test(token)) return token;
  throw new UserError('E_NO_TOKEN', 'RAMPART_TOKEN is no token: it has spaces or other characters that none has', {
    where: 'RAMPART_TOKEN',
    fix: makeToken,
  });
}

/**
 * The same for a command that follows something: what it asks waits for the next controller when this one is away, because a release
 * goes on over a restart. What it tells a controller to do is said once: nobody knows whether a first try has arrived.
 *
 * @param signal - Ends the waiting.
 */
export async function lastingControllerOf(data: string | undefined, signal?: AbortSignal): Promise<ApiClient> {
  let api = await controllerOf(data);
  return {
    ...api,
    async get<T>(path: string): Promise<T> {
      const deadline = performance.now() + absenceMaxMs;
      for (;;) {
        try {
          return await api.get<T>(path);
        } catch (error) {
          const isAway = error instanceof UserError && error.code === 'E_UNREACHABLE';
          if (!isAway || signal?.aborted || performance.now() > deadline) throw error;
          await delay(askAgainMs, undefined, { signal }).catch(() => {});
          // The next controller has another address and another token.
          api = await controllerOf(data).catch(() => api);
        }
      }
    },
    post: (path, body, source) => api.post(path, body, source),
    patch: (path, body) => api.patch(path, body),
    delete: (path) => api.delete(path),
  };
}

async function findDoor(folder: string): Promise<Door> {
  try {
    return JSON.parse(await readFile(join(folder, doorFile), 'utf8')) as Door;
  } catch (error) {
    const what = systemCode(error) === 'ENOENT' ? `no controller runs on ${folder}` : `cannot read ${join(folder, doorFile)}`;
    throw new UserError('E_NO_CONTROLLER', what, {
      where: folder,
      fix: `start one with \`rampart up --data ${folder}\`, or name its folder with --data`,
      cause: error,
    });
  }
}

function errorOf(answer: unknown, source: string): UserError {
  const problem = answer as { title?: string; code?: `E_${string}`; where?: string; fix?: string; problems?: readonly Problem[] };
  const [first, ...others] = problem.problems ?? [];
  if (first) return new SpecError([first, ...others], source);
  return new UserError(problem.code ?? 'E_UNREACHABLE', problem.title ?? 'the controller refused', {
    where: problem.where ?? 'controller',
    fix: problem.fix ?? 'see the log of the controller',
  });
}
