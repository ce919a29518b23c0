import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTopics } from '../../api/live.ts';
import { liveIncidentsQuery, objectivesQuery, openAlertsQuery, overviewQuery } from '../../api/queries.ts';
import type { Alert, IncidentRow, Objective } from '../../api/schema.ts';
import type { Need, OverviewRow } from '../../api/types.ts';
import { alertsInOrder, firingPages } from '../../components/first-to-look-at.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { incidentsInOrder } from '../../components/incident-states.tsx';
import { OpenIncidents } from '../../components/open-incidents.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { HealthChip } from '../../components/states.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { DemoLine } from './demo-line.tsx';
import { FirstService } from './first-service.tsx';
import './overview.css';
import { PageTitle } from '../../components/page-title.tsx';
import { ServiceRow } from './service-row.tsx';

/** From so many services on one looks for a name faster than one reads the list. */
const filterFrom = 8;

export function OverviewPage() {
  const { t } = useText();
  useTopics(['overview']);
  const overview = useQuery(overviewQuery);
  const mayRelease = useMay('release', null);
  const services = overview.data?.services ?? [];
  const { alerts = [], incidents: incidentOf = {} } = useQuery(openAlertsQuery).data ?? {};
  const incidents = incidentsInOrder(useQuery(liveIncidentsQuery).data?.incidents ?? []);
  const objectives = useQuery(objectivesQuery(null)).data?.objectives ?? [];
  const needs = services.flatMap(({ name, needs }) => needs.map((need) => ({ service: name, need })));
  // An alert of an incident is told of by that one.
  const told = new Set(incidents.map(({ id }) => id));
  const pages = firingPages(alertsInOrder(alerts)).filter(({ id }) => !told.has(incidentOf[id] ?? ''));
  const count = needs.length + pages.length + incidents.length;
  return (
    <div className="page">
      <PageTitle of={t('overview.title')} count={count} />
      <div className="page-head">
        <div>
          <h1>{t('overview.title')}</h1>
          {services.length > 0 ? (
            <p className="muted">
              {t('overview.services', { n: services.length })} ·{' '}
              {t('overview.live', { n: services.filter(({ live }) => live).length })}
            </p>
          ) : null}
        </div>
        {mayRelease && services.length > 0 ? (
          <Link to="/new-release" search={{}} className="button first">
            {t('nav.new-release')}
          </Link>
        ) : null}
      </div>
      {overview.error ? <ProblemNote error={overview.error} /> : null}
      {overview.isPending ? <Pending /> : null}
      {overview.data && services.length === 0 ? (
        <>
          <OpenIncidents incidents={incidents} />
          <FirstService />
        </>
      ) : null}
      {services.length > 0 ? (
        <>
          <DemoLine />
          <Needs needs={needs} pages={pages} incidents={incidents} />
          <Services services={services} objectives={objectives} alerts={alerts} />
        </>
      ) : null}
    </div>
  );
}

const needIcons: Readonly<Record<Need['kind'], IconName>> = {
  'rollback-failed': 'stop',
  unhealthy: 'stop',
  approval: 'question',
  held: 'pause',
  paused: 'pause',
  'rolled-back': 'back',
  rejected: 'cross',
};

