/** An exact fraction. `d` is positive. */
export type Fraction = { readonly n: bigint; readonly d: bigint };

/**
 * A number of a document as it is written there: 0.995 is 995/1000, and not the binary number beside it that a program reckons with.
 *
 * @param value - Finite. The shortest decimal that means it, which is what was written unless that has more than 15 digits.
 */
export function fractionOf(value: number): Fraction {
  const [, sign = '', whole = '0', rest = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const shift = Number(exponent) - rest.length;
  const digits = BigInt(`${sign}${whole}${rest}`);
  return shift >= 0 ? { n: digits * 10n ** BigInt(shift), d: 1n } : { n: digits, d: 10n ** BigInt(-shift) };
}

/** `value · n / d` as a whole number; null when it is none. */
export function wholeOf(value: number, n: bigint, d = 1n): number | null {
  const exact = fractionOf(value);
  const [top, bottom] = [exact.n * n, exact.d * d];
  const quotient = top / bottom;
  return quotient * bottom === top ? Number(quotient) : null;
}
