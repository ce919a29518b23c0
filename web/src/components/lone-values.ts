/** Places of the values with nothing on either side: a line through them has no length, so nothing of it would be seen. */
export function loneValues(values: ArrayLike<number | null | undefined>): number[] {
  const isThere = (place: number): boolean => typeof values[place] === 'number';
  return Array.from(values, (_, place) => place).filter((place) => isThere(place) && !isThere(place - 1) && !isThere(place + 1));
}
