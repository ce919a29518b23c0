import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { messageOf, systemCode } from '../errors.ts';
import { AnswerReader, UnreadableAnswer } from './answer-reader.ts';
import type { LoadError } from './plan.ts';

/** A request under way. Times are milliseconds from the start of the run. */
export type Sending = {
  readonly dueMs: number;
  readonly text: Buffer;
  readonly isHead: boolean;
  /** Doing it twice does no harm. */
  readonly isIdempotent: boolean;
  /** Whoever waits for its end, such as the user who sent it. */
  readonly ended: ((isAnswered: boolean) => void) | null;
  sentMs: number;
  isAgain: boolean;
};

/** Where connections go. */
export type Origin = {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
  readonly insecure: boolean;
};

/** What a connection tells whoever uses it. */
export type ConnectionEvents = {
  now(): number;
  /** The whole answer is there; the connection is idle now, or closes where it is not kept. */
  answered(connection: Connection, sending: Sending, status: number): void;
  /** It is closed. `sending`: what it has not answered; `isFresh`: nothing of the answer had come, on a connection that had worked. */
  closed(connection: Connection, sending: Sending | null, error: LoadError, words: string, isFresh: boolean): void;
  came(bytes: number): void;
};

/** What comes is read into one buffer by all connections of a thread: it is looked at before the next one reads. */
const shared = Buffer.allocUnsafeSlow(65_536);

/** One connection with one request at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #reader = new AnswerReader();
  sending: Sending | null = null;
  #answered = 0;
  #hasBytes = false;
  #isConnected = false;
  #error: { readonly kind: LoadError; readonly words: string } | null = null;

  constructor(origin: Origin, events: ConnectionEvents) {
    this.#events = events;
    const { host, port } = origin;
    const onread = {
      buffer: shared,
      callback: (bytes: number): boolean => {
        this.#take(shared.subarray(0, bytes));
        return true;
      },
    };
    this.#socket = origin.isTls
      ? connectTls({
          host,
          port,
          // An address is no name: no server has to know itself by it.
          ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
          rejectUnauthorized: !origin.insecure,
          ALPNProtocols: ['http/1.1'],
        })
      : connectPlain({ host, port, onread });
    this.#socket.setNoDelay(true);
    if (origin.isTls) this.#socket.on('data', (part: Buffer) => this.#take(part));
    this.#socket.once(origin.isTls ? 'secureConnect' : 'connect', () => {
      this.#isConnected = true;
      this.#write();
    });
    this.#socket.once('error', (error) => {
      this.#error = { kind: kindOf(error, origin.isTls && !this.#isConnected), words: messageOf(error) };
    });
    this.#socket.once('end', () => {
      if (this.sending && this.#reader.endsWithClose) this.#done();
    });
    this.#socket.once('close', () => this.#closed());
  }

  /** Sends a request, as soon as it is connected. */
  send(sending: Sending): void {
    this.sending = sending;
    this.#hasBytes = false;
    this.#reader.begin(sending.isHead);
    if (this.#isConnected) this.#write();
  }

  /** Gives up whatever is under way; it is told as the end of the connection. */
  fail(kind: LoadError, words: string): void {
    this.#error ??= { kind, words };
    this.#socket.destroy();
  }

  /** Closes it without a word. */
  end(): void {
    this.sending = null;
    this.#socket.destroy();
  }

  get isKept(): boolean {
    return this.#reader.isKept;
  }

  #write(): void {
    if (!this.sending) return;
    this.sending.sentMs = this.#events.now();
    this.#socket.write(this.sending.text);
  }

  #take(part: Buffer): void {
    this.#events.came(part.length);
    if (!this.sending) {
      this.#socket.destroy();
      return;
    }
    this.#hasBytes = true;
    try {
      if (this.#reader.take(part)) this.#done();
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      this.fail('unreadable', error.message);
    }
  }

  #done(): void {
    const { sending } = this;
    if (!sending) return;
    this.sending = null;
    this.#answered += 1;
    if (!this.#reader.isKept) this.#socket.destroy();
    this.#events.answered(this, sending, this.#reader.status);
  }

  #closed(): void {
    const { sending } = this;
    this.sending = null;
    const { kind, words } = this.#error ?? {
      kind: 'closed' as const,
      words: 'the server closed the connection before its answer',
    };
    const isFresh = this.#answered > 0 && !this.#hasBytes && (kind === 'closed' || kind === 'reset');
    this.#events.closed(this, sending, kind, words, isFresh);
  }
}

function kindOf(error: unknown, isHandshake: boolean): LoadError {
  const code = systemCode(error) ?? '';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'EADDRNOTAVAIL' || code === 'ENOBUFS') return 'local';
  if (isHandshake || /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO)/.test(code)) return 'tls';
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'other';
}
