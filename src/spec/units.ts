import { z } from 'zod';
import { found } from './issue-text.ts';

const msPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const bytesPerUnit = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;

/** A time span such as `500ms`, `10s`, `1h30m` or `30d`, in integer milliseconds; `undefined` when the text is not one. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d+(ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d|w)/g))
    total += Number(count) * msPerUnit[unit as keyof typeof msPerUnit];
  return Number.isSafeInteger(total) ? total : undefined;
}

/**
 * A percentage such as `10%` or `0.05%` in integer parts per million: 10 % is 100_000. `undefined` when the text is not one or is
 * finer than a part per million. Worked out on the digits, because 99.9 / 100 is not exact in floating point.
 */
export function percentPpm(text: string): number | undefined {
  const found = /^(\d{1,9})(?:\.(\d{1,4}))?%$/.exec(text);
  if (!found) return undefined;
  return Number(found[1]) * 10_000 + Number((found[2] ?? '').padEnd(4, '0'));
}

/** A size such as `64KiB` in bytes; `undefined` when the text is not one. */
export function sizeBytes(text: string): number | undefined {
  const found = /^(\d+)(B|KiB|MiB|GiB)$/.exec(text);
  if (!found) return undefined;
  const total = Number(found[1]) * bytesPerUnit[found[2] as keyof typeof bytesPerUnit];
  return Number.isSafeInteger(total) ? total : undefined;
}

/** A rate such as `1000/s`, `60/m` or `0.5/s` in events per second; `undefined` when the text is not one. */
export function ratePerSecond(text: string): number | undefined {
  const found = /^(\d{1,9}(?:\.\d{1,3})?)\/(s|m)$/.exec(text);
  return found ? Number(found[1]) / (found[2] === 'm' ? 60 : 1) : undefined;
}

/** Writes milliseconds the shortest way that `durationMs` reads back: 90_000 is `1m30s`, 0 is `0s`. */
export function durationText(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / msPerUnit[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * msPerUnit[unit];
  }
  return text === '' ? '0s' : text;
}

/** Writes parts per million as a percentage without a needless zero: 5_000 is `0.5%`. */
export function percentText(ppm: number): string {
  return `${Math.floor(ppm / 10_000)}${
    ppm % 10_000 === 0
      ? ''
      : `.${String(ppm % 10_000)
          .padStart(4, '0')
          .replace(/0+$/, '')}`
  }%`;
}

/** A size for people: `1.5 MB`. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1_000 && unit < units.length - 1; unit += 1) size /= 1_000;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

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
