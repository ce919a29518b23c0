/** Largest weight that HAProxy takes. */
const weightMax = 256;

/** Weights of each server of both versions. */
export type Weights = { readonly stable: readonly number[]; readonly candidate: readonly number[] };

/**
 * Weights under which the candidate's servers together get exactly `percent` of the requests. Within a version they are equal where
 * that can be, else they differ by 1; with many servers some have 0, which keeps the share exact.
 *
 * @param percent - Whole, 0 to 100.
 */
export function weightsOf(percent: number, stableServers: number, candidateServers: number): Weights {
  const scale = scaleOf(percent, stableServers, candidateServers);
  return {
    stable: dealt((100 - percent) * scale, stableServers),
    candidate: dealt(percent * scale, candidateServers),
  };
}

function scaleOf(percent: number, stableServers: number, candidateServers: number): number {
  const fits = (total: number, servers: number): boolean => servers === 0 || Math.ceil(total / servers) <= weightMax;
  const isEven = (total: number, servers: number): boolean => servers === 0 || total % servers === 0;
  let scale = 1;
  for (let tried = 1; fits((100 - percent) * tried, stableServers) && fits(percent * tried, candidateServers); tried++) {
    scale = tried;
    if (isEven((100 - percent) * tried, stableServers) && isEven(percent * tried, candidateServers)) break;
  }
  return scale;
}

function dealt(total: number, servers: number): readonly number[] {
  const each = Math.floor(total / Math.max(1, servers));
  const more = total - each * servers;
  return Array.from({ length: servers }, (_, i) => each + (i < more ? 1 : 0));
}