/** What waits for a person, before everything else. */
function Needs({
  needs,
  pages,
  incidents,
}: {
  needs: readonly { readonly service: string; readonly need: Need }[];
  pages: readonly Alert[];
  incidents: readonly IncidentRow[];
}) {
  const { t } = useText();
  return (
    <section aria-labelledby="needs" className="stack tight">
      <h2 id="needs" className="seen-by-readers">
        {t('overview.needs')}
      </h2>
      {incidents.length > 0 ? <OpenIncidents incidents={incidents} /> : null}
      <div aria-live="polite">
        {needs.length + pages.length + incidents.length === 0 ? (
          <p className="calm ink-ok">
            <Icon name="check" /> {t('overview.needs.none')}
          </p>
        ) : (
          <ul className="needs">
            {pages.map(({ id, name, service, said }) => (
              <li key={id}>
                <Link className="need tone-bad" to="/alerts" search={service === null ? {} : { service }}>
                  <NeedBody icon="bell" what={service ?? name} sentence={service === null ? said : `${name}: ${said}`} />
                </Link>
              </li>
            ))}
            {needs.map(({ service, need }) => {
              const isBad = need.kind === 'rollback-failed' || need.kind === 'unhealthy';
              const body = <NeedBody icon={needIcons[need.kind]} what={service} sentence={need.sentence} />;
              const className = `need tone-${isBad ? 'bad' : 'warn'}`;
              return (
                <li key={`${service} ${need.kind} ${need.release}`}>
                  {need.release === null ? (
                    <Link className={className} to="/services/$name" params={{ name: service }}>
                      {body}
                    </Link>
                  ) : (
                    <Link className={className} to="/releases/$id" params={{ id: need.release }}>
                      {body}
                    </Link>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </section>
  );
}

function NeedBody({ icon, what, sentence }: { icon: IconName; what: string; sentence: string }) {
  const { t } = useText();
  return (
    <>
      <Icon name={icon} />
      <span>
        <span className="strong">{what}</span> <span className="need-sentence">{sentence}</span>
      </span>
      <span className="need-go">
        {t('overview.needs.look')} <span aria-hidden="true">{'›'}</span>
      </span>
    </>
  );
}

function Services({
  services,
  objectives,
  alerts,
}: {
  services: readonly OverviewRow[];
  objectives: readonly Objective[];
  alerts: readonly Alert[];
}) {
  const { t } = useText();
  const [wanted, setWanted] = useState('');
  const objectivesOf = useMemo(() => Map.groupBy(objectives, ({ service }) => service), [objectives]);
  const alertsOf = useMemo(() => Map.groupBy(alerts, ({ service }) => service), [alerts]);
  const text = wanted.trim().toLowerCase();
  const shown = services.filter(({ name, owner }) => `${name} ${owner ?? ''}`.toLowerCase().includes(text));
  return (
    <section aria-labelledby="services" className="stack tight">
      <div className="row apart">
        <h2 id="services">{t('overview.all')}</h2>
        {services.length >= filterFrom ? (
          <input
            type="search"
            className="filter"
            aria-label={t('overview.filter')}
            placeholder={t('overview.filter')}
            value={wanted}
            onChange={({ target }) => setWanted(target.value)}
          />
        ) : null}
      </div>
      <Levels services={services} />
      <ul className="services">
        <li className="service-head" aria-hidden="true">
          <span>{t('overview.column.service')}</span>
          <span>{t('overview.column.health')}</span>
          <span>{t('overview.column.release')}</span>
          <span className="number">{t('signal.rps')}</span>
          <span className="number">{t('signal.errors')}</span>
          <span className="number">{'p50'}</span>
          <span className="number">{'p95'}</span>
          <span className="number">{'p99'}</span>
          <span className="number">{t('signal.saturation')}</span>
        </li>
        {shown.map((service) => (
          <ServiceRow
            key={service.name}
            service={service}
            objectives={objectivesOf.get(service.name) ?? []}
            alerts={alertsOf.get(service.name) ?? []}
          />
        ))}
      </ul>
      {shown.length === 0 ? <p className="muted">{t('overview.filter.none')}</p> : null}
    </section>
  );
}

const levels = ['critical', 'degraded', 'healthy', 'unknown'] as const;

/** How many are how: to be read across a room. */
function Levels({ services }: { services: readonly OverviewRow[] }) {
  const { f } = useText();
  return (
    <ul className="row levels">
      {levels.map((level) => {
        const count = services.filter(({ health }) => health.level === level).length;
        return count === 0 ? null : (
          <li key={level} className="row">
            <span className="level-count">{f.number(count)}</span>
            <HealthChip health={{ level, reasons: [] }} />
          </li>
        );
      })}
    </ul>
  );
}
