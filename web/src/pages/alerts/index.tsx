import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { alertsMax, alertsQuery, knownServicesQuery, openAlertsQuery } from '../../api/queries.ts';
import type { Alert } from '../../api/schema.ts';
import { alertsInOrder, firingPages, withSilenced } from '../../components/first-to-look-at.ts';
import { Icon } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ServiceChoice } from '../../components/service-choice.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';
import { AlertCard } from './alert-card.tsx';
import './alerts.css';
import { PageTitle } from '../../components/page-title.tsx';

/** Alerts that are shown at first. */
const shownFirst = 100;

/** What somebody has to know of now, and what it was lately: since when, why, and which release it comes from. */
export function AlertsPage() {
  const { t } = useText();
  const { service } = useSearch({ from: '/inside/alerts' });
  const [limit, setLimit] = useState(shownFirst);
  const alerts = useQuery(alertsQuery(service ?? null, limit));
  const all = alertsInOrder(alerts.data?.alerts ?? []);
  const open = all.filter(({ resolvedAtMs }) => resolvedAtMs === null);
  const ended = all.filter(({ resolvedAtMs }) => resolvedAtMs !== null);
  const pages = firingPages(open).length;
  return (
    <div className="page">
      <PageTitle of={t('alerts.title')} count={pages} />
      <div className="page-head">
        <div>
          <h1>{t('alerts.title')}</h1>
          <p className="muted">{t('alerts.more')}</p>
        </div>
        <div className="alert-filter row">
          <Link to="/silences">{t('silences.title')}</Link>
          <ServiceFilter service={service} alerts={all} />
        </div>
      </div>
      {alerts.error ? <ProblemNote error={alerts.error} /> : null}
      {alerts.isPending ? <Pending /> : null}
      {alerts.data ? (
        <>
          <section aria-labelledby="open" className="stack tight">
            <h2 id="open">{t('alerts.open')}</h2>
            {open.length === 0 ? (
              <p className="calm ink-ok">
                <Icon name="check" /> {t('alerts.open.none')}
              </p>
            ) : (
              <List alerts={withSilenced(open)} />
            )}
          </section>
          <section aria-labelledby="ended" className="stack tight">
            <h2 id="ended">{t('alerts.ended')}</h2>
            {ended.length === 0 ? (
              <p className="muted">{t('history.none')}</p>
            ) : (
              <List alerts={ended.map((alert) => ({ alert, silenced: [] }))} />
            )}
          </section>
          {all.length >= limit && limit < alertsMax ? (
            <p>
              <button type="button" className="button" disabled={alerts.isFetching} onClick={() => setLimit(alertsMax)}>
                {t('more')}
              </button>
            </p>
          ) : null}
        </>
      ) : null}
    </div>
  );
}

function List({ alerts }: { alerts: ReturnType<typeof withSilenced> }) {
  return (
    <ol className="stack tight">
      {alerts.map(({ alert, silenced }) => (
        <AlertCard key={alert.id} alert={alert} silenced={silenced} />
      ))}
    </ol>
  );
}

function ServiceFilter({ service, alerts }: { service: string | undefined; alerts: readonly Alert[] }) {
  const navigate = useNavigate();
  const services = useQuery(knownServicesQuery).data?.services ?? [];
  const told = useQuery(openAlertsQuery).data?.alerts ?? [];
  const names = new Set([
    ...services.map(({ name }) => name),
    ...[...alerts, ...told].flatMap((alert) => alert.service ?? []),
    ...(service === undefined ? [] : [service]),
  ]);
  return (
    <ServiceChoice
      service={service}
      names={[...names].sort()}
      onChoose={(chosen) => void navigate({ to: '/alerts', search: chosen === '' ? {} : { service: chosen }, replace: true })}
    />
  );
}
