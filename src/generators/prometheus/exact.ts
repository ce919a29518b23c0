import { type Rational, rational } from '../../slo/rational.ts';

/** An exact fraction as PromQL: a decimal where it has a finite one, else a division. Never a rounded number. */
export function exactly({ n, d }: Rational): string {
  let rest = d;
  let digits = 0;
  for (const prime of [2n, 5n]) {
    let times = 0;
    for (; rest % prime === 0n; rest /= prime) times += 1;
    digits = Math.max(digits, times);
  }
  if (rest !== 1n) return `(${n} / ${d})`;
  if (digits === 0) return String(n);
  const text = String((n * 10n ** BigInt(digits)) / d).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Parts per million as a share: 999_000 is `0.999`. */
export function share(ppm: number): string {
  return exactly(rational(ppm, 1_000_000));
}
