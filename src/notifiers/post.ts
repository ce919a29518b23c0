import type http from 'node:http';
import type https from 'node:https';
import { messageOf, systemCode } from '../errors.ts';
import type { TlsSettings } from '../spec/connection.ts';
import { readSecretFile } from '../spec/text-file.ts';
import { exchange, type Reply, tlsFailure } from '../system/http-exchange.ts';
import { redactedText } from '../views/redacted.ts';
import type { Delivery } from './notifier.ts';
import { cut, oneLine } from './texts.ts';

/** Why a message was not delivered. */
export type NotDelivered = Exclude<Delivery, { readonly kind: 'delivered' }>;

export type Post = {
  /** POST where it is left out. */
  readonly method?: 'POST' | 'OPTIONS';
  /** https, or on this machine. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly withinMs: number;
  /** Most bytes of an answer that are read, where an answer is a list. */
  readonly answerMax?: number;
  readonly tls?: TlsSettings | undefined;
  /** Values that may stand in nothing that is said: tokens, keys, addresses that are one. */
  readonly secrets: readonly string[];
};

/** Nobody needs more of an answer. */
const bodyBytesMax = 100_000;
const saidMax = 300;
/** Who asks for a later time than this is not believed. */
const afterMsMax = 3_600_000;
const laterStatus = new Set([408, 421, 423, 425, 429]);

/**
 * Sends one request over a connection of its own, so that none that was given up at the other end makes it doubtful whether a message
 * was taken. Redirects are answers. Never rejects.
 *
 * @returns What came with whatever status, or why nothing did.
 */
export async function post(
  { method = 'POST', url, headers, body, withinMs, answerMax = bodyBytesMax, tls, secrets }: Post,
  signal: AbortSignal,
): Promise<Reply | NotDelivered> {
  const late = AbortSignal.timeout(withinMs);
  try {
    if (signal.aborted) return calledOff;
    const options: https.RequestOptions & http.RequestOptions = {
      method,
      agent: false,
      headers: { 'user-agent': 'rampart', ...headers, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.any([signal, late]),
      ...(url.startsWith('https:') ? tlsOptions(tls) : {}),
    };
    return await exchange(new URL(url), options, body, answerMax, (head) => new TooLong(head));
  } catch (error) {
    if (error instanceof TooLong) return { ...error.head, body: '' };
    if (signal.aborted) return calledOff;
    if (late.aborted) return retry(`no answer within ${withinMs} ms`);
    const code = systemCode(error);
    if (code === 'ERR_INVALID_CHAR') return refused('a secret has signs that no header can carry');
    const found = tlsFailure(error, 'it', 'tls');
    if (found) return untaken(said(`${found.what}; ${found.fix}`, secrets));
    const text = said(`it cannot be reached: ${code === undefined ? '' : `${code} `}(${messageOf(error)})`, secrets);
    return isUnreached(error) ? untaken(text) : retry(text);
  }
}

/** Whether `post` has brought no answer. */
export function isNotDelivered(outcome: Reply | NotDelivered): outcome is NotDelivered {
  return 'kind' in outcome;
}

/** What an answer means by its status alone; null: it is a yes (2xx). */
export function refusalOf({ status, headers, body }: Reply, secrets: readonly string[]): NotDelivered | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400)
    return refused(said(`it answers ${status} and sends elsewhere, which is not followed`, secrets));
  const text = said(`it answers ${status}${body.trim() === '' ? '' : `: ${body}`}`, secrets);
  if (status >= 500) return retry(text, retryAfterMs(headers));
  if (laterStatus.has(status)) return untaken(text, retryAfterMs(headers));
  return refused(text);
}

/** When it wants to be asked again, by `Retry-After` (RFC 9110); null: it does not say. */
export function retryAfterMs(headers: http.IncomingHttpHeaders): number | null {
  const given = headers['retry-after']?.trim();
  if (given === undefined || given === '') return null;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(given)) return boundedMs(Number(given) * 1_000);
  // Whatever else has a number in it would be read as a date, too.
  const atMs = /^[A-Z][a-z]{2,8},? /.test(given) ? Date.parse(given) : Number.NaN;
  const nowMs = headers.date === undefined ? Date.now() : Date.parse(headers.date);
  return Number.isNaN(atMs) || Number.isNaN(nowMs) ? null : boundedMs(atMs - nowMs);
}

/** A time that a receiver has asked for, within bounds. */
export function boundedMs(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), afterMsMax);
}

/** What a receiver has said, on one line, short, and without secrets. */
export function said(text: string, secrets: readonly string[]): string {
  return cut(oneLine(redactedText(cut(text, 10 * saidMax), secrets)), saidMax);
}

/** The object that an answer is; null: it is none. */
export function objectOf({ body }: Reply): Readonly<Record<string, unknown>> | null {
  try {
    const found: unknown = JSON.parse(body);
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? { ...found } : null;
  } catch {
    return null;
  }
}

export function retry(text: string, afterMs: number | null = null): NotDelivered {
  return { kind: 'retry', afterMs, said: text };
}

/** Later, and it is certain that the receiver has not taken it: what ends meanwhile need not be ended there. */
export function untaken(text: string, afterMs: number | null = null): NotDelivered {
  return { kind: 'retry', afterMs, said: text, untaken: true };
}

/** Whether there was no connection at all: nothing can have arrived. */
export function isUnreached(error: unknown): boolean {
  return unreached.test(systemCode(error) ?? '');
}

const unreached = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/;

export function refused(text: string): NotDelivered {
  return { kind: 'refused', said: text };
}

/** Nobody waits for the message any more. */
export const calledOff: NotDelivered = { kind: 'retry', afterMs: null, said: 'the sending was called off' };

function tlsOptions(tls: TlsSettings | undefined): https.RequestOptions {
  const read = (file: string | undefined) => (file === undefined ? undefined : readSecretFile(file));
  const [ca, cert, key] = [read(tls?.ca), read(tls?.cert), read(tls?.key)];
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: tls?.insecure !== true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

/** More has come than is read. */
class TooLong extends Error {
  readonly head: Omit<Reply, 'body'>;
  constructor(head: Omit<Reply, 'body'>) {
    super('the answer is too long');
    this.head = head;
  }
}
