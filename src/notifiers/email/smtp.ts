import { isIP } from 'node:net';
import type { SendMailOptions } from 'nodemailer';
import { messageOf, systemCode } from '../../errors.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import { tlsFailure } from '../../system/http-exchange.ts';
import type { Delivery } from '../notifier.ts';
import { calledOff, isUnreached, type NotDelivered, refused, retry, said, untaken } from '../post.ts';
import type { EmailConfig } from './schema.ts';

/**
 * Hands one mail to the server, over a connection of its own. Never rejects.
 *
 * @param password - Empty: nobody signs in.
 */
export async function sendMail(
  mail: SendMailOptions,
  config: EmailConfig,
  password: string,
  signal: AbortSignal,
): Promise<Delivery> {
  const { host, secure, ca, serverName, auth, within } = config;
  if (signal.aborted) return calledOff;
  const secrets = spellings(auth?.user ?? '', password);
  const late = AbortSignal.timeout(within);
  const name = serverName ?? host;
  try {
    // Nobody else needs it.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port: config.port ?? (secure === 'tls' ? 465 : 587),
      secure: secure === 'tls',
      ...(secure === 'starttls' ? { requireTLS: true } : {}),
      ...(secure === 'none' ? { ignoreTLS: true } : {}),
      ...(auth === undefined
        ? {}
        : {
            // Where it offers no way to sign in, it says no, in place of taking mail from nobody.
            forceAuth: true,
            auth: { user: auth.user, pass: password },
            ...(auth.method === undefined ? {} : { authMethod: auth.method }),
          }),
      tls: {
        minVersion: 'TLSv1.2',
        ...(ca === undefined ? {} : { ca: readSecretFile(ca) }),
        ...(isIP(name) === 0 ? { servername: name } : {}),
      },
      connectionTimeout: within,
      greetingTimeout: within,
      socketTimeout: within,
      socketCloseTimeout: 0,
      allowInternalNetworkInterfaces: true,
      maxResponseSize: 65_536,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const { response } = await transport.sendMail({ ...mail, signal: AbortSignal.any([signal, late]) });
    return { kind: 'delivered', receipt: {}, said: said(`it says ${response}`, secrets) };
  } catch (error) {
    if (signal.aborted) return calledOff;
    if (late.aborted) return retry(`no answer within ${within} ms`);
    return notDelivered(error, secrets);
  }
}

/** By RFC 5321: 4yz is for now, 5yz for good. What never came to an answer may be tried again. */
function notDelivered(error: unknown, secrets: readonly string[]): NotDelivered {
  const { cause, status, command, response } = failureOf(error);
  const code = systemCode(cause) ?? '';
  const at = command === '' || command === 'CONN' ? '' : ` to ${command}`;
  if (code === 'ETLS' && status !== null) return refused(said(`STARTTLS is not offered: it says ${response}`, secrets));
  if (status !== null && status >= 500) {
    const text = said(`it says${at} ${response}`, secrets);
    return command === 'RCPT TO' && isAboutAddress(status, response)
      ? { kind: 'refused', said: text, nobody: true }
      : refused(text);
  }
  if (status !== null && status >= 400) return untaken(said(`it says${at} ${response}`, secrets));
  const found = tlsFailure(cause, 'it', 'ca');
  if (found) return untaken(said(`${found.what}; ${found.fix}`, secrets));
  const shown = code === '' ? '' : `${code} `;
  const text = said(`it cannot be reached: ${shown}(${messageOf(error)})`, secrets);
  return isUnreached(cause) ? untaken(text) : retry(text);
}

/**
 * Whether a no to RCPT TO is about the address (RFC 3463: x.1 and x.2), and not about who asks: a server that relays for nobody says so of every
 * address (5.7.1), and none of them is to blame.
 */
export function isAboutAddress(status: number, response: string): boolean {
  const [, subject] = /^\d{3}[ -]5\.(\d+)\.\d+/.exec(response) ?? [];
  return subject === undefined ? [550, 551, 552, 553].includes(status) : subject === '1' || subject === '2';
}

/** What nodemailer puts onto its errors. */
function failureOf(error: unknown) {
  const given: { responseCode?: unknown; command?: unknown; response?: unknown; originalCode?: unknown } =
    typeof error === 'object' && error !== null ? error : {};
  const { responseCode, command, response, originalCode } = given;
  return {
    // Its own code for whatever the socket says stands before that of the system.
    cause: typeof originalCode === 'string' ? { code: originalCode, message: messageOf(error) } : error,
    status: typeof responseCode === 'number' ? responseCode : null,
    command: typeof command === 'string' ? command : '',
    response: typeof response === 'string' ? response : '',
  };
}

/** The password as it stands in the dialogue. */
function spellings(user: string, password: string): readonly string[] {
  if (password === '') return [];
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return [password, base64(password), base64(`\0${user}\0${password}`)];
}
