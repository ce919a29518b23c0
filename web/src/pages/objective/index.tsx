import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { objectiveQuery } from '../../api/queries.ts';
import type { Objective } from '../../api/schema.ts';
import { ObjectiveChips, Target } from '../../components/objective-states.tsx';
import { Note } from '../../components/problem.tsx';
import { ServiceLink } from '../../components/service-link.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';
import { Budget } from './budget.tsx';
import { BurnDownChart } from './burn-down.tsx';
import { ByVersion } from './by-version.tsx';
import { Corrections } from './corrections.tsx';
import './objective.css';
import { PageTitle } from '../../components/page-title.tsx';
import { Tiers } from './tiers.tsx';

/** One objective: what is left of its budget and why, its alerts, and what does not count. */
export function ObjectivePage() {
  const { owner, name } = useParams({ from: '/inside/objectives/$owner/$name' });
  const objective = useQuery(objectiveQuery(owner, name));
  if (objective.isPending) return <Pending />;
  if (!objective.data) return <ErrorPage error={objective.error} />;
  return <Shown objective={objective.data} owner={owner} name={name} />;
}

/** @param name - That of its address: its own may be another where it stands in a document of its own. */
function Shown({ objective, owner, name }: { objective: Objective; owner: string; name: string }) {
  const { t, f } = useText();
  const { service, source, notes, known, ratio, id } = objective;
  return (
    <div className="page">
      <PageTitle of={id} />
      <div className="page-head">
        <div className="stack tight">
          <p className="crumbs">
            <Link to="/objectives" search={{}}>
              {t('objectives.title')}
            </Link>
            {' › '}
            {service === null ? t('objectives.free') : <ServiceLink name={service} />}
          </p>
          <h1 className="row">
            {name} <ObjectiveChips objective={objective} />
          </h1>
          <p className="muted">
            <Target of={objective.objective} />
            {' · '}
            {ratio === null ? t('objective.no-events') : t('objective.ratio', { share: f.exactShare(ratio) })}
            {' · '}
            {t('objective.source', { source })}
            {known < 1 ? <> · {t('objective.known', { share: f.share(known) })}</> : null}
          </p>
          <p>
            <Good of={objective.objective} />
          </p>
        </div>
        <Link to="/alerts" search={service === null ? {} : { service }} className="button">
          {t('objective.alerts')}
        </Link>
      </div>
      {notes.map((note) => (
        <Note key={note} tone="warn" icon="warn">
          <p>{note}</p>
        </Note>
      ))}
      <Budget objective={objective} />
      <BurnDownChart owner={owner} name={name} />
      <Tiers objective={objective} />
      <ByVersion objective={objective} />
      <Corrections objective={objective} owner={owner} name={name} />
      <Versions objective={objective} />
    </div>
  );
}

/** What makes an event a good one. */
function Good({ of: { belowMs, events, slices } }: { of: Objective['objective'] }) {
  const { t, f } = useText();
  const good =
    events?.kind === 'ratio' ? (
      <>
        {t(`good.${events.count}`)} <code>{events.query}</code> {t('good.of')} <code>{events.total}</code>
      </>
    ) : events ? (
      <>
        {t('good.histogram', { time: f.duration(belowMs ?? 0) })} <code>{events.query}</code>
      </>
    ) : belowMs === null ? (
      t('good.not-failed')
    ) : (
      t('good.below', { time: f.duration(belowMs) })
    );
  return (
    <>
      {good}
      {slices ? (
        <> {t('good.slices', { time: f.duration(slices.everyMs), share: f.exactShare(slices.targetPpm / 1_000_000) })}</>
      ) : null}
    </>
  );
}

/** The targets that it has had: each counts from its moment on. */
function Versions({ objective: { versions } }: { objective: Objective }) {
  const { t, f } = useText();
  return (
    <section className="card" aria-labelledby="targets">
      <h2 id="targets">{t('targets.title')}</h2>
      <ul className="stack tight">
        {versions.map(({ sinceMs, targetPpm, windowMs, by }) => (
          <li key={sinceMs}>
            <span className="strong">
              <Target of={{ targetPpm, windowMs }} />
            </span>{' '}
            <span className="muted">{t('targets.since', { time: f.moment(sinceMs), by })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
