import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { readinessQuery } from '../../api/queries.ts';
import type { Readiness } from '../../api/types.ts';
import { Note, ProblemNote } from '../../components/problem.tsx';
import type { ReadinessSearch } from '../../router.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { ChecklistChoice } from './checklist-choice.tsx';
import { Comparison } from './comparison.tsx';
import { Downloads } from './downloads.tsx';
import { lookedAt } from './looked-at.ts';
import { Counts, scoreText, VerdictChip } from './looks.tsx';
import { Phase } from './phase.tsx';
import { Blockers, PhaseList } from './phases.tsx';
import './readiness.css';
import { PageTitle } from '../../components/page-title.tsx';
import { RunButton } from './run-button.tsx';
import { Running } from './running.tsx';
import { Runs } from './runs.tsx';
import { SignOffs } from './sign-offs.tsx';

/** Whether a service is ready: its phases at a glance, each item with its proof, and what people say of it. */
export function ReadinessPage() {
  const { name } = useParams({ from: '/inside/services/$name/readiness' });
  const search = useSearch({ from: '/inside/services/$name/readiness' });
  const readiness = useQuery(readinessQuery(name, search));
  if (readiness.isPending) return <Pending />;
  if (!readiness.data) return <ErrorPage error={readiness.error} />;
  return <Shown name={name} search={search} readiness={readiness.data} error={readiness.error} />;
}

function Shown({
  name,
  search,
  readiness: { report, running },
  error,
}: {
  name: string;
  search: ReadinessSearch;
  readiness: Readiness;
  error: Error | null;
}) {
  const text = useText();
  const { t, f } = text;
  const { run } = search;
  const maySteer = useMay('steer', name);
  const isNow = run === undefined;
  const isBusy = running.length > 0;
  const phase = report.phases.find(({ id }) => id === search.phase);
  const items = report.phases.flatMap((one) => one.items);
  return (
    <div className="page">
      <PageTitle of={t('readiness.of', { service: name })} />
      <div className="page-head">
        <div className="stack tight">
          <p className="small">
            <Link to="/services/$name" params={{ name }}>
              {t('signals.back', { service: name })}
            </Link>
          </p>
          <h1 className="row">
            {t('readiness.of', { service: name })} <VerdictChip verdict={report.verdict} />
          </h1>
          <p className="muted">
            {report.title} ·{' '}
            {report.version === null ? t('readiness.no-version') : t('readiness.version', { version: report.version })} ·{' '}
            {t('readiness.as-of', { moment: f.moment(report.atMs) })}
          </p>
          {isNow ? <ChecklistChoice search={search} /> : null}
        </div>
        {maySteer && isNow ? (
          <div className="row">
            <RunButton
              service={name}
              of={search}
              what={{ again: true }}
              label={t('readiness.run.again')}
              look=""
              isBusy={isBusy}
            />
            <RunButton
              service={name}
              of={search}
              what={{ again: false }}
              label={t('readiness.run.all')}
              look="first"
              isBusy={isBusy}
            />
          </div>
        ) : null}
      </div>
      {error ? <ProblemNote error={error} /> : null}
      {isNow ? null : (
        <Note tone="info" icon="clock">
          <p>
            {t('readiness.past', { moment: f.moment(report.atMs) })}{' '}
            <Link to="/services/$name/readiness" params={{ name }} search={lookedAt(search, { run: null, against: null })}>
              {t('readiness.past.back')}
            </Link>
          </p>
        </Note>
      )}
      <Running running={running} />
      <section className="card readiness-head" aria-labelledby="verdict">
        <div className="readiness-score">
          <h2 id="verdict">{t('readiness.score')}</h2>
          <p className="readiness-figure">{t('readiness.score.of', { score: scoreText(report.score, text) })}</p>
        </div>
        <div className="stack tight">
          <p>{report.summary}</p>
          <Counts items={items} />
          <details className="fold small">
            <summary>{t('readiness.formula')}</summary>
            <p>{report.formula.text}</p>
          </details>
        </div>
      </section>
      <Blockers phases={report.phases} search={search} />
      <PhaseList phases={report.phases} search={search} />
      {phase ? <Phase key={phase.id} service={name} phase={phase} search={search} isBusy={isBusy} /> : null}
      {report.comparison ? <Comparison comparison={report.comparison} /> : null}
      <SignOffs service={name} report={report} search={search} />
      <Runs service={name} search={search} />
      <Downloads service={name} search={search} version={report.version} />
    </div>
  );
}
