import { createHmac, hash } from 'node:crypto';
import { isSame, standardSignature } from '../notifiers/signature.ts';
import type { Proof } from './source.ts';

/** A message as it came; names of headers are small letters. */
export type ReceivedMessage = {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly nowMs: number;
};

/** Something by which a message is known again, until when (unix milliseconds). */
export type Mark = { readonly digest: string; readonly untilMs: number };

/** Who has sent a message is certain; by what it is known again. */
export type Verified = {
  readonly kind: 'verified';
  /** What was signed, with its time: it is taken once. Null: no time was signed. */
  readonly once: Mark | null;
  /** The sender's id of the message: signed anew it is a repetition, which is answered and changes nothing. */
  readonly id: Mark | null;
  /** What was signed without a time. It cannot be told from a replay, so all that it may do again is repeat. */
  readonly body: Mark | null;
};

/** `isKnown`: whoever has sent it has the secret, so may hear what is wrong. */
export type NotVerified = { readonly kind: 'refused'; readonly said: string; readonly isKnown: boolean };

/** Signatures of one message that are looked at: one for each key of a sender that changes its key. */
const signaturesMax = 10;
/** A key is still good in the second in which it ends. */
const secondMs = 1_000;

/**
 * Who has sent a message.
 *
 * @param secrets - The values of the proof's secrets; none of them is empty.
 */
export function verify(proof: Proof, secrets: readonly string[], message: ReceivedMessage): Verified | NotVerified {
  const { headers } = message;
  const plain: Verified = { kind: 'verified', once: null, id: null, body: null };
  switch (proof.kind) {
    case 'bearer': {
      const [, given] = /^Bearer +(\S{1,4000})$/i.exec(headers.authorization ?? '') ?? [];
      return isOneOf(given, secrets) ? plain : refused('it has no bearer token, or a wrong one');
    }
    case 'basic': {
      const [, encoded] = /^Basic +([A-Za-z0-9+/=]{1,4000})$/i.exec(headers.authorization ?? '') ?? [];
      const given = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
      const wanted = secrets.map((password) => `${proof.user}:${password}`);
      return isOneOf(given, wanted) ? plain : refused('it has no basic auth, or a wrong name or password');
    }
    case 'signature':
      return proof.scheme.kind === 'standard'
        ? standard(proof, secrets, message)
        : inHeader(proof, proof.scheme, secrets, message);
  }
}

type Signed = Extract<Proof, { kind: 'signature' }>;

function standard(proof: Signed, secrets: readonly string[], { headers, body, nowMs }: ReceivedMessage): Verified | NotVerified {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': given = '' } = headers;
  // The dot is what stands between the parts of the signed text: with one in the id, the parts could be cut elsewhere.
  if (!/^[\x21-\x2d\x2f-\x7e]{1,300}$/.test(id) || given === '')
    return refused('it has no webhook-id, webhook-timestamp and webhook-signature');
  const signatures = given
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .slice(0, signaturesMax)
    .map((one) => one.slice(3));
  const wanted = secrets.map((secret) => standardSignature(secret, id, timestamp, body));
  if (!signatures.some((one) => isOneOf(one, wanted))) return refused('its signature is wrong');
  const signedMs = momentOf(timestamp);
  return (
    outOfTime(signedMs, proof, nowMs) ?? {
      kind: 'verified',
      once: { digest: digestOf('once', `${id}.${timestamp}.`, body), untilMs: signedMs + proof.toleranceMs + secondMs },
      id: { digest: digestOf('id', id), untilMs: nowMs + proof.replayWindowMs },
      body: null,
    }
  );
}

function inHeader(
  proof: Signed,
  { header, prefix, encoding, timestamp }: Extract<Signed['scheme'], { kind: 'header' }>,
  secrets: readonly string[],
  { headers, body, nowMs }: ReceivedMessage,
): Verified | NotVerified {
  const given = headers[header.toLowerCase()];
  if (given === undefined || !given.startsWith(prefix))
    return refused(`it has no ${header}${prefix === '' ? '' : ` with ${prefix}`}`);
  const time = timestamp && headers[timestamp.header.toLowerCase()];
  if (timestamp && time === undefined) return refused(`it has no ${timestamp.header}`);
  const before = timestamp ? `${time}${timestamp.separator}` : '';
  const wanted = secrets.map((secret) => createHmac('sha256', secret).update(before).update(body).digest(encoding));
  const signature = given.slice(prefix.length).trim();
  if (!isOneOf(encoding === 'hex' ? signature.toLowerCase() : signature, wanted)) return refused('its signature is wrong');
  if (!timestamp)
    return {
      kind: 'verified',
      once: null,
      id: null,
      body: { digest: digestOf('body', '', body), untilMs: nowMs + proof.replayWindowMs },
    };
  const signedMs = momentOf(time ?? '');
  const once = { digest: digestOf('once', before, body), untilMs: signedMs + proof.toleranceMs + secondMs };
  return outOfTime(signedMs, proof, nowMs) ?? { kind: 'verified', once, id: null, body: null };
}

/** Unix milliseconds of unix seconds; NaN: it is no time. */
function momentOf(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) * 1_000 : Number.NaN;
}

function outOfTime(signedMs: number, { toleranceMs }: Signed, nowMs: number): NotVerified | null {
  if (Number.isNaN(signedMs))
    return { kind: 'refused', said: 'its time of signing is none: expected unix seconds', isKnown: true };
  const s = Math.round((nowMs - signedMs) / 1_000);
  if (Math.abs(nowMs - signedMs) <= toleranceMs) return null;
  const by = s > 0 ? `${s} s ago` : `${-s} s from now`;
  return {
    kind: 'refused',
    said: `it was signed ${by}, and ${toleranceMs / 1_000} s are allowed: it is a replay, or one of the clocks is wrong`,
    isKnown: true,
  };
}

/** In a time that tells nothing of the secrets: each is compared. */
function isOneOf(given: string | undefined, wanted: readonly string[]): boolean {
  return given !== undefined && wanted.filter((one) => isSame(given, one)).length > 0;
}

function digestOf(kind: 'once' | 'id' | 'body', head: string, body: Buffer = Buffer.alloc(0)): string {
  return `${kind}:${hash('sha256', Buffer.concat([Buffer.from(head), body]), 'base64url')}`;
}

function refused(said: string): NotVerified {
  return { kind: 'refused', said, isKnown: false };
}
