/** Numbers as people read them. Written by hand: the words must not depend on the machine's locale. */

/** `3900` → `3,900`. Whole numbers. */
export function thousands(n: number): string {
  const digits = String(Math.round(n));
  if (digits.length < 4) return digits;
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** ln of evidence → `3,900 : 1`, two digits that count; beyond a million it is only said to be more. */
export function oddsText(log: number): string {
  if (log > Math.log(1e6)) return 'more than 1,000,000 : 1';
  const ratio = Math.exp(Math.max(0, log));
  if (ratio < 10) return `${ratio.toFixed(1)} : 1`;
  const unit = 10 ** (Math.floor(Math.log10(ratio)) - 1);
  return `${thousands(Math.round(ratio / unit) * unit)} : 1`;
}

/** Parts per million → `5 %`, `0.05 %`. */
export function percentText(ppm: number): string {
  return `${Number((ppm / 10_000).toFixed(4))} %`;
}

/** Milliseconds → `500ms`, `2.5s`. */
export function durationText(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(2))}s`;
  return `${Number(ms.toPrecision(3))}ms`;
}

/** Seconds as a span of waiting: `45 s`, `3 min`, `2 h`. */
export function spanText(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7200) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3600)} h`;
}

/** 950_000 → `p95`, 999_000 → `p99.9`. */
export function quantileText(ppm: number): string {
  return `p${Number((ppm / 10_000).toFixed(4))}`;
}

/** A level in its own unit, four digits that count: `81.25`, `12,345`. */
export function levelText(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return Math.abs(rounded) >= 10_000 && Number.isInteger(rounded)
    ? `${rounded < 0 ? '-' : ''}${thousands(Math.abs(rounded))}`
    : `${rounded}`;
}
