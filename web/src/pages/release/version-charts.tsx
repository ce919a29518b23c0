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
/** Of the lines of stable, so that they are known without their colour. */
const stableDash = [6, 3];

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
      ...(side === 'stable' ? { dash: stableDash } : {}),
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

type Column = { readonly side: 'candidate' | 'stable'; readonly version: string; readonly values: readonly string[] };

/** The last minute in numbers: a version in a row where it is wide, a version in a column on a phone, which no figure leaves. */
function VersionTable({ release, minute }: { release: Release; minute: Series | undefined }) {
  const { t, f } = useText();
  const points = minute?.points ?? [];
  const newest = points.at(-1);
  const point = newest && newest.seconds < enoughS ? (points.at(-2) ?? newest) : newest;
  const names = [t('signal.rps'), t('signal.errors'), ...quantiles, t('versions.total')];
  const columnOf = (side: Column['side'], version: string): Column => {
    const counts = point?.[side] ?? null;
    const { errors, requests } = release.totals[side];
    return {
      side,
      version,
      values: [
        counts && point ? f.fine(counts.requests / point.seconds) : '–',
        counts && counts.requests > 0 ? f.share(counts.errors / counts.requests) : '–',
        ...quantiles.map((one) => f.ms(counts?.[one] ?? null)),
        t('versions.failed', { errors, n: requests }),
      ],
    };
  };
  const columns = [
    columnOf('candidate', release.version),
    ...(release.stable === null ? [] : [columnOf('stable', release.stable)]),
  ];
  const caption = point ? t('versions.span', { n: point.seconds, time: f.time(point.second * 1_000) }) : t('versions.none');
  return (
    <>
      <div className="versions-wide">
        <Scroll label={t('versions.table')}>
          <table>
            <caption>{caption}</caption>
            <thead>
              <tr>
                <th scope="col">{t('column.version')}</th>
                {names.map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {columns.map((column) => (
                <tr key={column.side}>
                  <th scope="row" className="nowrap">
                    <VersionName {...column} />
                  </th>
                  {names.map((name, index) => (
                    <td key={name} className="number">
                      {column.values[index]}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </div>
      <table className="versions-narrow">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th key={column.side} scope="col" className="number">
                <VersionName {...column} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name, index) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {columns.map(({ side, values }) => (
                <td key={side} className="number">
                  {values[index]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function VersionName({ side, version }: Column) {
  const { t } = useText();
  return (
    <>
      <span className={`swatch ${side}`} /> <span className="mono">{version}</span>
      <span className="seen-by-readers"> {t(`side.${side}`)}</span>
    </>
  );
}
