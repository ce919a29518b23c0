import type { Series } from '../../api/schema.ts';

/** The candidate's share of requests (0–1) as it was measured. */
export type Split = {
  readonly share: number;
  readonly candidate: number;
  readonly all: number;
  readonly seconds: number;
};

/** Long enough that chance does not make it jump, short enough to follow a new weight. */
const windowS = 10;

/**
 * What was measured in the newest seconds that had the weight of the last one: across a change of weight a mean says nothing. Pure.
 *
 * @returns null without any request.
 */
export function measuredSplit({ points, every }: Pick<Series, 'points' | 'every'>): Split | null {
  const last = points.at(-1);
  if (!last) return null;
  let candidate = 0;
  let all = 0;
  let seconds = 0;
  for (const point of points.slice(-Math.max(1, windowS / every)).reverse()) {
    if (point.weight !== last.weight || point.step !== last.step) break;
    candidate += point.candidate?.requests ?? 0;
    all += (point.candidate?.requests ?? 0) + (point.stable?.requests ?? 0);
    seconds += point.seconds;
  }
  return all === 0 ? null : { share: candidate / all, candidate, all, seconds };
}
