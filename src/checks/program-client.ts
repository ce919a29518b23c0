import type http from 'node:http';
import type { z } from 'zod';
import { messageOf, systemCode, UserError } from '../errors.ts';
import { type Connection, headerValues } from '../spec/connection.ts';
import { readSecretFile } from '../spec/load.ts';
import type { Text } from '../spec/text.ts';
import { agentKeeper, exchange, type Reply, tlsFailure } from '../system/http-exchange.ts';
import type { CheckContext, CheckResult } from './check.ts';
import { jsonOf } from './json-pointer.ts';
import { sentence } from './sentences.ts';

/** Largest answer that is read. */
const bodyBytesMax = 32 * 1_048_576;
/** Longest wait for one answer. */
const answerMs = 15_000;

export type Asked = {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A program that is asked over HTTP. What it answers otherwise than expected ends the check; see `lookAt`. */
export type ProgramClient = {
  /** Its address without what is behind a question mark, which may be a secret. */
  readonly where: string;
  /** Any answer but 401 and 403. An empty path asks the address as it stands. */
  ask(path: string, asked?: Asked): Promise<Reply>;
  /** The JSON of an answer with a status of 2xx. */
  json<Schema extends z.ZodType>(schema: Schema, path: string, asked?: Asked): Promise<z.output<Schema>>;
  /** The same of an answer that is there already. */
  read<Schema extends z.ZodType>(schema: Schema, path: string, reply: Reply): z.output<Schema>;
};

/** A program does not answer as it should: the check has failed, and this is what was found. */
class NotAnswered extends Error {
  readonly found: Text;
  constructor(found: Text, cause?: unknown) {
    super('the program does not answer as it should', { cause });
    this.found = found;
  }
}

/**
 * Looks at a program. When it cannot be reached, or answers something else than its API says, the answer is `fail`.
 *
 * @param program - Its name, such as `Loki`.
 * @throws UserError `E_CHECK_REFUSED` when it lets nobody in, and `E_CHECK_SECRET` when a secret is not there: nothing can be told.
 */
export async function lookAt(
  program: string,
  connection: Connection,
  expected: Text,
  context: CheckContext,
  look: (client: ProgramClient) => Promise<CheckResult>,
): Promise<CheckResult> {
  const keeper = agentKeeper(connection, pemText);
  const agents = new Set<http.Agent>();
  const client = clientOf(program, connection, context, () => {
    const agent = keeper();
    agents.add(agent);
    return agent;
  });
  try {
    return await look(client);
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error;
    return {
      status: 'fail',
      lookedAt: `${program}: ${client.where}`,
      found: error.found,
      expected,
      fix: sentence(
        'see whether $ runs at $ and can be reached from where Rampart runs',
        'проверьте, что $ работает по адресу $ и доступен оттуда, где работает Rampart',
        program,
        client.where,
      ),
      evidence: [],
      figures: {},
    };
  } finally {
    for (const agent of agents) agent.destroy();
  }
}

function clientOf(program: string, connection: Connection, context: CheckContext, agentNow: () => http.Agent): ProgramClient {
  const base = new URL(connection.url);
  const where = `${base.origin}${base.pathname}`.replace(/\/$/, '');
  const ask = async (path: string, { method = 'GET', query = {}, headers = {}, body = '' }: Asked = {}): Promise<Reply> => {
    const url = new URL(base);
    if (path !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
    for (const [name, value] of Object.entries(query))
      for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, one);
    const timeout = AbortSignal.timeout(answerMs);
    const options = {
      method,
      agent: agentNow(),
      signal: AbortSignal.any([context.signal, timeout]),
      headers: {
        accept: 'application/json, */*;q=0.5',
        'accept-encoding': 'gzip',
        ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        ...headers,
        ...signedHeaders(program, connection, context),
      },
    };
    let reply: Reply;
    try {
      reply = await exchange(url, options, body, bodyBytesMax, tooLarge);
    } catch (error) {
      context.signal.throwIfAborted();
      throw failureOf(program, where, error, timeout.aborted);
    }
    if (reply.status === 401 || reply.status === 403) throw refused(program, where, path, reply.status);
    return reply;
  };
  const read = <Schema extends z.ZodType>(schema: Schema, path: string, reply: Reply): z.output<Schema> => {
    if (reply.status < 200 || reply.status > 299) throw new NotAnswered(statusText(path, reply));
    const parsed = schema.safeParse(jsonOf(reply.body));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const at = `${issue?.path.join('.') || 'JSON'}: ${issue?.message}`;
    throw new NotAnswered(
      sentence('$ is not answered as $ does ($)', 'ответ на $ не такой, какой даёт $ ($)', path || where, program, at),
    );
  };
  return {
    where,
    ask,
    read,
    json: async (schema, path, asked) => read(schema, path, await ask(path, asked)),
  };
}

/** What an answer of another status than expected says, in one sentence. */
export function statusText(path: string, { status, body }: Reply): Text {
  const said = body.replace(/\s+/g, ' ').trim().slice(0, 200);
  const rest = said === '' ? '' : `: ${said}`;
  return { en: `${path || '/'} is answered with ${status}${rest}`, ru: `ответ на ${path || '/'}: ${status}${rest}` };
}

function signedHeaders(program: string, connection: Connection, { environment }: CheckContext) {
  const found = headerValues(connection, environment, readSecretFile);
  if ('headers' in found) return found.headers;
  throw new UserError('E_CHECK_SECRET', found.missing, { where: `${program}: ${found.place}`, fix: found.fix });
}

function refused(program: string, where: string, path: string, status: number): UserError {
  return new UserError('E_CHECK_REFUSED', `${program} does not let Rampart in (${status} to ${path || '/'})`, {
    where,
    fix: 'name a token that may read: headers: { Authorization: { env: NAME, prefix: "Bearer " } }',
  });
}

function failureOf(program: string, where: string, error: unknown, isLate: boolean): Error {
  if (error instanceof UserError) return error;
  const certificates = tlsFailure(error, program, 'tls');
  if (certificates) return new UserError('E_CHECK_REFUSED', certificates.what, { where, fix: certificates.fix, cause: error });
  if (isLate) {
    const seconds = answerMs / 1_000;
    return new NotAnswered({ en: `no answer within ${seconds} s`, ru: `нет ответа за ${seconds} с` }, error);
  }
  const code = systemCode(error) ?? '';
  const reason = code === '' ? messageOf(error) : code;
  return new NotAnswered(reasons[code] ?? { en: `no answer: ${reason}`, ru: `нет ответа: ${reason}` }, error);
}

const reasons: Readonly<Record<string, Text>> = {
  ECONNREFUSED: { en: 'the connection is refused: nothing listens there', ru: 'соединение отклонено: там ничто не слушает' },
  ENOTFOUND: { en: 'the name has no address', ru: 'у этого имени нет адреса' },
  EAI_AGAIN: { en: 'the name server does not answer', ru: 'сервер имён не отвечает' },
  ECONNRESET: { en: 'the connection was broken off', ru: 'соединение оборвано' },
};

function tooLarge(): Error {
  return new Error(`more than ${bodyBytesMax / 1_048_576} MiB`);
}

/**
 * Text of a PEM file that a connection names under `tls`.
 *
 * @throws UserError `E_CHECK_SECRET` when it cannot be read.
 */
export function pemText(file: string, name: string): string {
  try {
    return readSecretFile(file);
  } catch (error) {
    throw new UserError('E_CHECK_SECRET', `${file} cannot be read`, {
      where: `tls.${name}`,
      fix: `put a PEM file at ${file} that Rampart may read`,
      cause: error,
    });
  }
}
