import type { GoldenSignal, SignalGroup, SignalPoint } from '../../api/types.ts';
import type { Line } from '../../components/chart.tsx';

/** A chart of a golden signal: its lines, and the signal whose levels stand in it. */
export type GroupChart = {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly leveled: GoldenSignal | null;
  readonly unit: GoldenSignal['unit'];
  readonly of: string | null;
  readonly leastTop: number;
};

/** Lines of one chart that are told apart by their colours and dashes. */
const looks: readonly Pick<Line, 'colour' | 'dash'>[] = [
  { colour: '--stable' },
  { colour: '--candidate', dash: [6, 3] },
  { colour: '--ok', dash: [2, 3] },
  { colour: '--info', dash: [10, 4] },
  { colour: '--muted', dash: [4, 4] },
];

export type ChartTitles = {
  readonly latency: string;
  readonly requests: string;
  readonly byMethod: string;
  readonly byStatus: string;
  readonly errors: string;
  readonly byClass: string;
  readonly classOf: (name: string) => string;
};

/** The charts of one of the four signals, over the moments of the points. Pure. */
export function groupCharts(group: SignalGroup, points: readonly SignalPoint[], titles: ChartTitles): readonly GroupChart[] {
  const { signals } = group;
  const named = (name: string): GoldenSignal | null => signals.find((signal) => signal.name === name) ?? null;
  const line = (label: string, look: number, value: (point: SignalPoint) => number | null): Line => ({
    label,
    ...(looks[look % looks.length] ?? { colour: '--stable' }),
    values: points.map(value),
  });
  const rates = (title: string, by: (point: SignalPoint) => Readonly<Record<string, number>> | null): readonly GroupChart[] => {
    const keys = largestKeys(points.map(by));
    if (keys.length === 0) return [];
    // What is not among the keys of a moment was not there in it; where nothing is known there is a gap.
    const lines = keys.map((key, index) => line(key, index, (point) => (by(point) === null ? null : (by(point)?.[key] ?? 0))));
    return [{ title, lines, leveled: null, unit: 'number', of: null, leastTop: 1 }];
  };
  switch (group.group) {
    case 'latency':
      return [
        {
          title: titles.latency,
          lines: [line('p50', 3, ({ p50 }) => p50), line('p95', 0, ({ p95 }) => p95), line('p99', 1, ({ p99 }) => p99)],
          leveled: named('latencyP95'),
          unit: 'ms',
          of: null,
          leastTop: 10,
        },
      ];
    case 'traffic':
      return [
        {
          title: titles.requests,
          lines: [line(titles.requests, 0, ({ requests, seconds }) => requests / Math.max(1, seconds))],
          leveled: null,
          unit: 'number',
          of: null,
          leastTop: 1,
        },
        ...rates(titles.byMethod, ({ byMethod }) => byMethod),
        ...rates(titles.byStatus, ({ byStatus }) => byStatus),
      ];
    case 'errors': {
      const classes = largestKeys(points.map(({ errorsByClass }) => errorsByClass));
      return [
        {
          title: titles.errors,
          lines: [
            {
              label: titles.errors,
              colour: '--bad',
              values: points.map(({ requests, errors }) => (requests === 0 ? null : errors / requests)),
            },
          ],
          leveled: named('errors'),
          unit: 'share',
          of: null,
          leastTop: 0.01,
        },
        ...(classes.length === 0
          ? []
          : [
              {
                title: titles.byClass,
                lines: classes.map((name, index) =>
                  line(
                    titles.classOf(name),
                    index,
                    ({ errorsByClass, seconds }) => (errorsByClass[name] ?? 0) / Math.max(1, seconds),
                  ),
                ),
                leveled: null,
                unit: 'number' as const,
                of: null,
                leastTop: 1,
              },
            ]),
      ];
    }
    case 'saturation':
      return signals
        .filter(({ value }) => value !== null)
        .map((signal) => ({
          title: signal.title,
          lines: [line(signal.title, 0, ({ gauges }) => gauges[signal.name] ?? null)],
          leveled: signal,
          unit: signal.unit,
          of: signal.of,
          leastTop: signal.unit === 'share' ? 0.1 : 1,
        }));
  }
}

/** The keys that have the most in sum, at most as many as there are looks. */
function largestKeys(all: readonly (Readonly<Record<string, number>> | null)[]): readonly string[] {
  const sums = new Map<string, number>();
  for (const one of all) for (const [key, value] of Object.entries(one ?? {})) sums.set(key, (sums.get(key) ?? 0) + value);
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, looks.length)
    .map(([key]) => key)
    .sort();
}
