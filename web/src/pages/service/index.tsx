import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { isFinal } from '../../api/client.ts';
import { useTopics } from '../../api/live.ts';
import { serviceQuery } from '../../api/queries.ts';
import type { Instance } from '../../api/schema.ts';
import type { Service } from '../../api/types.ts';
import { Icon } from '../../components/icon.tsx';
import { InstanceLog } from '../../components/instance-log.tsx';
import { InstanceList } from '../../components/instances.tsx';
import { useKeys } from '../../components/keys.tsx';
import { Ago } from '../../components/moment.tsx';
import { HealthChip, ReleaseChip } from '../../components/states.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { Configuration } from './configuration.tsx';
import { DoraFigures } from './dora.tsx';
import { History } from './history.tsx';
import { ServiceIncidents } from './incidents.tsx';
import { ServiceObjectives } from './objectives.tsx';
import { PlannedReleases } from './planned.tsx';
import { RestartDialog } from './restart.tsx';
import { RollbackDialog } from './rollback.tsx';
import './service.css';
import { PageTitle } from '../../components/page-title.tsx';
import { SignalCharts } from './signals.tsx';

export function ServicePage() {
  const { name } = useParams({ from: '/inside/services/$name' });
  const service = useQuery(serviceQuery(name));
  const isRefused = !service.data && isFinal(service.error);
  useTopics(isRefused ? [] : [`service:${name}`]);
  if (service.isPending) return <Pending />;
  if (!service.data) return <ErrorPage error={service.error} />;
  return <Shown service={service.data} />;
}

function Shown({ service }: { service: Service }) {
  const { t } = useText();
  const { name, owner, stable, health, live, queued, instances, restart } = service;
  const mayRelease = useMay('release', name);
  const maySteer = useMay('steer', name);
  const [isRollingBack, setRollingBack] = useState(false);
  const [isRestarting, setRestarting] = useState(false);
  const [log, setLog] = useState<Instance | null>(null);
  const rollBack = (): void => setRollingBack(true);
  useKeys(mayRelease ? [{ keys: 'b', label: t('rollback.open'), run: rollBack }] : []);
  return (
    <div className="page">
      <PageTitle of={name} />
      <div className="page-head">
        <div>
          <h1 className="row">
            {name} {health ? <HealthChip health={health} /> : null}
          </h1>
          <p className="muted">
            {stable ? (
              <>
                {t('service.stable', { version: stable.version })} · <Ago atMs={stable.sinceMs} />
              </>
            ) : (
              t('overview.no-stable')
            )}
            {owner === null ? null : <> · {owner}</>}
          </p>
          {restart && restart.outcome !== 'done' ? (
            <p role="status">
              {restart.said ??
                t('restart.now', {
                  version: restart.version,
                  by: restart.by,
                  done: restart.instances - restart.left,
                  all: restart.instances,
                })}
            </p>
          ) : null}
          {health && health.level !== 'healthy' && health.reasons.length > 0 ? <p>{health.reasons.join('; ')}</p> : null}
        </div>
        <div className="row">
          <Link to="/services/$name/readiness" params={{ name }} search={{}} className="button">
            {t('readiness.title')}
          </Link>
          {maySteer && stable !== null ? (
            <button type="button" className="button" onClick={() => setRestarting(true)}>
              {t('restart.open')}
            </button>
          ) : null}
          {mayRelease ? (
            <>
              <button type="button" className="button" aria-keyshortcuts="b" onClick={rollBack}>
                <Icon name="back" />
                {t('rollback.open')}
              </button>
              <Link to="/new-release" search={{ service: name }} className="button first">
                {t('nav.new-release')}
              </Link>
            </>
          ) : null}
        </div>
      </div>
      <ServiceIncidents name={name} />
      {[live, queued].map((release) =>
        release === null ? null : (
          <Link key={release.id} to="/releases/$id" params={{ id: release.id }} className="card live-card">
            <span className="mono strong">{release.version}</span>
            <ReleaseChip state={release.state} />
            <span>{release.doing}</span>
          </Link>
        ),
      )}
      <PlannedReleases name={name} />
      <ServiceObjectives name={name} />
      <SignalCharts service={service} />
      <DoraFigures name={name} />
      <History service={service} />
      <div className="service-grid">
        <section className="card stack tight" aria-labelledby="versions">
          <h2 id="versions">{t('service.versions')}</h2>
          <ul className="stack tight">
            {stable ? (
              <li className="row">
                <span className="swatch stable" />
                <Link to="/releases/$id" params={{ id: stable.release }} className="mono strong">
                  {stable.version}
                </Link>
                <span className="muted small">{t('side.stable')}</span>
              </li>
            ) : null}
            {service.previous.map((version) => (
              <li key={version} className="row">
                <span className="swatch" />
                <span className="mono">{version}</span>
                <span className="muted small">{t('service.previous')}</span>
              </li>
            ))}
          </ul>
          <h2>{t('instances.title')}</h2>
          {instances.length === 0 ? <p className="muted">{t('instances.none')}</p> : null}
          <InstanceList instances={instances} candidate={service.route.candidate} onLog={setLog} />
        </section>
        <Configuration name={name} />
      </div>
      {isRestarting ? <RestartDialog service={service} onClose={() => setRestarting(false)} /> : null}
      {isRollingBack ? <RollbackDialog service={service} onClose={() => setRollingBack(false)} /> : null}
      {log ? <InstanceLog service={name} instance={log} onClose={() => setLog(null)} /> : null}
    </div>
  );
}
