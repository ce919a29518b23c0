import type { Socket } from 'node:net';
import type { Text } from '../../spec/text.ts';

/** More than a server says before it encrypts. */
const bytesMax = 65_536;

/** The server does not begin with TLS; the sentence says what it did. */
export class NotOffered extends Error {
  readonly said: Text;
  constructor(said: Text) {
    super('the server does not begin with TLS');
    this.said = said;
  }
}

/**
 * Says what a protocol wants to hear before TLS (RFC 3207; PostgreSQL, "SSL Session Encryption"). The socket has to be closed by
 * whoever waits no longer.
 *
 * @throws NotOffered
 */
export async function askForTls(socket: Socket, protocol: 'smtp' | 'postgres'): Promise<void> {
  if (protocol === 'postgres') {
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    const answer = await read(socket, (text) => text.length > 0);
    // More than the one letter would be data from before the encryption (CVE-2021-23222).
    if (answer !== 'S') throw notOffered(answer, 'TLS');
    return;
  }
  const greeting = await read(socket, isReply);
  if (!greeting.startsWith('220')) throw notOffered(greeting, 'SMTP');
  socket.write('EHLO rampart.invalid\r\n');
  const offers = await read(socket, isReply);
  if (!/^250[ -]STARTTLS\s*$/im.test(offers)) throw notOffered(offers, 'STARTTLS');
  socket.write('STARTTLS\r\n');
  const answer = await read(socket, isReply);
  if (!answer.startsWith('220')) throw notOffered(answer, 'STARTTLS');
}

function notOffered(said: string, what: string): NotOffered {
  const shown = said
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
  return new NotOffered({ en: `the server does not offer ${what}: ${shown}`, ru: `сервер не предлагает ${what}: ${shown}` });
}

/** A whole reply of SMTP: its last line has a space after the number. */
function isReply(text: string): boolean {
  return /^\d{3}( .*)?\r?\n$/m.test(text.slice(text.lastIndexOf('\n', text.length - 2) + 1));
}

function read(socket: Socket, isWhole: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (act: () => void): void => {
      socket.off('data', take).off('error', fail).off('close', closed);
      socket.pause();
      act();
    };
    const take = (part: Buffer): void => {
      text += part.toString('latin1');
      if (isWhole(text)) end(() => resolve(text));
      else if (text.length > bytesMax) end(() => reject(notOffered(text, 'TLS')));
    };
    const fail = (error: Error): void => end(() => reject(error));
    const closed = (): void => end(() => reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })));
    socket.on('data', take).on('error', fail).on('close', closed).resume();
  });
}
