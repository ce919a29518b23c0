import type { Language } from '../analysis/sentence.ts';
import type { PhaseName } from '../release/phase-name.ts';
import { phaseName } from '../release/phase-name.ts';
import type { ServiceState } from '../release/types.ts';
import type { Gauge } from '../signals/types.ts';
import { doing } from './doing.ts';
import { type Health, health, healthLevels } from './health.ts';
import { type Need, needs } from './needs.ts';
import { releaseWeight } from './release-weight.ts';
import type { Signals } from './signals.ts';

/** Every service on one page. Times are unix milliseconds. */
export type Overview = {
  /** When it was made: a browser's clock may be wrong. */
  readonly nowMs: number;
  /** What needs a person first. */
  readonly services: readonly OverviewRow[];
};

export type OverviewRow = {
  readonly name: string;
  readonly owner: string | null;
  readonly stable: { readonly version: string; readonly sinceMs: number } | null;
  readonly live: {
    readonly id: string;
    readonly version: string;
    readonly state: PhaseName;
    readonly doing: string;
    /** Percent of requests that the candidate has by plan. */
    readonly weight: number;
    readonly by: string;
  } | null;
  readonly health: Health;
  readonly signals: Signals | null;
  readonly needs: readonly Need[];
};

/** One service in a line at a moment (unix milliseconds). */
export function overviewRow(
  state: ServiceState,
  signals: Signals | null,
  gauges: readonly Gauge[],
  nowMs: number,
  language: Language,
): OverviewRow {
  const { stable, live } = state;
  const how = health(state, signals, gauges, nowMs, language);
  return {
    name: state.name,
    owner: stable?.spec.owner ?? live?.spec.owner ?? null,
    stable: stable && { version: stable.version, sinceMs: stable.sinceMs },
    live: live && {
      id: live.id,
      version: live.version,
      state: phaseName(live),
      doing: doing(live, language),
      weight: releaseWeight(live, state),
      by: live.by,
    },
    health: how,
    signals,
    needs: needs(state, how, nowMs, language),
  };
}

/** Rows in the order in which somebody on call wants to read them: what needs a person, then by health, then what moves, then by name. */
export function inOrder(rows: readonly OverviewRow[]): readonly OverviewRow[] {
  const rank = ({ needs: wanted, health: { level }, live }: OverviewRow): readonly number[] => [
    wanted.length > 0 ? 0 : 1,
    healthLevels.indexOf(level),
    live === null ? 1 : 0,
  ];
  return rows.toSorted((a, b) => {
    const [one, other] = [rank(a), rank(b)];
    for (const [index, value] of one.entries()) if (value !== other[index]) return value - (other[index] ?? 0);
    return a.name < b.name ? -1 : 1;
  });
}
