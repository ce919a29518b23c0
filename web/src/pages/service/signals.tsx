import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { signalsQuery } from '../../api/queries.ts';
import type { Service, SignalPoint, SignalSeries } from '../../api/types.ts';
import { Chart, type ChartMark, type Line } from '../../components/chart.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { TableBehind } from '../../components/table-behind.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

const resolutions = [10, 60] as const;
const rowsMax = 20;

/** The golden signals of a service over time, with its releases as marks. */
export function SignalCharts({ service }: { service: Service }) {
  const { t, f } = useText();
  const [every, setEvery] = useState<10 | 60>(10);
  const signals = useQuery(signalsQuery(service.name, every));
  const points = signals.data?.points ?? [];
  const times = points.map(({ from }) => from);
  const marks = useMemo(() => marksOf(signals.data), [signals.data]);
  const line = (label: string, colour: string, value: (point: SignalPoint) => number | null, dash?: readonly number[]): Line => ({
    label,
    colour,
    values: points.map(value),
    ...(dash ? { dash } : {}),
  });
  const charts: readonly {
    readonly title: string;
    readonly lines: readonly Line[];
    readonly write: (value: number) => string;
    readonly leastTop: number;
  }[] = [
    {
      title: t('signal.rps'),
      lines: [line(t('signal.rps'), '--stable', ({ requests, seconds }) => requests / Math.max(1, seconds))],
      write: f.fine,
      leastTop: 1,
    },
    {
      title: t('signal.errors'),
      lines: [line(t('signal.errors'), '--bad', ({ requests, errors }) => (requests === 0 ? null : errors / requests))],
      write: f.share,
      leastTop: 0.01,
    },
    {
      title: t('signal.latency.plain'),
      lines: [
        line('p50', '--ok', ({ p50 }) => p50, [2, 3]),
        line('p95', '--stable', ({ p95 }) => p95),
        line('p99', '--candidate', ({ p99 }) => p99, [6, 3]),
      ],
      write: f.ms,
      leastTop: 10,
    },
    {
      title: t('signal.cpu'),
      lines: [line(t('signal.cpu'), '--info', ({ cpuShare }) => cpuShare)],
      write: f.share,
      leastTop: 0.1,
    },
  ];
  return (
    <section className="card" aria-labelledby="signals">
      <div className="card-head">
        <h2 id="signals">{t('signals.title')}</h2>
        <div className="row">
          <Link to="/services/$name/signals" params={{ name: service.name }}>
            {t('signals.all')}
          </Link>
          <Resolution every={every} onChange={setEvery} />
        </div>
      </div>
      {signals.error ? <ProblemNote error={signals.error} /> : null}
      {signals.data && points.length === 0 ? <p className="muted">{t('signals.none')}</p> : null}
      {points.length > 0 ? (
        <>
          <div className="signal-charts">
            {charts.map(({ title, lines, write, leastTop }) => (
              <figure key={title}>
                <figcaption className="figure-head">
                  <h3>{title}</h3>
                </figcaption>
                <Chart times={times} lines={lines} marks={marks} write={write} leastTop={leastTop} height={160} />
              </figure>
            ))}
          </div>
          <SignalTable points={points} />
        </>
      ) : null}
    </section>
  );
}

/** Seconds for each point of the charts. */
export function Resolution({ every, onChange }: { every: 10 | 60; onChange: (every: 10 | 60) => void }) {
  const { t } = useText();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; these change what is shown at once.
    <div className="row metrics" role="group" aria-label={t('signals.every')}>
      {resolutions.map((one) => (
        <button key={one} type="button" className="button small" aria-pressed={one === every} onClick={() => onChange(one)}>
          {t('signals.seconds', { n: one })}
        </button>
      ))}
    </div>
  );
}

/** A release is marked where it ended, as it ended; one under way, where it began. Pure. */
export function marksOf(signals: SignalSeries | undefined): readonly ChartMark[] {
  return (signals?.releases ?? []).map(({ version, fromMs, toMs, outcome }) => {
    const colour = outcome === 'succeeded' ? '--ok' : outcome === 'rolled-back' || outcome === 'rejected' ? '--bad' : '--muted';
    const sign = outcome === 'succeeded' ? '✓ ' : outcome === null ? '▸ ' : '✗ ';
    return {
      second: (toMs ?? fromMs) / 1_000,
      label: `${sign}${version}`,
      colour,
      width: 1.5,
      dash: outcome === null ? [3, 3] : [],
    };
  });
}

/** The newest points as a table: what the charts show, for whoever does not see them. */
export function SignalTable({ points }: { points: readonly SignalPoint[] }) {
  const { t, f } = useText();
  return (
    <TableBehind
      label={t('signals.table')}
      table={() => (
        <table>
          <TableHead
            columns={[
              t('column.time'),
              ...[t('signal.rps'), t('signal.errors'), 'p50', 'p95', 'p99', t('signal.cpu'), t('signal.memory')].map(
                (number) => ({ number }),
              ),
            ]}
          />
          <tbody>
            {points.slice(-rowsMax).map((point) => (
              <tr key={point.from}>
                <td className="nowrap">{f.time(point.from * 1_000)}</td>
                <td className="number">{f.fine(point.requests / Math.max(1, point.seconds))}</td>
                <td className="number">{point.requests === 0 ? '–' : f.share(point.errors / point.requests)}</td>
                <td className="number">{f.ms(point.p50)}</td>
                <td className="number">{f.ms(point.p95)}</td>
                <td className="number">{f.ms(point.p99)}</td>
                <td className="number">{f.coarseShare(point.cpuShare)}</td>
                <td className="number">{f.bytes(point.memoryBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    />
  );
}
