/** An exact fraction in lowest terms: budgets are compared with events one by one, and no float may decide. `d` is positive. */
export type Rational = { readonly n: bigint; readonly d: bigint };

/** The fraction `n / d`. @throws RangeError when `d` is 0. */
export function rational(n: bigint | number, d: bigint | number = 1): Rational {
  const [top, bottom] = [BigInt(n), BigInt(d)];
  if (bottom === 0n) throw new RangeError('a fraction with 0 below');
  const sign = bottom < 0n ? -1n : 1n;
  const divisor = greatestCommonDivisor(abs(top), abs(bottom));
  return { n: (sign * top) / divisor, d: (sign * bottom) / divisor };
}

export const one = rational(1);

export function plus(a: Rational, b: Rational): Rational {
  return rational(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function minus(a: Rational, b: Rational): Rational {
  return rational(a.n * b.d - b.n * a.d, a.d * b.d);
}

export function times(a: Rational, b: Rational): Rational {
  return rational(a.n * b.n, a.d * b.d);
}

/** @throws RangeError when `b` is 0. */
export function over(a: Rational, b: Rational): Rational {
  return rational(a.n * b.d, a.d * b.n);
}

/** Negative: `a` is less; 0: equal; positive: more. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The nearest number, for people and charts. */
export function toNumber({ n, d }: Rational): number {
  // Whole part and rest apart: both sides of a fraction may be larger than any number can hold exactly.
  const whole = n / d;
  return Number(whole) + Number(n - whole * d) / Number(d);
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y > 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
