import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { readSecretFile } from '../../spec/load.ts';
import { type NamedSecret, secretValue } from '../../spec/secret.ts';
import type { PrometheusConfig } from './schema.ts';

/** Largest answer to one query. A service has hundreds of series, not hundreds of thousands. */
const bodyBytesMax = 16 * 1_048_576;
/** Time before a question is asked a second time: whatever stands in front has noticed by then. */
const againMs = 50;

/** Values of labels are to be had by GET alone; queries may be longer than an address. */
export type Method = 'GET' | 'POST';

type Environment = Readonly<Record<string, string | undefined>>;

/** What came back, whatever it is. */
export type Reply = { readonly status: number; readonly location: string | null; readonly body: string };

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
  const keeper = agentKeeper(config);

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
      return await exchange(url, { method, headers, agent, signal }, body, where);
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

function exchange(url: URL, options: https.RequestOptions, body: string, where: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      const isPacked = response.headers['content-encoding'] === 'gzip';
      const content = isPacked ? response.pipe(createGunzip()) : response;
      const parts: Buffer[] = [];
      let bytes = 0;
      const fail = (error: unknown): void => {
        request.destroy();
        reject(error);
      };
      response.once('error', fail);
      content.once('error', fail);
      content.on('data', (part: Buffer) => {
        bytes += part.byteLength;
        if (bytes > bodyBytesMax) fail(new TooLarge(where));
        else parts.push(part);
      });
      content.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? null,
          body: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** Connections are kept, until a certificate in one of the files has been replaced. */
function agentKeeper({ url, tls }: PrometheusConfig): () => http.Agent {
  const settings = { keepAlive: true, maxSockets: 8 };
  if (!/^https:/i.test(url)) {
    const agent = new http.Agent(settings);
    return () => agent;
  }
  let kept: { readonly agent: https.Agent; readonly state: string } | null = null;
  return () => {
    const [ca, cert, key] = (['ca', 'cert', 'key'] as const).map((name) => {
      const file = tls?.[name];
      return file === undefined ? undefined : textOf(file, `spec.source.prometheus.tls.${name}`);
    });
    const state = createHash('sha256')
      .update(JSON.stringify([ca, cert, key]))
      .digest('hex');
    if (kept?.state === state) return kept.agent;
    kept?.agent.destroy();
    const servername = tls?.serverName;
    const agent = new https.Agent({
      ...settings,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: tls?.insecure !== true,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
    });
    kept = { agent, state };
    return agent;
  };
}

function textOf(file: string, where: string): string {
  try {
    return readSecretFile(file);
  } catch (error) {
    throw refused(`${file} cannot be read`, where, `put a PEM file at ${file} that the controller may read`, error);
  }
}

function headersOf(config: PrometheusConfig, environment: Environment): Readonly<Record<string, string>> {
  const where = 'spec.source.prometheus';
  const headers = Object.entries(config.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : secret(value, environment, `${where}.headers.${name}`),
  ]);
  if (config.basic) {
    const { user, password } = config.basic;
    const both = `${user}:${secret(password, environment, `${where}.basic.password`)}`;
    headers.push(['authorization', `Basic ${Buffer.from(both, 'utf8').toString('base64')}`]);
  }
  return Object.fromEntries(headers);
}

function secret(named: NamedSecret, environment: Environment, where: string): string {
  const found = secretValue(named, environment, readSecretFile);
  if ('missing' in found)
    throw refused(
      found.missing,
      where,
      'env' in named ? `start the controller with ${named.env} in its environment` : `put it into ${named.file}`,
    );
  // Said here, without the value: whoever sends it would print it.
  if (!/^[\t\x20-\x7e]*$/.test(found.value))
    throw refused(
      `${'env' in named ? `the environment variable ${named.env}` : `the file ${named.file}`} has signs that no header can carry`,
      where,
      'give it one line of printable ASCII text',
    );
  return found.value;
}

/** What is wrong between us and it: with certificates waiting does not help, with a connection it may. */
function failureOf(error: unknown, where: string): UserError {
  const code = systemCode(error) ?? '';
  if (/^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(code))
    return refused(
      `its certificate is not trusted: ${messageOf(error)} (${code})`,
      where,
      'name the authority that signed it: tls: { ca: /path/to/ca.pem }, and the name in it where the address has another: serverName',
      error,
    );
  if (/^ERR_OSSL|^ERR_CRYPTO/.test(code))
    return refused(
      `the files of spec.source.prometheus.tls cannot be used: ${messageOf(error)}`,
      where,
      'put PEM there, and the key of that certificate',
      error,
    );
  if (/ALERT/.test(code))
    return refused(
      `Prometheus ends the TLS handshake (${code})`,
      where,
      'give it a certificate that it knows: tls: { cert: /path/to/client.pem, key: /path/to/client.key }',
      error,
    );
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
