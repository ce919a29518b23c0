/** Longest head of an answer. */
const headMax = 65_536;

/** What a server sent is no answer in HTTP/1.1. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = 0x0a;

/**
 * Reads answers in HTTP/1.1 as they come, one after the other, and keeps nothing of their bodies: only where an answer ends is of
 * interest, and it has to be found at tens of thousands a second.
 */
export class AnswerReader {
  status = 0;
  /** Whether another request may follow on the connection. */
  isKept = true;
  #state: 'head' | 'length' | 'chunk-size' | 'chunk' | 'trailer' | 'until-close' | 'done' = 'head';
  #left = 0;
  #held: Buffer | null = null;
  #isHead = false;

  /** A request has been sent. `isHead`: its answer has no body, whatever it says. */
  begin(isHead: boolean): void {
    this.#state = 'head';
    this.#isHead = isHead;
    this.#held = null;
    this.status = 0;
  }

  /**
   * Takes what has come, and answers whether the answer is complete.
   *
   * @throws UnreadableAnswer
   */
  take(given: Buffer): boolean {
    let part = given;
    if (this.#held) {
      part = Buffer.concat([this.#held, given]);
      this.#held = null;
    }
    let at = 0;
    while (at < part.length || this.#state === 'done') {
      switch (this.#state) {
        case 'head': {
          const end = part.indexOf(headEnd, at);
          if (end < 0) return this.#hold(part, at);
          this.#takeHead(part.toString('latin1', at, end + 2));
          at = end + 4;
          break;
        }
        case 'length': {
          const taken = Math.min(this.#left, part.length - at);
          at += taken;
          this.#left -= taken;
          if (this.#left === 0) this.#state = 'done';
          break;
        }
        case 'chunk-size': {
          const end = part.indexOf(lineEnd, at);
          if (end < 0) return this.#hold(part, at);
          const size = /^([0-9a-fA-F]{1,12})[ \t]*(;[^\r]*)?\r?$/.exec(part.toString('latin1', at, end));
          if (!size) throw new UnreadableAnswer('a chunk has no size');
          at = end + 1;
          const bytes = Number.parseInt(size[1] ?? '', 16);
          // The line end behind its bytes belongs to it.
          this.#left = bytes + 2;
          this.#state = bytes === 0 ? 'trailer' : 'chunk';
          break;
        }
        case 'chunk': {
          const taken = Math.min(this.#left, part.length - at);
          at += taken;
          this.#left -= taken;
          if (this.#left === 0) this.#state = 'chunk-size';
          break;
        }
        case 'trailer': {
          const end = part.indexOf(lineEnd, at);
          if (end < 0) return this.#hold(part, at);
          const isEmpty = end - at <= 1;
          at = end + 1;
          if (isEmpty) this.#state = 'done';
          break;
        }
        case 'until-close':
          return false;
        case 'done':
          if (at < part.length) throw new UnreadableAnswer('more came than was asked for');
          return true;
      }
    }
    return false;
  }

  /** The server has closed the connection: whether that was the end of the answer. */
  get endsWithClose(): boolean {
    return this.#state === 'until-close';
  }

  #hold(part: Buffer, at: number): false {
    if (part.length - at > headMax) throw new UnreadableAnswer('the head of an answer is too long');
    // The buffer may be used again for what comes next.
    this.#held = Buffer.from(part.subarray(at));
    return false;
  }

  #takeHead(head: string): void {
    const start = /^HTTP\/1\.([01]) ([1-5]\d\d)[ \r]/.exec(head);
    if (!start) throw new UnreadableAnswer('what came is no answer in HTTP/1.1');
    this.status = Number(start[2]);
    // An interim answer: the one that counts comes behind it.
    if (this.status < 200 && this.status !== 101) return;
    this.isKept =
      start[1] === '1' ? !/\r\nconnection:[^\r]*\bclose\b/i.test(head) : /\r\nconnection:[^\r]*\bkeep-alive\b/i.test(head);
    if (this.#isHead || this.status === 204 || this.status === 304) {
      this.#state = 'done';
      return;
    }
    if (/\r\ntransfer-encoding:[^\r]*\bchunked\b/i.test(head)) {
      this.#state = 'chunk-size';
      return;
    }
    const length = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r/i.exec(head);
    if (!length) {
      this.isKept = false;
      this.#state = 'until-close';
      return;
    }
    this.#left = Number(length[1]);
    this.#state = this.#left === 0 ? 'done' : 'length';
  }
}
