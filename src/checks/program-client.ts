import type { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Connection } from '../spec/connection.ts';
import type { Text } from '../spec/text.ts';
import type { Reply } from '../system/http-exchange.ts';
import type { CheckContext, CheckResult } from './check.ts';
import { type HttpClient, httpClient, isFailure, shownUrl } from './http-client.ts';
import { jsonOf } from './json-pointer.ts';
import { sentence } from './sentences.ts';

/** Largest answer that is read. */
const textBytesMax = 32 * 1_048_576;
/** Longest wait for one answer. */
const answerMs = 15_000;

export type Asked = {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string>>;
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
  readonly fix: Text | null;
  constructor(found: Text, fix: Text | null = null) {
    super('the program does not answer as it should');
    this.found = found;
    this.fix = fix;
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
  const http = httpClient(connection.tls, context);
  const client = clientOf(program, connection, http);
  try {
    return await look(client);
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error;
    return {
      status: 'fail',
      lookedAt: `${program}: ${client.where}`,
      found: error.found,
      expected,
      fix: error.fix ?? sentence('is this the address of $: $', 'это адрес $: $', program, client.where),
      evidence: [],
      figures: {},
    };
  } finally {
    http.close();
  }
}

function clientOf(program: string, connection: Connection, http: HttpClient): ProgramClient {
  const base = new URL(connection.url);
  const where = shownUrl(connection.url).replace(/\/$/, '');
  const ask = async (path: string, { method = 'GET', query = {}, headers = {}, body = '' }: Asked = {}): Promise<Reply> => {
    const url = new URL(base);
    if (path !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
    for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
    const reply = await http.ask({
      url: url.href,
      method,
      // Whoever asks may add to how one signs in, and not replace it.
      headers: { accept: 'application/json, */*;q=0.5', 'accept-encoding': 'gzip', ...headers, ...http.headers(connection) },
      body,
      withinMs: answerMs,
      text: true,
      textBytesMax,
    });
    if (isFailure(reply)) throw new NotAnswered(reply.text, reply.fix);
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

function refused(program: string, where: string, path: string, status: number): UserError {
  return new UserError('E_CHECK_REFUSED', `${program} does not let Rampart in (${status} to ${path || '/'})`, {
    where,
    fix: 'name a token that may read: headers: { Authorization: { env: NAME, prefix: "Bearer " } }',
  });
}
