import { z } from 'zod';
import { found } from './issue-text.ts';
import { durationMs, durationText, msPerUnit, percentPpm, percentText, ratePerSecond, sizeBytes } from './unit-text.ts';

/** Text that `read` turns into a number within bounds; the error names an example. */
function unit(
  what: string,
  pattern: string,
  example: string,
  read: (text: string) => number | undefined,
  min: number,
  max: number,
  show: (value: number) => string,
) {
  const expected = `expected ${what} such as ${example}`;
  return z
    .string({ error: ({ input }) => (input === undefined ? expected : `${expected}, found ${found(input)}`) })
    .meta({ pattern, examples: [example] })
    .transform((text, context) => {
      const value = read(text);
      if (value === undefined) {
        const negative = text.startsWith('-') && read(text.slice(1)) !== undefined;
        const message = negative ? `expected ${what} that is not negative` : expected;
        context.addIssue({ code: 'custom', message: `${message}, found ${found(text)}` });
        return z.NEVER;
      }
      if (value < min || value > max) {
        context.addIssue({ code: 'custom', message: `expected ${what} from ${show(min)} to ${show(max)}, found ${text}` });
        return z.NEVER;
      }
      return value;
    });
}

/** A time span in a document (`30s`), parsed to milliseconds within the bounds. */
export function duration(bounds: { minMs?: number; maxMs?: number; example?: string } = {}) {
  return unit(
    'a duration',
    '^(\\d+(ms|s|m|h|d|w))+$',
    bounds.example ?? '30s',
    durationMs,
    bounds.minMs ?? 0,
    bounds.maxMs ?? 366 * msPerUnit.d,
    durationText,
  );
}

/** A percentage in a document (`0.5%`), parsed to parts per million within the bounds. */
export function percent(bounds: { minPpm?: number; maxPpm?: number; example?: string } = {}) {
  return unit(
    'a percentage',
    '^\\d+(\\.\\d{1,4})?%$',
    bounds.example ?? '10%',
    percentPpm,
    bounds.minPpm ?? 0,
    bounds.maxPpm ?? 1_000_000,
    percentText,
  );
}

/** A size in a document (`1MiB`), parsed to bytes within the bounds. */
export function size(bounds: { minBytes?: number; maxBytes?: number } = {}) {
  return unit(
    'a size',
    '^\\d+(B|KiB|MiB|GiB)$',
    '1MiB',
    sizeBytes,
    bounds.minBytes ?? 0,
    bounds.maxBytes ?? Number.MAX_SAFE_INTEGER,
    (bytes) => `${bytes}B`,
  );
}

/** A rate in a document (`1000/s`), parsed to events per second within the bounds. */
export function rate(bounds: { min: number; max: number }) {
  return unit(
    'a rate',
    '^\\d{1,9}(\\.\\d{1,3})?/(s|m)$',
    '1000/s',
    ratePerSecond,
    bounds.min,
    bounds.max,
    (perSecond) => `${perSecond}/s`,
  );
}

/** `127.0.0.1:8080` in a document, parsed to host and port. Port 0 asks for a free one. */
export function listenAddress() {
  return z
    .string({
      error: ({ input }) => `expected HOST:PORT such as 127.0.0.1:8080${input === undefined ? '' : `, found ${found(input)}`}`,
    })
    .meta({ examples: ['127.0.0.1:8080'] })
    .transform((text, context) => {
      const parts = /^(\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):(\d{1,5})$/.exec(text);
      const port = Number(parts?.[2]);
      if (!parts || port > 65_535) {
        context.addIssue({ code: 'custom', message: `expected HOST:PORT such as 127.0.0.1:8080, found ${found(text)}` });
        return z.NEVER;
      }
      return { host: (parts[1] ?? '').replace(/^\[|\]$/g, ''), port };
    });
}
