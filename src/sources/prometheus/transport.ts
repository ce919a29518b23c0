import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { headerValues } from '../../spec/connection.ts';
import { pemFileText, readSecretFile } from '../../spec/text-file.ts';
import { agentKeeper, exchange, type Reply, tlsFailure } from '../../system/http-exchange.ts';
import type { PrometheusConfig } from './schema.ts';

/** Largest answer to one query. A service has hundreds of series, not hundreds of thousands. */
const bodyBytesMax = 16 * 1_048_576;
/** Time before a question is asked a second time: whatever stands in front has noticed by then. */
const againMs = 50;

/** Values of labels are to be had by GET alone; queries may be longer than an address. */
export type Method = 'GET' | 'POST';

/** Of its connection in a document. */
const place = 'spec.source.prometheus';

type Environment = Readonly<Record<string, string | undefined>>;

/** An answer of more than anybody can use. */
export class TooLarge extends UserError {
  constructor(where: string) {
    super('E_SOURCE_ANSWER', `an answer has more than ${bodyBytesMax / 1_048_576} MiB`, {
      where,
      fix: 'narrow the queries with further matchers',
    });
  }
}

/**
 * Sends forms to addresses below `config.url`. Redirects are not followed: another host must not get this one's secrets. What it is
 * asked changes nothing, so a connection that was reset and an answer of a gateway without its server are tried once more.
 *
 * @param environment - Where secrets are read that the document names.
 */
export function openTransport(config: PrometheusConfig, environment: Environment) {
  const base = new URL(config.url);
  const where = `${base.origin}${base.pathname}`;
  const keeper = agentKeeper(config, pemText);

  const once = async (method: Method, path: string, form: URLSearchParams, signal: AbortSignal): Promise<Reply> => {
    const url = new URL(base);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/${path}`;
    const body = method === 'POST' ? form.toString() : '';
    if (method === 'GET') for (const [name, value] of form) url.searchParams.append(name, value);
    const headers = {
      ...headersOf(config, environment),
      accept: 'application/json',
      'accept-encoding': 'gzip',
      ...(method === 'POST' ? contentOf(body) : {}),
    };
    const agent = keeper();
    try {
      return await exchange(url, { method, headers, agent, signal }, body, bodyBytesMax, () => new TooLarge(where));
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (signal.aborted) throw unreachable('Prometheus cannot be asked: no answer in time', where, error);
      throw failureOf(error, where);
    }
  };

  return {
    where,
    async ask(method: Method, path: string, form: URLSearchParams, signal: AbortSignal): Promise<Reply> {
      try {
        const reply = await once(method, path, form, signal);
        if (!isGatewayFailure(reply)) return reply;
      } catch (error) {
        if (!(error instanceof UserError) || !isReset(error.cause) || signal.aborted) throw error;
      }
      await wait(againMs, undefined, { signal }).catch(() => {});
      return await once(method, path, form, signal);
    },
  };
}

function contentOf(body: string): Readonly<Record<string, string | number>> {
  return { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', 'content-length': Buffer.byteLength(body) };
}

/** Whether something in front had nobody to ask. A query that Prometheus itself gave up is not begun again. */
function isGatewayFailure({ status, body }: Reply): boolean {
  return status === 502 || status === 504 || (status === 503 && !body.startsWith('{'));
}

function isReset(cause: unknown): boolean {
  return /^(ECONNRESET|EPIPE)$/.test(systemCode(cause) ?? '');
}

function pemText(file: string, name: string): string {
  try {
    return pemFileText(file);
  } catch (error) {
    throw refused(
      `${file} cannot be read`,
      `${place}.tls.${name}`,
      `put a PEM file at ${file} that the controller may read`,
      error,
    );
  }
}

function headersOf(config: PrometheusConfig, environment: Environment): Readonly<Record<string, string>> {
  const found = headerValues(config, environment, readSecretFile);
  if ('headers' in found) return found.headers;
  throw refused(found.missing, `${place}.${found.place}`, found.fix);
}

/** What is wrong between us and it: with certificates waiting does not help, with a connection it may. */
function failureOf(error: unknown, where: string): UserError {
  const found = tlsFailure(error, 'Prometheus', `${place}.tls`);
  if (found) return refused(found.what, where, found.fix, error);
  const code = systemCode(error) ?? '';
  return unreachable(`Prometheus cannot be asked: ${code === '' ? '' : `${code} `}(${messageOf(error)})`, where, error);
}

function refused(what: string, where: string, fix: string, cause?: unknown): UserError {
  return new UserError('E_SOURCE_REFUSED', what, { where, fix, cause });
}

/** It may answer later. */
export function unreachable(what: string, where: string, cause?: unknown): UserError {
  return new UserError('E_SOURCE_UNREACHABLE', what, {
    where,
    fix: 'see whether Prometheus runs and can be reached from the controller',
    cause,
  });
}
