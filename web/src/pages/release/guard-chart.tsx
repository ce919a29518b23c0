import { useMemo, useState } from 'react';
import type { Mark, Series, SeriesMetric } from '../../api/schema.ts';
import type { ReleaseStep } from '../../api/types.ts';
import { Chart, type Line } from '../../components/chart.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { TableBehind } from '../../components/table-behind.tsx';
import { useText } from '../../text.tsx';
import { chartMarks, guardLines, guardRange } from './guard-lines.ts';
import { useMetricText } from './metric-text.ts';

/** Rows of the table that stands for the chart. */
const rowsMax = 20;

const kindIcons: Readonly<Record<NonNullable<SeriesMetric['kind']>, IconName>> = {
  pass: 'check',
  fail: 'stop',
  undecided: 'eye',
  blind: 'blind',
};

/** What the guard looks at: the difference of candidate and stable, in the band where it lies with 95 %. */
export function GuardChart({ series, steps }: { series: Series; steps: readonly ReleaseStep[] }) {
  const { t, f } = useText();
  const { nameOf, differenceOf, amountOf } = useMetricText();
  const metrics = series.points.at(-1)?.metrics ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const worst =
    metrics.find(({ kind }) => kind === 'fail') ?? metrics.find(({ difference }) => difference !== null) ?? metrics[0];
  const metric = metrics.find((one) => one.metric === chosen)?.metric ?? worst?.metric ?? 'errors';
  const lines = useMemo(() => guardLines(series, metric), [series, metric]);
  const range = useMemo(() => guardRange(lines), [lines]);
  const write = (value: number) => differenceOf(lines.unit, value);
  const last = useMemo(() => lastOf(series, metric), [series, metric]);
  const drawn: readonly Line[] = [
    { label: t('guard.high'), colour: '--accent', values: lines.high, width: 1 },
    { label: t('guard.low'), colour: '--accent', values: lines.low, width: 1 },
    { label: t('guard.difference'), colour: '--accent', values: lines.difference, width: 2.5 },
    { label: t('guard.margin'), colour: '--warn', values: lines.margin, dash: [8, 4], isLevel: true },
    { label: t('guard.limit'), colour: '--bad', values: lines.limit, dash: [2, 3], isLevel: true },
  ];
  const marks = useMemo(
    () =>
      chartMarks(series.marks, (mark) =>
        mark.kind === 'step' ? f.weight(steps[mark.step]?.weight ?? Math.round(mark.weight)) : t(markWord(mark)),
      ),
    [series.marks, steps, t, f],
  );
  return (
    <section className="card" aria-labelledby="guard">
      <div className="card-head">
        <h2 id="guard">{t('guard.title')}</h2>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; these change what is shown at once. */}
        <div className="row metrics" role="group" aria-label={t('guard.metric')}>
          {metrics.map(({ metric: one, kind }) => (
            <button key={one} type="button" className="button small" aria-pressed={one === metric} onClick={() => setChosen(one)}>
              {kind === null ? null : <Icon name={kindIcons[kind]} />}
              {nameOf(one)}
              {kind === null ? null : <span className="seen-by-readers">{t(`verdict.${kind}`)}</span>}
            </button>
          ))}
        </div>
      </div>
      <figure>
        <Chart
          times={lines.times}
          lines={drawn}
          bands={[{ high: 0, low: 1, colour: '--accent' }]}
          marks={marks}
          range={range}
          write={write}
          height={280}
        />
        <figcaption className="small">
          {last === null ? (
            <p className="muted">{t('guard.nothing-compared')}</p>
          ) : (
            <p>
              {t('guard.said', {
                metric: nameOf(metric),
                candidate: amountOf(last.unit, last.candidate),
                stable: amountOf(last.unit, last.stable),
                difference: differenceOf(last.unit, last.difference),
                low: last.low === null ? '−∞' : differenceOf(last.unit, last.low),
                high: last.high === null ? '∞' : differenceOf(last.unit, last.high),
              })}{' '}
              {last.margin === null ? null : t('guard.said.margin', { margin: differenceOf(last.unit, last.margin) })}{' '}
              {last.limit === null ? null : t('guard.said.limit', { limit: amountOf(last.unit, last.limit) })}
            </p>
          )}
          <p className="muted">{t('guard.band')}</p>
        </figcaption>
        <GuardTable series={series} metric={metric} />
      </figure>
    </section>
  );
}

function markWord(mark: Exclude<Mark, { kind: 'step' }>) {
  return mark.kind === 'abort' ? ('mark.abort' as const) : (`verdict.${mark.verdict}` as const);
}

/** The newest values at which both versions had shown something: with all traffic on the candidate nothing is compared any more. */
function lastOf({ points, differences }: Series, metric: string): SeriesMetric | null {
  const isIt = (one: SeriesMetric) => one.metric === metric && one.difference !== null;
  return points.findLast(({ metrics }) => metrics.some(isIt))?.metrics.find(isIt) ?? differences.find(isIt) ?? null;
}

function GuardTable({ series, metric }: { series: Series; metric: string }) {
  const { t, f } = useText();
  const { nameOf, differenceOf, amountOf } = useMetricText();
  const step = Math.max(1, Math.floor(series.points.length / rowsMax));
  const rows = () => series.points.filter((_, index) => (series.points.length - 1 - index) % step === 0).slice(-rowsMax);
  return (
    <TableBehind
      label={t('guard.table', { metric: nameOf(metric) })}
      table={() => (
        <table>
          <caption>{t('guard.table', { metric: nameOf(metric) })}</caption>
          <thead>
            <tr>
              <th scope="col">{t('column.time')}</th>
              <th scope="col" className="number">
                {series.version}
              </th>
              <th scope="col" className="number">
                {series.stable ?? t('release.no-stable')}
              </th>
              <th scope="col" className="number">
                {t('guard.difference')}
              </th>
              <th scope="col" className="number">
                {t('guard.band.short')}
              </th>
              <th scope="col">{t('guard.says')}</th>
            </tr>
          </thead>
          <tbody>
            {rows().map((point) => {
              const one = point.metrics.find((found) => found.metric === metric);
              return (
                <tr key={point.from}>
                  <td className="nowrap">{f.time(point.second * 1_000)}</td>
                  <td className="number">{one ? amountOf(one.unit, one.candidate) : '–'}</td>
                  <td className="number">{one ? amountOf(one.unit, one.stable) : '–'}</td>
                  <td className="number">{one ? differenceOf(one.unit, one.difference) : '–'}</td>
                  <td className="number">
                    {one && one.difference !== null
                      ? `${one.low === null ? '−∞' : differenceOf(one.unit, one.low)} … ${one.high === null ? '∞' : differenceOf(one.unit, one.high)}`
                      : '–'}
                  </td>
                  <td>{one?.kind ? t(`verdict.${one.kind}`) : '–'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    />
  );
}
