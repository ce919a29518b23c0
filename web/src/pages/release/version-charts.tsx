import { useState } from 'react';
import type { PointCounts, Series } from '../../api/schema.ts';
import type { Release } from '../../api/types.ts';
import { Chart, type Line } from '../../components/chart.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { useText } from '../../text.tsx';

type Quantile = 'p50' | 'p95' | 'p99';
const quantiles: readonly Quantile[] = ['p50', 'p95', 'p99'];
/** A point of the last minute that has only just begun says too little. */
const enoughS = 10;

/** Requests, errors and latency of each version: as numbers, and over the release. */
export function VersionCharts({ release, series, minute }: { release: Release; series: Series; minute: Series | undefined }) {
  const { t, f } = useText();
  const [quantile, setQuantile] = useState<Quantile>('p95');
  const times = series.points.map(({ second }) => second);
  const linesOf = (value: (counts: PointCounts, seconds: number) => number | null): readonly Line[] => {
    const sides = release.stable === null ? (['candidate'] as const) : (['candidate', 'stable'] as const);
    return sides.map((side) => ({
      label: side === 'candidate' ? release.version : (release.stable ?? ''),
      colour: `--${side}`,
      values: series.points.map((point) => (point[side] ? value(point[side], point.seconds) : null)),
    }));
  };
  return (
    <section className="card stack" aria-labelledby="versions">
      <h2 id="versions">{t('versions.title')}</h2>
      <VersionTable release={release} minute={minute} />
      <div className="small-charts">
        <figure>
          <figcaption className="figure-head">
            <h3>{t('signal.rps')}</h3>
          </figcaption>
          <Chart times={times} lines={linesOf(({ requests }, seconds) => requests / seconds)} write={f.fine} height={150} />
        </figure>
        <figure>
          <figcaption className="figure-head">
            <h3>{t('signal.errors')}</h3>
          </figcaption>
          <Chart
            times={times}
            lines={linesOf(({ requests, errors }) => (requests === 0 ? null : errors / requests))}
            write={f.share}
            leastTop={0.01}
            height={150}
          />
        </figure>
        <figure>
          <figcaption className="figure-head">
            <h3>{t('signal.latency.plain')}</h3>
            {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; these change what is shown at once. */}
            <div className="row metrics" role="group" aria-label={t('signal.quantile')}>
              {quantiles.map((one) => (
                <button
                  key={one}
                  type="button"
                  className="button small"
                  aria-pressed={one === quantile}
                  onClick={() => setQuantile(one)}
                >
                  {one}
                </button>
              ))}
            </div>
          </figcaption>
          <Chart times={times} lines={linesOf((counts) => counts[quantile])} write={f.ms} leastTop={10} height={150} />
        </figure>
      </div>
    </section>
  );
}

function VersionTable({ release, minute }: { release: Release; minute: Series | undefined }) {
  const { t, f } = useText();
  const points = minute?.points ?? [];
  const newest = points.at(-1);
  const point = newest && newest.seconds < enoughS ? (points.at(-2) ?? newest) : newest;
  const sides = [
    { side: 'candidate' as const, version: release.version, totals: release.totals.candidate },
    ...(release.stable === null ? [] : [{ side: 'stable' as const, version: release.stable, totals: release.totals.stable }]),
  ];
  return (
    <Scroll label={t('versions.table')}>
      <table>
        <caption>
          {point ? t('versions.span', { n: point.seconds, time: f.time(point.second * 1_000) }) : t('versions.none')}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('column.version')}</th>
            <th scope="col" className="number">
              {t('signal.rps')}
            </th>
            <th scope="col" className="number">
              {t('signal.errors')}
            </th>
            {quantiles.map((one) => (
              <th key={one} scope="col" className="number">
                {one}
              </th>
            ))}
            <th scope="col" className="number">
              {t('versions.total')}
            </th>
          </tr>
        </thead>
        <tbody>
          {sides.map(({ side, version, totals }) => {
            const counts = point?.[side] ?? null;
            return (
              <tr key={side}>
                <th scope="row" className="nowrap">
                  <span className={`swatch ${side}`} /> <span className="mono">{version}</span>
                  <span className="seen-by-readers"> {t(`side.${side}`)}</span>
                </th>
                <td className="number">{counts && point ? f.fine(counts.requests / point.seconds) : '–'}</td>
                <td className="number">{counts && counts.requests > 0 ? f.share(counts.errors / counts.requests) : '–'}</td>
                {quantiles.map((one) => (
                  <td key={one} className="number">
                    {f.ms(counts?.[one] ?? null)}
                  </td>
                ))}
                <td className="number">{t('versions.failed', { errors: totals.errors, n: totals.requests })}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
