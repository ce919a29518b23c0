import { durationMs } from '../spec/unit-text.ts';

const yearMs = 365 * 86_400_000;

/** A time as programs of others write it (`15d`, `1y2w`, `2160h0m0s`), in milliseconds; null when it is none. */
export function longDurationMs(text: string): number | null {
  const [, years, rest = ''] = /^(?:(\d+)y)?(.*)$/.exec(text.trim()) ?? [];
  const restMs = rest === '' ? 0 : durationMs(rest);
  if ((years === undefined && rest === '') || restMs === undefined) return null;
  return Number(years ?? 0) * yearMs + restMs;
}
