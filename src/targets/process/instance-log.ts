import { messageOf } from '../../errors.ts';
import { openLog } from './launching.ts';
import { tailLines } from './log-reading.ts';
import { type LogBounds, rotateLog } from './log-rotation.ts';

const outputBytes = 16_384;

/** The log of one instance, over all of its lives. */
export class InstanceLog {
  readonly #file: string;
  readonly #tell: (line: string) => void;
  #fromByte: number;
  #rotating: Promise<void> | null = null;

  /** @param fromByte - Where the output of the present life begins. */
  constructor(file: string, fromByte: number, tell: (line: string) => void) {
    this.#file = file;
    this.#fromByte = fromByte;
    this.#tell = tell;
  }

  /** Opens it for a new life. The descriptor belongs to the caller. @throws UserError `E_DATA_FOLDER`. */
  open(): { readonly fd: number; readonly size: number } {
    const opened = openLog(this.#file);
    this.#fromByte = opened.size;
    return opened;
  }

  /** Rotates it when it is too large. A failure is told and no more: what runs matters more than its log. */
  rotate(bounds: LogBounds): Promise<void> {
    this.#rotating ??= rotateLog(this.#file, bounds)
      .then((isEmpty) => {
        if (isEmpty) this.#fromByte = 0;
      })
      .catch((error: unknown) => this.#tell(`its log could not be rotated: ${messageOf(error)}`))
      .finally(() => {
        this.#rotating = null;
      });
    return this.#rotating;
  }

  /** Resolves when no rotation is under way. */
  async settled(): Promise<void> {
    await this.#rotating;
  }

  /** The last lines of the present life. Never throws: they are only there to explain an end. */
  output(): readonly string[] {
    try {
      return tailLines(this.#file, this.#fromByte, outputBytes);
    } catch (error) {
      return [`(its log cannot be read: ${messageOf(error)})`];
    }
  }
}
