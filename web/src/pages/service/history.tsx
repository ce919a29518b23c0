import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '../../api/client.ts';
import { releasesQuery } from '../../api/queries.ts';
import type { ReleaseRow, Service } from '../../api/types.ts';
import { ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { ReleaseChip } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

const pageSize = 20;

/** Every release of a service, newest first. */
export function History({ service }: { service: Service }) {
  const { t } = useText();
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const cursor = cursors.at(-1) ?? null;
  const releases = useQuery(releasesQuery({ service: service.name }, cursor, pageSize));
  return (
    <section className="card" aria-labelledby="history">
      <h2 id="history">{t('history.title')}</h2>
      {releases.error && !(releases.error instanceof Problem && releases.error.status === 404) ? (
        <ProblemNote error={releases.error} />
      ) : null}
      {releases.data?.releases.length === 0 ? <p className="muted">{t('history.none')}</p> : null}
      {releases.data && releases.data.releases.length > 0 ? <Rows rows={releases.data.releases} /> : null}
      {cursors.length > 1 || releases.data?.next ? (
        <p className="row">
          <button
            type="button"
            className="button small"
            disabled={cursors.length === 1}
            onClick={() => setCursors(cursors.slice(0, -1))}
          >
            {t('paging.newer')}
          </button>
          <button
            type="button"
            className="button small"
            disabled={!releases.data?.next}
            onClick={() => setCursors([...cursors, releases.data?.next ?? null])}
          >
            {t('paging.older')}
          </button>
        </p>
      ) : null}
    </section>
  );
}

function Rows({ rows }: { rows: readonly ReleaseRow[] }) {
  const { t, f } = useText();
  return (
    <Scroll label={t('history.table')}>
      <table>
        <TableHead
          columns={[
            t('column.version'),
            t('history.outcome'),
            t('history.started'),
            { number: t('summary.took') },
            { number: t('summary.failed') },
            t('history.by'),
            t('history.reason'),
          ]}
        />
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                <Link to="/releases/$id" params={{ id: row.id }} className="mono">
                  {row.version}
                </Link>
              </th>
              <td>
                <ReleaseChip state={row.outcome ?? row.state} />
              </td>
              <td className="nowrap">{f.date(row.requestedAtMs)}</td>
              <td className="number">{row.endedAtMs === null ? '–' : f.duration(row.endedAtMs - row.requestedAtMs)}</td>
              <td className="number">
                {row.failedRequests === null
                  ? '–'
                  : t('summary.of', { failed: row.failedRequests, n: row.candidateRequests ?? 0 })}
              </td>
              <td>{row.by}</td>
              <td className="reason">{row.reason ?? row.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
