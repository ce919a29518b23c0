import type { Mark, Series, SeriesMetric } from '../../api/schema.ts';
import type { ChartMark, Line } from '../../components/chart.tsx';

/** The lines of a metric's difference, ready to be drawn. */
export type GuardLines = {
  readonly times: readonly number[];
  readonly difference: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly margin: readonly (number | null)[];
  /** The limit is one of the candidate's own value; less stable's it stands beside the difference. */
  readonly limit: readonly (number | null)[];
  readonly unit: SeriesMetric['unit'];
};

/**
 * Takes one metric out of a series. Values begin anew with each step, so lines are broken there: a line across would tell of a
 * change that was none. Pure.
 */
export function guardLines({ points }: Pick<Series, 'points'>, metric: string): GuardLines {
  const lines = { times: [] as number[], difference: [], low: [], high: [], margin: [], limit: [] } as {
    times: number[];
  } & Record<'difference' | 'low' | 'high' | 'margin' | 'limit', (number | null)[]>;
  let since: number | null = null;
  let unit: SeriesMetric['unit'] = 'share';
  const push = (second: number, found: SeriesMetric | null): void => {
    const isKnown = found !== null && found.difference !== null;
    // A share differs by 100 % at most, so a side that nothing bounds yet ends there.
    const [least, most] = found?.unit === 'share' ? [-1, 1] : [null, null];
    lines.times.push(second);
    lines.difference.push(found?.difference ?? null);
    lines.low.push(isKnown ? (found.low ?? least) : null);
    lines.high.push(isKnown ? (found.high ?? most) : null);
    lines.margin.push(found?.margin ?? null);
    lines.limit.push(found && found.limit !== null && found.stable !== null ? found.limit - found.stable : null);
  };
  for (const { second, metrics } of points) {
    const found = metrics.find((one) => one.metric === metric) ?? null;
    if (found) unit = found.unit;
    if (found && since !== null && found.since !== since) push(second - 0.5, null);
    if (found) since = found.since;
    push(second, found);
  }
  return { ...lines, unit };
}

/** How many times the margin or the difference the band may be high in the picture, each way. */
const bandsMax = 5;

/**
 * Lowest and highest value to show. The band is as wide as everything at first and would press all else flat, so it may leave the
 * picture: what matters is the margin, the limit, and the difference with its band as it is now. Pure.
 */
export function guardRange({ difference, low, high, margin, limit }: GuardLines): readonly [number, number] {
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const margins = known(margin);
  const reach = Math.max(...margins.map(Math.abs), ...known(difference).map(Math.abs), 0);
  const within = (value: number) => (reach === 0 ? value : Math.max(-bandsMax * reach, Math.min(bandsMax * reach, value)));
  const newest = [low, high].map((values) => known(values).at(-1)).filter((value) => value !== undefined);
  const wanted = [0, ...known(difference), ...margins, ...newest.map(within)];
  const top = Math.max(...wanted, reach * 1.5);
  const bottom = Math.min(...wanted, -reach);
  // A limit far above everything is said in words.
  const near = known(limit).filter((value) => value < top * 2.5);
  const highest = Math.max(top, ...near);
  const room = (highest - bottom) * 0.08 || 0.01;
  return [bottom - room, highest + room];
}

/** The moments of a series as marks; `name` says what is written at them. Pure. */
export function chartMarks(marks: readonly Mark[], name: (mark: Mark) => string): readonly ChartMark[] {
  return marks.map((mark) => {
    const base = { second: mark.second, label: name(mark) };
    if (mark.kind === 'step') return { ...base, colour: '--muted', width: 1, dash: [3, 3] };
    if (mark.kind === 'abort') return { ...base, colour: '--bad', width: 3, dash: [] };
    // That nothing is decided yet is how every step begins: what the step itself says goes before.
    if (mark.verdict === 'undecided') return { ...base, colour: '--muted', width: 0.75, dash: [1, 3] };
    const colours = { pass: '--ok', fail: '--bad', blind: '--warn' } as const;
    return { ...base, colour: colours[mark.verdict], width: 1.5, dash: [] };
  });
}

export type { Line };
