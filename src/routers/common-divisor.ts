/** The greatest number that divides both; whole numbers from 0 on, and the other one when one of them is 0. */
export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
