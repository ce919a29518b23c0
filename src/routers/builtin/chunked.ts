const CR = 13;
const LF = 10;
/** Bytes of chunk extensions and trailers that are skipped before the sender counts as broken. */
const skippedBytesMax = 65_536;

/** What `ChunkedBody.feed` found: more to come, the end (at `ChunkedBody.end`), or something that is not chunked coding. */
export type ChunkedState = 'more' | 'done' | 'bad';

/**
 * Takes chunked coding off a body as it arrives, byte-exact and strict: only CRLF ends a line, a size is 1–8 hex digits.
 * Extensions and trailers are dropped.
 */
export class ChunkedBody {
  /** Index after the last byte of the message in the buffer that ended it. */
  end = 0;
  private state = 0;
  private left = 0;
  private digits = 0;
  private skipped = 0;

  /** Calls `data` for each piece of content, as a view on `bytes`. */
  feed(bytes: Buffer, from: number, data: (piece: Buffer) => void): ChunkedState {
    let i = from;
    while (i < bytes.length) {
      const byte = bytes[i] as number;
      switch (this.state) {
        case 0: {
          const digit = hexDigit(byte);
          if (digit >= 0) {
            if (++this.digits > 8) return 'bad';
            this.left = this.left * 16 + digit;
          } else if (this.digits === 0) return 'bad';
          else if (byte === CR) this.state = 2;
          else if (byte === 59 || byte === 32 || byte === 9) this.state = 1;
          else return 'bad';
          i++;
          break;
        }
        case 1: // chunk extension
          if (byte === CR) this.state = 2;
          else if (byte === LF || ++this.skipped > skippedBytesMax) return 'bad';
          i++;
          break;
        case 2: // LF after the size
          if (byte !== LF) return 'bad';
          this.state = this.left > 0 ? 3 : 6;
          this.digits = 0;
          i++;
          break;
        case 3: {
          const take = Math.min(this.left, bytes.length - i);
          data(bytes.subarray(i, i + take));
          this.left -= take;
          i += take;
          if (this.left === 0) this.state = 4;
          break;
        }
        case 4: // CR after the data
          if (byte !== CR) return 'bad';
          this.state = 5;
          i++;
          break;
        case 5: // LF after the data
          if (byte !== LF) return 'bad';
          this.state = 0;
          i++;
          break;
        case 6: // start of a trailer line, or of the last, empty one
          this.state = byte === CR ? 9 : 7;
          i++;
          break;
        case 7: // inside a trailer
          if (byte === CR) this.state = 8;
          else if (byte === LF || ++this.skipped > skippedBytesMax) return 'bad';
          i++;
          break;
        case 8: // LF after a trailer
          if (byte !== LF) return 'bad';
          this.state = 6;
          i++;
          break;
        default: // LF of the last line
          if (byte !== LF) return 'bad';
          this.end = i + 1;
          return 'done';
      }
    }
    return 'more';
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return -1;
}
