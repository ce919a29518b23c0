import { meanLog } from './evidence.ts';
import type { Edge } from './latency.ts';
import { amber, amberMaxS } from './rules.ts';
import type { GuardState } from './state.ts';

/** Whether evidence is too strong for more traffic and too weak to go back; for ten minutes of a step at most. */
export function isDoubtful(state: GuardState, log: number): boolean {
  return log > amber && state.amberS < amberMaxS;
}

/** The strongest evidence of any comparison with the concurrent stable. */
export function highestLog(state: GuardState): number {
  let highest = state.errors.tiers[0]?.concurrent.log ?? 0;
  for (const { comparison } of state.classes) highest = Math.max(highest, comparison.tiers[0]?.concurrent.log ?? 0);
  for (const { edges } of state.latency) if (edges) highest = Math.max(highest, concurrentLog(edges));
  for (const metric of state.metrics) {
    const log = metric.kind === 'ratio' ? metric.ratio.comparison?.tiers[0]?.concurrent.log : metric.gauge.evidence.log;
    highest = Math.max(highest, log ?? 0);
  }
  return highest;
}

/** ln of the evidence of all edges of a latency metric together. */
export function concurrentLog(edges: readonly Edge[]): number {
  return meanLog(edges.map(({ comparison }) => comparison.tiers[0]?.concurrent.log ?? 0));
}
