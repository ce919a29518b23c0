/** How many pods of each version are behind the Service. */
export type Counts = { readonly stable: number; readonly candidate: number };

const none: Counts = { stable: 0, candidate: 0 };

/**
 * The split of `replicas` pods (with a surge: of one more, where that is nearer) that comes nearest to a weight. Between 0 and 100 both
 * versions have at least one, but for a single pod without a surge.
 *
 * @param weight - Percent, 0–100.
 * @see Argo Rollouts, utils/replicaset/canary.go, approximateWeightedCanaryStableReplicaCounts; its test table is ours.
 */
export function replicaSplit(replicas: number, weight: number, maxSurge: number): Counts {
  if (replicas === 0) return none;
  if (weight <= 0) return { stable: replicas, candidate: 0 };
  if (weight >= 100) return { stable: 0, candidate: replicas };
  const mayBeAlone = replicas === 1 && maxSurge === 0;
  let best: (Counts & { readonly distance: number }) | null = null;
  for (const total of maxSurge > 0 ? [replicas, replicas + 1] : [replicas]) {
    const exact = (total * weight) / 100;
    // Where both are equally far, the candidate has more.
    const near = exact % 1 === 0.5 ? [Math.ceil(exact)] : [Math.ceil(exact), Math.floor(exact)];
    for (const candidate of near) {
      const isAlone = candidate === 0 || candidate === total;
      if (isAlone && !mayBeAlone) continue;
      const distance = Math.abs((candidate * 100) / total - weight);
      if (best === null || distance < best.distance) best = { stable: total - candidate, candidate, distance };
    }
  }
  return best ? { stable: best.stable, candidate: best.candidate } : none;
}

/** How many of the pods that there are go behind the Service. A candidate with too few of them has stable's reduced to fit. */
export function countsOf(there: Counts, weight: number): Counts {
  if (weight <= 0) return { stable: there.stable, candidate: 0 };
  if (weight >= 100) return { stable: 0, candidate: there.candidate };
  // Both versions run side by side, so that there is always one more than stable's.
  const split = replicaSplit(there.stable, weight, 1);
  if (split.candidate <= there.candidate) return split;
  const fitting = Math.round((there.candidate * (100 - weight)) / weight);
  return { stable: Math.max(1, Math.min(there.stable, fitting)), candidate: there.candidate };
}

/** The candidate's share in percent; 0 of nothing. */
export function shareOfPods({ stable, candidate }: Counts): number {
  return stable + candidate === 0 ? 0 : Math.round((candidate / (stable + candidate)) * 10_000) / 100;
}
