import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { readinessRunsQuery } from '../../api/queries.ts';
import type { ReadinessRun } from '../../api/schema.ts';
import { Field } from '../../components/field.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import type { ReadinessSearch } from '../../router.tsx';
import { type Text, useText } from '../../text.tsx';
import { lookedAt } from './looked-at.ts';
import { scoreText, VerdictChip } from './looks.tsx';

/** The last runs, each with its report, and two of them side by side. */
export function Runs({ service, search }: { service: string; search: ReadinessSearch }) {
  const text = useText();
  const { t, f } = text;
  const runs = useQuery(readinessRunsQuery(service));
  const all = runs.data?.runs ?? [];
  return (
    <section className="card stack tight" aria-labelledby="runs">
      <h2 id="runs">{t('readiness.runs')}</h2>
      {runs.error ? <ProblemNote error={runs.error} /> : null}
      {runs.data && all.length === 0 ? <p className="muted">{t('readiness.runs.none')}</p> : null}
      {all.length > 0 ? (
        <>
          <Compare runs={all.filter(({ endedMs }) => endedMs !== null)} search={search} />
          <Scroll label={t('readiness.runs')}>
            <table className="cards">
              <TableHead
                columns={[
                  t('readiness.runs.started'),
                  t('readiness.runs.what'),
                  t('readiness.runs.by'),
                  t('verdict.title'),
                  t('readiness.score'),
                  t('readiness.runs.took'),
                  t('readiness.runs.show'),
                ]}
              />
              <tbody>
                {all.map((run) => (
                  <tr key={run.id}>
                    <th scope="row" className="nowrap">
                      {f.moment(run.startedMs)}
                    </th>
                    <td data-label={t('readiness.runs.what')}>
                      {run.checklist}: {partOf(run, text)}
                    </td>
                    <td data-label={t('readiness.runs.by')}>{run.by}</td>
                    <td>
                      <State run={run} />
                    </td>
                    <td data-label={t('readiness.score')}>{scoreText(run.score, text)}</td>
                    <td data-label={t('readiness.runs.took')}>
                      {run.endedMs === null ? '–' : f.duration(run.endedMs - run.startedMs)}
                    </td>
                    <td>
                      {run.endedMs === null ? null : (
                        <Link
                          to="."
                          search={lookedAt(search, { run: run.id, against: null, phase: null, item: null })}
                          aria-label={t('readiness.runs.show.of', { moment: f.moment(run.startedMs) })}
                          {...(run.id === search.run ? { 'aria-current': true as const } : {})}
                        >
                          {t('readiness.runs.show')}
                        </Link>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      ) : null}
    </section>
  );
}

/** Which part of its checklist was run. */
function partOf({ phases, items }: ReadinessRun, { t }: Pick<Text, 't'>): string {
  return [...(phases ?? []), ...(items ?? [])].join(', ') || t('readiness.runs.what.all');
}

function State({ run: { verdict, progress } }: { run: ReadinessRun }) {
  const { t } = useText();
  if (verdict !== null) return <VerdictChip verdict={verdict} />;
  if (progress === null) return <>{t('readiness.runs.broken')}</>;
  return <>{t('readiness.runs.under-way', { done: progress.done, total: progress.total })}</>;
}

/** Chooses the two that are compared. */
function Compare({ runs, search }: { runs: readonly ReadinessRun[]; search: ReadinessSearch }) {
  const text = useText();
  const { t, f } = text;
  const navigate = useNavigate();
  const choose = (change: Pick<ReadinessSearch, 'run' | 'against'>): void => {
    void navigate({ to: '.', search: lookedAt(search, change), resetScroll: false });
  };
  const options = runs.map((run) => (
    <option key={run.id} value={run.id}>
      {t('readiness.compare.run', {
        moment: f.moment(run.startedMs),
        what: partOf(run, text),
        score: scoreText(run.score, text),
      })}
    </option>
  ));
  return (
    <form className="form-line" aria-label={t('readiness.compare')} onSubmit={(event) => event.preventDefault()}>
      <Field label={t('readiness.compare.before')}>
        {(ids) => (
          <select {...ids} value={search.against ?? ''} onChange={({ target }) => choose({ against: target.value })}>
            <option value="">{t('readiness.compare.nothing')}</option>
            {options}
          </select>
        )}
      </Field>
      <Field label={t('readiness.compare.after')}>
        {(ids) => (
          <select {...ids} value={search.run ?? ''} onChange={({ target }) => choose({ run: target.value })}>
            <option value="">{t('readiness.compare.now')}</option>
            {options}
          </select>
        )}
      </Field>
    </form>
  );
}
