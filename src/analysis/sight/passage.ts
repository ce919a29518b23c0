/** How the logarithm of one part of a mixture grows under a fault. */
export type Growth = {
  /** ln of the part's prior mass. */
  readonly lead: number;
  /** Mean per second. */
  readonly drift: number;
  /** Variance per second, of counts that are new each second. */
  readonly variance: number;
  /** Standard deviation per second of what stays the same all the time: a rate that is known from a finite history only. */
  readonly unsure: number;
};

/** The most that the logarithm may grow in a block of seconds. */
export type Block = { readonly seconds: number; readonly cap: number };

/** Nobody waits longer than a day for a forecast. */
const farthestS = 86_400;

/** Standard normal quantile of 95 %. */
export const z95 = 1.645;

/**
 * Seconds, whole and ≥ 1, after which a mixture of likelihood ratios lies above a threshold with 95 % probability; Infinity when
 * that takes more than a day or never happens.
 *
 * Each part's logarithm is taken as normal (Wald, "Sequential Analysis", 1947, appendix A), its lower 5 % point is added to
 * those of the other parts, because all parts rise and fall with the same counts, and the sum is compared with the threshold.
 * A block that may add no more than its cap grows by the mean of a normal that is cut off there.
 */
export function passageSeconds(growths: readonly Growth[], threshold: number, block: Block): number {
  const crosses = (seconds: number) => lowPoint(growths, seconds, block) >= threshold;
  let high = 1;
  while (!crosses(high)) {
    if (high >= farthestS) return Number.POSITIVE_INFINITY;
    high = Math.min(2 * high, farthestS);
  }
  let low = high / 2;
  while (high - low > 0.5) {
    const middle = (low + high) / 2;
    if (crosses(middle)) high = middle;
    else low = middle;
  }
  return Math.ceil(high);
}

/** ln of the mixture that is exceeded with 95 % probability. */
function lowPoint(growths: readonly Growth[], seconds: number, block: Block): number {
  let sum = 0;
  for (const { lead, drift, variance, unsure } of growths) {
    // The likeliest way to the lower 5 % point: what is unsure all the time and what is new each second give their part of it.
    const whole = Math.sqrt(variance * seconds + (unsure * seconds) ** 2) || 1;
    const slowed = drift - (z95 * unsure * unsure * seconds) / whole;
    const blocks = Math.floor(seconds / block.seconds);
    const rest = seconds - blocks * block.seconds;
    const closed = cut(slowed * block.seconds, variance * block.seconds, block.cap);
    const open = cut(slowed * rest, variance * rest, block.cap);
    const mean = blocks * closed.mean + open.mean;
    const spread = (Math.sqrt(blocks * closed.variance + open.variance) * Math.sqrt(variance * seconds)) / whole;
    sum += Math.exp(Math.min(700, lead + mean - z95 * spread));
  }
  return Math.log(sum);
}

/** Mean and variance of a normal variable that is cut off at a cap (Johnson, Kotz, Balakrishnan, "Continuous Univariate Distributions 1", §13.10). */
function cut(mean: number, variance: number, cap: number): { mean: number; variance: number } {
  const sd = Math.sqrt(variance);
  if (sd < 1e-9) return { mean: Math.min(mean, cap), variance: 0 };
  const a = (cap - mean) / sd;
  if (a > 6) return { mean, variance };
  const below = normalBelow(a);
  const density = Math.exp(-(a * a) / 2) / Math.sqrt(2 * Math.PI);
  const first = mean * below + cap * (1 - below) - sd * density;
  const second = (mean * mean + variance) * below + cap * cap * (1 - below) - sd * (mean + cap) * density;
  return { mean: first, variance: Math.max(0, second - first * first) };
}

/** The standard normal distribution function (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z > 0 ? 1 - tail : tail;
}
