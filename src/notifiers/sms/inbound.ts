import type { Inbound, InboundAnswer } from '../notifier.ts';
import { hmac, isSame } from '../signature.ts';
import { cut, oneLine } from '../texts.ts';
import { phoneNumber, type SmsConfig } from './schema.ts';
import { readReply } from './text.ts';

const bodyBytesMax = 100_000;

/** Nothing is answered: two programs that answer each other would never end, and each answer is paid for. */
const reply = () => ({ type: 'text/xml', body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' });

/** Reads replies, once the signature has shown that Twilio sent them to this address. */
export function smsVerbs(
  { publicUrl, accountSid }: SmsConfig & { readonly publicUrl: string },
  { url, headers, body }: Inbound,
  authToken: string,
): InboundAnswer {
  if (body.byteLength > bodyBytesMax) return { kind: 'refused', said: 'the request is too long' };
  const fields = new URLSearchParams(body.toString('utf8'));
  const given = headers['x-twilio-signature'] ?? '';
  const isSigned = addresses(publicUrl, url).some((address) => isSame(given, twilioSignature(authToken, address, fields)));
  if (!isSigned) return { kind: 'refused', said: 'the signature is wrong' };
  const [from, id, text] = ['From', 'MessageSid', 'Body'].map((name) => fields.get(name) ?? '');
  const asked = fields.get('AccountSid') === accountSid && phoneNumber.safeParse(from).success ? readReply(text ?? '') : null;
  const verbs = asked && id && from ? [{ ...asked, id, thread: null, person: from, text: cut(oneLine(text ?? ''), 200) }] : [];
  return { kind: 'verbs', verbs, reply };
}

/** What Twilio puts into `X-Twilio-Signature`: HMAC-SHA1 over the whole address and the sorted fields, one after another. */
export function twilioSignature(authToken: string, address: string, fields: URLSearchParams): string {
  const names = [...new Set(fields.keys())].sort();
  const content = names.flatMap((name) => [...new Set(fields.getAll(name))].sort().map((value) => `${name}${value}`)).join('');
  return hmac('sha1', authToken, `${address}${content}`, 'base64');
}

/** The address that was asked, without and with the port that https has anyway: Twilio signs either. */
function addresses(publicUrl: string, path: string): readonly string[] {
  const { protocol, hostname, port } = new URL(publicUrl);
  const bare = `${publicUrl}${path}`;
  if (port !== '') return [bare];
  return [bare, bare.replace(`${protocol}//${hostname}`, `${protocol}//${hostname}:${protocol === 'https:' ? 443 : 80}`)];
}
