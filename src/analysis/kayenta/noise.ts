import { normalQuantile } from './normal.ts';

/** Standard normal number for an index (0, 1, 2, …). Must always give the same answer, or a judgement could not be replayed. */
export type Noise = (index: number) => number;

/**
 * Kayenta draws fresh random numbers where both series are constant, so its answer can change from run to run. Here the noise is a
 * function of seed and index: mixed by Murmur3's 32-bit finalizer, taken as the middle of one of 2³² equal parts of (0, 1), and put
 * through the normal quantile. So it is never infinite: |z| < 6.4.
 *
 * @param seed - Any integer; the default sequence of the judge is seed 1.
 * @see Appleby, MurmurHash3 (public domain), `fmix32`.
 */
export function seededNoise(seed: number): Noise {
  const start = mixed(seed | 0);
  return (index) => normalQuantile((mixed((start + Math.imul(index + 1, 0x9e3779b9)) | 0) + 0.5) / 2 ** 32);
}

/** The judge's noise unless it is given another. */
export const defaultNoise: Noise = seededNoise(1);

function mixed(bits: number): number {
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
