import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Language } from '../analysis/sentence.ts';
import { systemCode, UserError } from '../errors.ts';
import { type Problem, SpecError } from '../spec/problem.ts';
import { environment } from './environment.ts';
import { messagesIn, type StreamMessage } from './event-stream.ts';

/** Longest wait for an answer of the controller. */
const timeoutMs = 15_000;
/** A stream is never quiet for so long: it has a beat every ten seconds. */
const quietMaxMs = 30_000;
/** Longest wait that is done as told, in seconds: limits are for an hour at most. */
const waitMaxS = 3_600;

/** Longest wait for the next part of a long answer: a whole log is walked before the first one. */
const partMaxMs = 120_000;

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
  put<T>(path: string, body: unknown, source?: string): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** The text of an answer as it comes, however long it is and takes. Rejects with `E_UNREACHABLE` when it breaks off. */
  text(path: string): AsyncGenerator<string>;
  /** What happens, as it happens. Rejects with `E_UNREACHABLE` when the line is cut or quiet, and ends when the controller ends it. */
  stream(query: StreamQuery): AsyncGenerator<StreamMessage>;
};

export type StreamQuery = {
  /** `service:NAME`, `release:ID`. */
  readonly topics: readonly string[];
  readonly language?: Language;
  /** Tells the timeline after this `seq`; 0: from its beginning; left out: from now on. */
  readonly after?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
};

/** The controller asks to come back later. What was asked for was not done. */
export class TryLater extends UserError {
  readonly waitS: number;

  constructor(refused: UserError, waitS: number) {
    super(refused.code, refused.message, { where: refused.where, fix: refused.fix });
    this.waitS = waitS;
  }
}

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
  if (remote) assertAddress(remote);
  const { url, token } = remote ? { url: remote, token: tokenOf(remote) } : await findDoor(dataFolder(data));
  const bearer = { authorization: `Bearer ${token}` };
  const placeOf = (path: string): string => `${url.replace(/\/$/, '')}/api/v1${path}`;
  const unreachable = (cause: unknown): UserError =>
    new UserError('E_UNREACHABLE', `the controller at ${url} does not answer`, {
      where: url,
      fix: remote ? 'check RAMPART_URL' : 'start the controller with `rampart up`',
      cause,
    });
  const refusal = (response: Response, answer: unknown, source: string): UserError => {
    const refused = errorOf(answer, source);
    const waitS = Number(response.headers.get('retry-after') ?? Number.NaN);
    if (waitS >= 0) return new TryLater(refused, Math.min(waitS, waitMaxS));
    if (!remote || refused.code !== 'E_UNAUTHORIZED') return refused;
    return new UserError('E_UNAUTHORIZED', `${remote} refuses RAMPART_TOKEN: ${refused.message}`, {
      where: 'RAMPART_TOKEN',
      fix: makeToken,
      cause: refused,
    });
  };
  const call = async <T>(method: string, path: string, body: unknown, source: string): Promise<T> => {
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(placeOf(path), {
        method,
        headers: { ...bearer, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      answer = text === '' ? null : JSON.parse(text);
    } catch (error) {
      throw unreachable(error);
    }
    if (response.ok) return answer as T;
    throw refusal(response, answer, source);
  };
  async function* text(path: string): AsyncGenerator<string> {
    const ended = new AbortController();
    let quiet = setTimeout(() => ended.abort(), partMaxMs);
    try {
      const response = await fetch(placeOf(path), { headers: bearer, signal: ended.signal });
      if (!response.ok) throw refusal(response, await response.json(), '');
      if (!response.body) return;
      for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
        // While what has come is being used, the controller waits for us and not we for it.
        clearTimeout(quiet);
        yield part;
        quiet = setTimeout(() => ended.abort(), partMaxMs);
      }
    } catch (error) {
      throw error instanceof UserError ? error : unreachable(error);
    } finally {
      clearTimeout(quiet);
      ended.abort();
    }
  }
  async function* stream({ topics, language, after, signal }: StreamQuery): AsyncGenerator<StreamMessage> {
    const query = new URLSearchParams();
    for (const topic of topics) query.append('topic', topic);
    if (language !== undefined) query.set('lang', language);
    if (after !== undefined) query.set('after', String(after));
    const ended = new AbortController();
    // Of a line that is cut without a word nothing is ever heard.
    let quiet = setTimeout(() => ended.abort(), timeoutMs);
    const end = (): void => ended.abort();
    signal?.addEventListener('abort', end, { once: true });
    try {
      const response = await fetch(placeOf(`/stream?${query}`), { headers: bearer, signal: ended.signal });
      if (!response.ok) throw refusal(response, await response.json(), '');
      if (!response.body) return;
      for await (const message of messagesIn(response.body)) {
        clearTimeout(quiet);
        quiet = setTimeout(end, quietMaxMs);
        yield message;
      }
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (!signal?.aborted) throw unreachable(error);
    } finally {
      clearTimeout(quiet);
      signal?.removeEventListener('abort', end);
      ended.abort();
    }
  }
  return {
    by: remote ? undefined : environment.user,
    get: (path) => call('GET', path, undefined, ''),
    post: (path, body, source = '') => call('POST', path, body, source),
    put: (path, body, source = '') => call('PUT', path, body, source),
    patch: (path, body) => call('PATCH', path, body, ''),
    delete: (path) => call('DELETE', path, undefined, ''),
    text,
    stream,
  };
}

const makeToken =
  'make a token on the machine of the controller with `rampart tokens add NAME --role ROLE --service SERVICE`, and put it into RAMPART_TOKEN';

function assertAddress(text: string): void {
  if (/^https?:\/\/./.test(text) && URL.canParse(text)) return;
  throw new UserError('E_INPUT', `RAMPART_URL is no address: ${text}`, {
    where: 'RAMPART_URL',
    fix: 'give what `rampart up` prints, such as http://127.0.0.1:7300, or its public address',
  });
}

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
