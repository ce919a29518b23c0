import type { IncidentsState } from './fold.ts';

/** Id of the next incident of a service that opens at a moment (unix milliseconds): `checkout-20261129-1`; of none: `rampart-20261129-1`. */
export function incidentId(
  { numbers, incidents }: Pick<IncidentsState, 'numbers' | 'incidents'>,
  service: string | null,
  atMs: number,
): string {
  const day = new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');
  const prefix = `${service ?? 'rampart'}-${day}`;
  let number = (numbers.get(prefix) ?? 0) + 1;
  // The clock may have been on another day meanwhile.
  while (incidents.has(`${prefix}-${number}`)) number += 1;
  return `${prefix}-${number}`;
}
