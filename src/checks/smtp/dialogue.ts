import { isIP, type Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { connected } from '../connected.ts';
import type { SmtpConfig } from './schema.ts';

/** A server that says no, or something that is no SMTP. */
export class Refused extends Error {
  /** At which command: `STARTTLS`, `AUTH PLAIN`, `MAIL FROM`. */
  readonly command: string;
  constructor(command: string, said: string, cause?: unknown) {
    super(said, { cause });
    this.command = command;
  }
}

/** A connection that is greeted, and encrypted where it has to be. Every call rejects with `Refused`, or with an error of the system. */
export type Dialogue = {
  readonly socket: Socket;
  login(user: string, password: string, method: string | undefined): Promise<void>;
  /** Names the sender of a mail, and takes it back. */
  sender(address: string): Promise<void>;
  close(): void;
};

/** nodemailer lets whoever signs in by a method of their own send commands; this is not said to the server. */
const senderMethod = 'RAMPART-SENDER';

/**
 * Connects, says EHLO and encrypts. Any certificate is taken: it has to be judged before a password is sent.
 *
 * @param ca - Text of authorities that are trusted; undefined: the usual ones.
 */
export async function dialogue(config: SmtpConfig, ca: string | undefined, signal: AbortSignal): Promise<Dialogue> {
  const { host, port, secure, serverName, hello, within } = config;
  // Nobody else needs it.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const plain = await connected(host, port, signal);
  const name = serverName ?? host;
  let toSender: { readonly status: number; readonly response: string } | undefined;
  let current: ((error: Error) => void) | undefined;
  const connection = new Connection({
    connection: plain,
    host,
    port,
    secure: secure === 'tls',
    ...(secure === 'starttls' ? { requireTLS: true } : {}),
    ...(secure === 'none' ? { ignoreTLS: true } : {}),
    ...(hello === undefined ? {} : { name: hello }),
    tls: {
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(name) === 0 ? { servername: name } : {}),
    },
    connectionTimeout: within,
    greetingTimeout: within,
    socketTimeout: within,
    maxResponseSize: 65_536,
    customAuth: {
      [senderMethod]: async ({ auth, sendCommand }) => {
        toSender = await sendCommand(`MAIL FROM:<${auth.user}>`);
        await sendCommand('RSET');
      },
    },
  });
  connection.on('error', (error: Error) => current?.(refusal(error)));
  connection.on('end', () => current?.(refusal(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }))));
  const said = (act: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      current = reject;
      act((error) => (error ? reject(refusal(error)) : resolve()));
    });
  const close = (): void => {
    connection.close();
    plain.destroy();
  };
  try {
    await said((done) => connection.connect(done));
  } catch (error) {
    close();
    throw error;
  }
  return {
    socket: connection._socket || plain,
    login: (user, password, method) =>
      said((done) => connection.login({ user, pass: password, ...(method === undefined ? {} : { method }) }, done)),
    async sender(address) {
      await said((done) => connection.login({ user: address, method: senderMethod }, done));
      if (!toSender || toSender.status < 200 || toSender.status > 299) throw new Refused('MAIL FROM', toSender?.response ?? '');
    },
    close() {
      connection.quit();
      close();
    },
  };
}

type MailError = Error & Partial<SMTPConnection.SMTPError> & { readonly originalCode?: string };

/** What nodemailer reports, without its own words. */
function refusal(error: MailError): Error {
  if (error instanceof Refused) return error;
  if (error.originalCode !== undefined)
    return Object.assign(new Error(error.message, { cause: error }), { code: error.originalCode });
  const command = error.command === 'CONN' || error.command === undefined ? 'EHLO' : error.command;
  if (error.code === 'EPROTOCOL' || error.response !== undefined)
    return new Refused(command, String(error.response ?? error.message), error);
  if (error.code === 'ECONNECTION') return Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNRESET' });
  return error;
}
