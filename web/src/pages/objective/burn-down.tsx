import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { burnDownQuery } from '../../api/queries.ts';
import type { BurnDown, BurnDownPoint } from '../../api/schema.ts';
import type { Outcome } from '../../api/types.ts';
import { Chart, type ChartMark } from '../../components/chart.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Chip, ReleaseChip } from '../../components/states.tsx';
import { TableBehind } from '../../components/table-behind.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

const rowsMax = 100;
/** Releases that are listed at first, the newest. */
const releasesFirst = 8;

/** What was left of the budget over its period, with what was released in it, and the sum behind the last number. */
export function BurnDownChart({ owner, name }: { owner: string; name: string }) {
  const { t, f } = useText();
  const burnDown = useQuery(burnDownQuery(owner, name));
  const { points = [], everyMs = 0, releases = [], sum = [] } = burnDown.data ?? {};
  const marks = useMemo(() => releases.map(markOf), [releases]);
  return (
    <section className="card stack tight" aria-labelledby="burn-down">
      <h2 id="burn-down">{t('burn-down.title')}</h2>
      {burnDown.error ? <ProblemNote error={burnDown.error} /> : null}
      {burnDown.data && points.length === 0 ? <p className="muted">{t('signals.none')}</p> : null}
      {points.length > 0 ? (
        <>
          <figure>
            <figcaption className="small muted">{t('burn-down.caption')}</figcaption>
            <Chart
              times={points.map(({ fromMs }) => (fromMs + everyMs) / 1_000)}
              lines={[
                { label: t('burn-down.line'), colour: '--stable', values: points.map(({ left }) => left) },
                { label: t('burn-down.none-left'), colour: '--bad', values: points.map(() => 0), dash: [6, 4], width: 1.5 },
              ]}
              marks={marks}
              write={f.share}
              leastTop={1}
            />
          </figure>
          <PointTable points={points} everyMs={everyMs} />
        </>
      ) : null}
      {sum.length > 0 ? (
        <details className="fold">
          <summary>{t('burn-down.sum')}</summary>
          <ol className="sum stack tight">
            {sum.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
        </details>
      ) : null}
      {releases.length > 0 ? <Releases releases={releases} /> : null}
    </section>
  );
}

/** A release as the other charts mark it: how it ended, or that it is under way. Pure. */
function markOf({ version, atMs, outcome }: BurnDown['releases'][number]): ChartMark {
  const isBad = outcome === 'rolled-back' || outcome === 'rejected';
  return {
    second: atMs / 1_000,
    label: `${outcome === 'succeeded' ? '✓' : outcome === null ? '▸' : '✗'} ${version}`,
    colour: outcome === 'succeeded' ? '--ok' : isBad ? '--bad' : '--muted',
    width: isBad ? 2 : 1.5,
    dash: outcome === null ? [3, 3] : [],
  };
}

function Releases({ releases }: { releases: BurnDown['releases'] }) {
  const { t, f } = useText();
  const [isWhole, setWhole] = useState(false);
  const newest = releases.toSorted((a, b) => b.atMs - a.atMs);
  const shown = isWhole ? newest : newest.slice(0, releasesFirst);
  return (
    <>
      <h3>{t('burn-down.releases')}</h3>
      <ul className="stack tight">
        {shown.map(({ id, version, atMs, outcome }) => (
          <li key={id} className="row">
            <Link to="/releases/$id" params={{ id }} className="mono strong">
              {version}
            </Link>
            {outcome === null ? (
              <Chip tone="info" icon="play">
                {t('burn-down.under-way')}
              </Chip>
            ) : (
              <ReleaseChip state={outcome as Outcome} />
            )}
            <time className="muted small" dateTime={new Date(atMs).toISOString()}>
              {f.date(atMs)}
            </time>
          </li>
        ))}
      </ul>
      {shown.length < newest.length ? (
        <p>
          <button type="button" className="button small" onClick={() => setWhole(true)}>
            {t('burn-down.all', { n: newest.length })}
          </button>
        </p>
      ) : null}
    </>
  );
}

function PointTable({ points, everyMs }: { points: readonly BurnDownPoint[]; everyMs: number }) {
  const { t, f } = useText();
  return (
    <TableBehind
      label={t('burn-down.table')}
      table={() => (
        <table>
          <caption>{t('burn-down.rows', { time: f.duration(everyMs) })}</caption>
          <TableHead
            columns={[t('column.time'), ...[t('budget.bad'), t('form.total'), t('burn-down.line')].map((number) => ({ number }))]}
          />
          <tbody>
            {points
              .filter(({ total }) => total > 0)
              .slice(-rowsMax)
              .reverse()
              .map(({ fromMs, bad, total, left }) => (
                <tr key={fromMs}>
                  <td className="nowrap">{f.date(fromMs)}</td>
                  <td className="number">{f.number(bad)}</td>
                  <td className="number">{f.number(total)}</td>
                  <td className="number">{f.share(left)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      )}
    />
  );
}
