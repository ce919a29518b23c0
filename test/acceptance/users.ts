import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** What users saw, by the version that answered; `none` when no version did. */
export type Seen = Readonly<Record<string, { readonly requests: number; readonly failed: number }>>;

const slotMs = 10;
const timeoutMs = 10_000;
const examplesMax = 20;

/**
 * Users at a port: requests at a fixed rate whatever the answers take (open loop), nobody tries twice, and every one is counted by
 * what its user saw. So a request that anything loses is seen as lost.
 */
export class Users {
  readonly #port: number;
  readonly #perSecond: number;
  readonly #headersOf: (index: number) => Readonly<Record<string, string>>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 128 });
  readonly #seen: Record<string, { requests: number; failed: number }> = {};
  /** When the last request was sent that this version answered (performance.now). */
  readonly lastSentMs: Record<string, number> = {};
  /** Failures in words, the first few. */
  readonly examples: string[] = [];
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  sent = 0;
  answered = 0;

  /** @param headersOf - Headers of the request of this number. */
  constructor(port: number, perSecond: number, headersOf: (index: number) => Readonly<Record<string, string>> = () => ({})) {
    this.#port = port;
    this.#perSecond = perSecond;
    this.#headersOf = headersOf;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - this.#startedMs) / 1_000) * this.#perSecond);
      while (this.sent < due) this.#one();
    }, slotMs);
  }

  /** What was seen so far. */
  get seen(): Seen {
    return structuredClone(this.#seen);
  }

  /** Failures that users saw, whichever version was to blame. */
  get failed(): number {
    return Object.values(this.#seen).reduce((total, { failed }) => total + failed, 0);
  }

  /** Lets every request under way end, and answers with everything that was seen. */
  async stop(): Promise<Seen> {
    clearInterval(this.#timer);
    while (this.answered < this.sent) await new Promise((resolve) => setTimeout(resolve, slotMs));
    this.#agent.destroy();
    return this.seen;
  }

  #one(): void {
    const headers = this.#headersOf(this.sent);
    this.sent += 1;
    const sentMs = performance.now();
    const outgoing = request(
      { agent: this.#agent, host: '127.0.0.1', port: this.#port, headers, timeout: timeoutMs },
      (response) => {
        const status = response.statusCode ?? 0;
        const version = versionIn(response.headers);
        response.resume();
        response.once('error', (error) => this.#done(version, sentMs, error.message));
        response.once('end', () => this.#done(version, sentMs, status === 200 ? null : `status ${status}`));
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.once('error', (error) => this.#done('none', sentMs, error.message));
    outgoing.end();
  }

  #done(version: string, sentMs: number, problem: string | null): void {
    this.answered += 1;
    const seen = (this.#seen[version] ??= { requests: 0, failed: 0 });
    seen.requests += 1;
    this.lastSentMs[version] = Math.max(this.lastSentMs[version] ?? 0, sentMs);
    if (problem === null) return;
    seen.failed += 1;
    if (this.examples.length < examplesMax) this.examples.push(`${version}: ${problem}`);
  }
}

/** One request; its status, the version that answered and its headers. Status 0 when nobody did. */
export function ask(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly version: string }> {
  return new Promise((resolve) => {
    const outgoing = request({ agent: false, host: '127.0.0.1', port, headers, timeout: timeoutMs }, (response) => {
      response.resume();
      response.once('close', () => resolve({ status: response.statusCode ?? 0, version: versionIn(response.headers) }));
    });
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', () => resolve({ status: 0, version: 'none' }));
    outgoing.end();
  });
}

function versionIn(headers: IncomingHttpHeaders): string {
  const version = headers['x-version'];
  return typeof version === 'string' ? version : 'none';
}
