/** Milliseconds of each unit of time. */
export const msPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
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
