import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { isFinal } from '../../api/client.ts';
import { useTopics } from '../../api/live.ts';
import { lastMinuteQuery, releaseQuery, seriesQuery } from '../../api/queries.ts';
import type { Series } from '../../api/schema.ts';
import type { Release } from '../../api/types.ts';
import { Ago } from '../../components/moment.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ReleaseChip } from '../../components/states.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';
import { GuardChart } from './guard-chart.tsx';
import { Instances } from './instances.tsx';
import './release.css';
import { PageTitle } from '../../components/page-title.tsx';
import { Summary } from './summary.tsx';
import { Timeline } from './timeline.tsx';
import { Verbs } from './verbs.tsx';
import { VerdictCard } from './verdict.tsx';
import { VersionCharts } from './version-charts.tsx';
import { Where } from './where.tsx';

export function ReleasePage() {
  const { id } = useParams({ from: '/inside/releases/$id' });
  const release = useQuery(releaseQuery(id));
  const service = release.data?.service;
  const isRefused = !release.data && isFinal(release.error);
  // Also of a release that has ended: its instances go a moment later.
  const topics = [`release:${id}`, ...(service === undefined ? [] : [`service:${service}`])];
  useTopics(isRefused ? [] : topics);
  if (release.isPending) return <Pending />;
  if (!release.data) return <ErrorPage error={release.error} />;
  return <Shown release={release.data} error={release.error} />;
}

function Shown({ release, error }: { release: Release; error: Error | null }) {
  const { t } = useText();
  const minute = useQuery(lastMinuteQuery(release.id, release.summary?.endedAtMs ?? null));
  const every = resolutionFor(minute.data?.seconds ?? 0);
  const series = useQuery({ ...seriesQuery(release.id, every), enabled: minute.data !== undefined });
  const title = t('release.title', { service: release.service, version: release.version });
  return (
    <div className="page release">
      <PageTitle of={`${t(`state.${release.state}`)}: ${release.service} ${release.version}`} />
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/services/$name" params={{ name: release.service }}>
              {release.service}
            </Link>{' '}
            › {release.id}
          </p>
          <h1 className="row">
            {title} <ReleaseChip state={release.state} />
          </h1>
          <p className="muted">
            {release.stable === null ? t('release.first') : t('release.over', { version: release.stable })} ·{' '}
            {t('release.by', { name: release.by })} · <Ago atMs={release.startedAtMs} />
            {release.why === '' ? null : <> · “{release.why}”</>}
            {release.group === null ? null : (
              <>
                {' · '}
                <Link to="/groups">{t('release.group', { name: release.group.name })}</Link>
              </>
            )}
          </p>
        </div>
        {release.summary ? null : <Verbs release={release} />}
      </div>
      {error ? <ProblemNote error={error} /> : null}
      <Announcer release={release} />
      {release.summary ? <Summary summary={release.summary} /> : null}
      <div className="release-grid">
        <div className="stack">
          <VerdictCard release={release} />
          <Where release={release} series={minute.data} live={every === 1 ? series.data : undefined} />
          {series.data && series.data.points.length > 0 ? (
            <>
              {release.stable === null ? (
                <NoGuardChart said={t('guard.no-stable')} />
              ) : (
                <GuardChart series={series.data} steps={release.steps} />
              )}
              <VersionCharts release={release} series={series.data} minute={minute.data} />
            </>
          ) : (
            <NoGuardChart said={t(release.summary ? 'guard.never' : 'guard.not-yet')} />
          )}
        </div>
        <div className="stack">
          <Instances release={release} />
          <Timeline release={release} />
        </div>
      </div>
    </div>
  );
}

function NoGuardChart({ said }: { said: string }) {
  const { t } = useText();
  return (
    <section className="card">
      <h2>{t('guard.title')}</h2>
      <p className="muted">{said}</p>
    </section>
  );
}

/** So many points are enough for a chart on any screen. */
const pointsWanted = 900;

function resolutionFor(seconds: number): Series['every'] {
  return ([1, 10, 60] as const).find((every) => seconds / every <= pointsWanted) ?? 600;
}

/** Tells screen readers when the release is in another state. */
function Announcer({ release }: { release: Release }) {
  const { t } = useText();
  const before = useRef(release.state);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (before.current === release.state) return;
    before.current = release.state;
    setSaid(`${release.service} ${release.version}: ${t(`state.${release.state}`)}. ${release.doing}`);
  }, [release, t]);
  return (
    <p className="seen-by-readers" role="status">
      {said}
    </p>
  );
}
