import { resolve } from 'node:path';
import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { messageOf, UserError } from '../errors.ts';
import { certificateFailure } from './failure-reason.ts';
import { pemText } from './pem-text.ts';
import type { Finding } from './sentences.ts';

/** More certificates than any chain has. */
const chainMax = 10;
const dayMs = 86_400_000;

/** What is known of a certificate that a server has shown, with those that signed it. Times are Unix ms. */
export type ShownCertificate = {
  /** Why it is not trusted, as OpenSSL calls it; null: it is. */
  readonly refusal: string | null;
  /** Names in it, and whether the one that was asked for is among them. */
  readonly names: string;
  readonly isName: boolean;
  /** From when until when the whole chain holds. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** With less time left than this, in ms. */
export type Levels = { readonly warnBefore: number; readonly failBefore: number };

/**
 * Reads what the other side has shown. The socket has to take any certificate (`rejectUnauthorized: false`), so that all that is
 * wrong with it can be told.
 *
 * @param name - Name that was asked for.
 */
export function shownCertificate(socket: TLSSocket, name: string): ShownCertificate | null {
  const certificate = socket.getPeerCertificate(true);
  if (!certificate.subject) return null;
  const chain: DetailedPeerCertificate[] = [];
  for (
    let one: DetailedPeerCertificate | undefined = certificate;
    one && !chain.includes(one) && chain.length < chainMax;
    one = one.issuerCertificate
  )
    chain.push(one);
  // Typed as an error; it is its code where there is one.
  const refusal: unknown = socket.authorizationError;
  const text = refusal instanceof Error ? messageOf(refusal) : String(refusal ?? '');
  const mismatch = checkServerIdentity(name, certificate);
  return {
    refusal: text === '' || text === 'ERR_TLS_CERT_ALTNAME_INVALID' ? null : text,
    names: String(certificate.subjectaltname ?? certificate.subject.CN ?? '').slice(0, 300),
    isName: mismatch === undefined,
    fromMs: Math.max(...chain.map((one) => Date.parse(one.valid_from))),
    toMs: Math.min(...chain.map((one) => Date.parse(one.valid_to))),
  };
}

/** What a certificate is worth now. */
export function certificatePoints(
  shown: ShownCertificate | null,
  name: string,
  { warnBefore, failBefore }: Levels,
  nowMs: number,
): readonly Finding[] {
  if (!shown)
    return [
      {
        status: 'fail',
        text: { en: 'the server shows no certificate', ru: 'сервер не показал сертификат' },
        fix: { en: 'give the server a certificate', ru: 'установите на сервер сертификат' },
      },
    ];
  const points: Finding[] = [];
  const isPast = shown.toMs <= nowMs;
  const isFuture = shown.fromMs > nowMs;
  const refusal = shown.refusal === null ? null : certificateFailure(shown.refusal);
  if (shown.refusal !== null && !isPeriod(shown.refusal))
    points.push({
      status: 'fail',
      ...(refusal ?? { text: shown.refusal, fix: { en: 'get another certificate', ru: 'получите другой сертификат' } }),
    });
  if (!shown.isName) {
    const wrong = certificateFailure('ERR_TLS_CERT_ALTNAME_INVALID');
    points.push({
      status: 'fail',
      text: {
        en: `the certificate is for ${shown.names}, not for ${name}`,
        ru: `сертификат выдан на ${shown.names}, а не на ${name}`,
      },
      ...(wrong ? { fix: wrong.fix } : {}),
    });
  }
  const days = daysLeft(shown, nowMs);
  const until = new Date(shown.toMs).toISOString().slice(0, 10);
  const renew = certificateFailure('CERT_HAS_EXPIRED')?.fix ?? '';
  if (isPast || shown.refusal === 'CERT_HAS_EXPIRED')
    points.push({
      status: 'fail',
      text: { en: `the certificate has expired (${until})`, ru: `срок действия сертификата истёк (${until})` },
      fix: renew,
    });
  else if (isFuture || shown.refusal === 'CERT_NOT_YET_VALID') {
    const since = new Date(shown.fromMs).toISOString().slice(0, 10);
    points.push({
      status: 'fail',
      text: { en: `the certificate is not valid before ${since}`, ru: `сертификат действует только с ${since}` },
      fix: certificateFailure('CERT_NOT_YET_VALID')?.fix ?? renew,
    });
  } else {
    const left = shown.toMs - nowMs;
    const status = left < failBefore ? 'fail' : left < warnBefore ? 'warn' : 'pass';
    const text = {
      en: `the certificate holds for ${days} more days (until ${until})`,
      ru: `сертификат действует ещё ${days} дн. (до ${until})`,
    };
    points.push(status === 'pass' ? { status, text } : { status, text, fix: renew });
  }
  return points;
}

/** Whole days that are left; 0: none. */
export function daysLeft({ toMs }: Pick<ShownCertificate, 'toMs'>, nowMs: number): number {
  return Math.max(0, Math.floor((toMs - nowMs) / dayMs));
}

/**
 * Text of a PEM file with authorities; undefined: none is named.
 *
 * @throws UserError when it cannot be read, or has none.
 */
export function authorities(file: string | undefined, folder: string): string | undefined {
  if (file === undefined) return undefined;
  const path = resolve(folder, file);
  const text = pemText(path);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UserError('E_CHECK_CONNECTION', `${file} has no certificate`, {
    where: path,
    fix: 'name a PEM file with the authority',
  });
}

function isPeriod(refusal: string): boolean {
  return refusal === 'CERT_HAS_EXPIRED' || refusal === 'CERT_NOT_YET_VALID';
}
