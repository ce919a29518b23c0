import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { may, maySomewhere } from '../../api/may.ts';
import { knownServicesQuery, liveIncidentsQuery, pastIncidentsQuery } from '../../api/queries.ts';
import type { IncidentRow } from '../../api/schema.ts';
import { Field } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { incidentStates, incidentsInOrder, isOver, severities } from '../../components/incident-states.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ServiceChoice } from '../../components/service-choice.tsx';
import type { IncidentsSearch } from '../../router.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { IncidentTable } from './incident-table.tsx';
import { OpenDialog } from './open-dialog.tsx';
import { OpenItems } from './open-items.tsx';

/** What disturbs users now, and what did: how bad, since when, and who has taken it. */
export function IncidentsPage() {
  const { t } = useText();
  const session = useSession();
  const { service, severity, state } = useSearch({ from: '/inside/incidents' });
  const [isOpening, setOpening] = useState(false);
  const asked = { ...(service ? { service } : {}), ...(severity ? { severity } : {}) };
  const live = useQuery(liveIncidentsQuery);
  const past = useInfiniteQuery(pastIncidentsQuery(asked));
  const fits = (row: IncidentRow): boolean =>
    [
      [state, row.state],
      [service, row.service],
      [severity, row.severity],
    ].every(([wanted, is]) => wanted === undefined || wanted === is);
  const open = incidentsInOrder((live.data?.incidents ?? []).filter(fits));
  const { count = 0, incidents: known = [] } = live.data ?? {};
  const over = (past.data?.pages.flatMap(({ incidents }) => incidents) ?? []).filter(fits);
  const shown = incidentStates.find((one) => one === state);
  const isFiltered = service !== undefined || severity !== undefined || state !== undefined;
  return (
    <div className="page">
      <PageTitle of={t('incidents.title')} count={open.length} />
      <div className="page-head">
        <div>
          <h1>{t('incidents.title')}</h1>
          <p className="muted">{t('incidents.more')}</p>
        </div>
        <div className="row">
          <Link to="/on-call">{t('on-call.title')}</Link>
          <Link to="/silences">{t('silences.title')}</Link>
          {may(session, 'read', null) ? (
            <>
              <Link to="/messages">{t('messages.title')}</Link>
              <Link to="/status-page">{t('status.title')}</Link>
            </>
          ) : null}
          {maySomewhere(session, 'report') ? (
            <button type="button" className="button" onClick={() => setOpening(true)}>
              <Icon name="bell" />
              {t('incidents.open')}
            </button>
          ) : null}
        </div>
      </div>
      <Filter names={[...open, ...over].flatMap((row) => row.service ?? [])} />
      {live.error ? <ProblemNote error={live.error} /> : null}
      {live.isPending ? <Pending /> : null}
      {live.data && (shown === undefined || !isOver(shown)) ? (
        <section className="card" aria-labelledby="live">
          <h2 id="live">{t('incidents.live')}</h2>
          {count > known.length ? <p className="muted small">{t('incidents.newest', { n: known.length, all: count })}</p> : null}
          {open.length > 0 ? <IncidentTable label={t('incidents.table.live')} incidents={open} /> : null}
          {open.length === 0 && isFiltered ? <p className="muted">{t('incidents.none')}</p> : null}
          {open.length === 0 && !isFiltered ? (
            <p className="calm ink-ok">
              <Icon name="check" /> {t('incidents.live.none')}
            </p>
          ) : null}
        </section>
      ) : null}
      {isFiltered ? null : <OpenItems />}
      {past.error ? <ProblemNote error={past.error} /> : null}
      {past.data && (shown === undefined || isOver(shown)) ? (
        <section className="card stack" aria-labelledby="over">
          <h2 id="over">{t('incidents.over')}</h2>
          {over.length === 0 ? (
            <p className="muted">{t(isFiltered ? 'incidents.none' : 'history.none')}</p>
          ) : (
            <IncidentTable label={t('incidents.table.over')} incidents={over} />
          )}
          {past.hasNextPage ? (
            <p>
              <button
                type="button"
                className="button"
                disabled={past.isFetchingNextPage}
                onClick={() => void past.fetchNextPage()}
              >
                {t('more')}
              </button>
            </p>
          ) : null}
        </section>
      ) : null}
      {isOpening ? <OpenDialog onClose={() => setOpening(false)} /> : null}
    </div>
  );
}

function Filter({ names }: { names: readonly string[] }) {
  const { t } = useText();
  const navigate = useNavigate();
  const search = useSearch({ from: '/inside/incidents' });
  const services = useQuery(knownServicesQuery).data?.services ?? [];
  const all = new Set([...services.map(({ name }) => name), ...names, ...(search.service ? [search.service] : [])]);
  const filter = (change: IncidentsSearch): void => {
    const next = Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== ''));
    void navigate({ to: '/incidents', search: next, replace: true });
  };
  return (
    <form className="card form-line" aria-label={t('incidents.filter')} onSubmit={(event) => event.preventDefault()}>
      <ServiceChoice service={search.service} names={[...all].sort()} onChoose={(service) => filter({ service })} />
      <Field label={t('incidents.severity')}>
        {(ids) => (
          <select {...ids} value={search.severity ?? ''} onChange={({ target }) => filter({ severity: target.value })}>
            <option value="">{t('incidents.severity.any')}</option>
            {severities.map((severity) => (
              <option key={severity} value={severity}>
                {t(`severity.${severity}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('settings.state')}>
        {(ids) => (
          <select {...ids} value={search.state ?? ''} onChange={({ target }) => filter({ state: target.value })}>
            <option value="">{t('incidents.state.any')}</option>
            {incidentStates.map((state) => (
              <option key={state} value={state}>
                {t(`incident.state.${state}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </form>
  );
}
