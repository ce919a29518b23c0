import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { isFinal } from '../../api/client.ts';
import { useTopics } from '../../api/live.ts';
import { incidentQuery } from '../../api/queries.ts';
import type { Incident } from '../../api/schema.ts';
import { Cause } from '../../components/cause.tsx';
import { IncidentChip, isOver, SeverityChip } from '../../components/incident-states.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ServiceLink } from '../../components/service-link.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';
import { IncidentAlerts } from './alerts.tsx';
import { Clocks } from './clocks.tsx';
import './incident.css';
import { PageTitle } from '../../components/page-title.tsx';
import { Machine } from './machine.tsx';
import { IncidentMessages } from './messages.tsx';
import { NarrationCard } from './narration.tsx';
import { Notes } from './notes.tsx';
import { WarRoom } from './room.tsx';
import { Runbooks } from './runbooks.tsx';
import { IncidentTimeline } from './timeline.tsx';
import { IncidentVerbs } from './verbs.tsx';

/** One incident, for all who work on it: how it is, where it comes from, what was tried, who knows, and what people write. */
export function IncidentPage() {
  const { id } = useParams({ from: '/inside/incidents/$id' });
  const incident = useQuery(incidentQuery(id));
  useTopics(!incident.data && isFinal(incident.error) ? [] : [`incident:${id}`]);
  if (incident.isPending) return <Pending />;
  if (!incident.data) return <ErrorPage error={incident.error} />;
  return <Shown incident={incident.data} error={incident.error} />;
}

function Shown({ incident, error }: { incident: Incident; error: Error | null }) {
  const { t } = useText();
  const { id, title, severity, severityBy, service, state, openedBy, policy, attribution } = incident;
  return (
    <div className="page incident">
      <PageTitle of={`${severity} ${t(`incident.state.${state}`)}: ${title}`} />
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/incidents">{t('incidents.title')}</Link> › {id}
          </p>
          <h1 className="row">
            {title} <SeverityChip severity={severity} isPast={isOver(state)} /> <IncidentChip state={state} />
          </h1>
          <p className="muted">
            {service === null ? t('incident.no-service') : <ServiceLink name={service} />} ·{' '}
            {openedBy === null ? t('incident.by-alert') : t('incident.by', { name: openedBy })}
            {severityBy === null ? null : <> · {t('incident.severity-by', { name: severityBy })}</>}
            {policy === null ? null : <> · {t('incident.policy', { name: policy })}</>} ·{' '}
            <Link to="/incidents/$id/post-mortem" params={{ id }}>
              {t('post-mortem.title')}
            </Link>
          </p>
        </div>
        <IncidentVerbs incident={incident} />
      </div>
      {error ? <ProblemNote error={error} /> : null}
      <Announcer incident={incident} />
      <Taken incident={incident} />
      <WarRoom room={incident.room} />
      {incident.person === null || state === 'mitigated' || isOver(state) ? null : (
        <p className="ink-warn">{t('incident.person', { why: incident.person.why })}</p>
      )}
      <Clocks incident={incident} />
      <div className="incident-grid">
        <div className="stack">
          {attribution === null ? null : (
            <section className="card" aria-labelledby="cause">
              <h2 id="cause">{t('incident.cause')}</h2>
              <Cause attribution={attribution} />
            </section>
          )}
          <NarrationCard incident={incident} />
          <Machine actions={incident.actions} />
          <Runbooks incident={incident} />
          <IncidentAlerts incident={incident} />
          <IncidentMessages incident={incident} />
        </div>
        <div className="stack">
          <Notes incident={incident} />
          <IncidentTimeline id={id} />
        </div>
      </div>
    </div>
  );
}

/** Who is on it, in one line, because that is the first question. */
function Taken({ incident: { ack, state } }: { incident: Incident }) {
  const { t, f } = useText();
  if (isOver(state)) return null;
  if (state === 'open') return <p className="strong ink-bad">{t('incident.untaken')}</p>;
  if (ack === null) return null;
  return (
    <p className="strong">
      {t(state === 'acknowledged' ? 'incident.taken' : 'incident.taken.by', { name: ack.by, time: f.date(ack.untilMs) })}
    </p>
  );
}

/** Tells screen readers when the incident is in another state. */
function Announcer({ incident: { state, title } }: { incident: Incident }) {
  const { t } = useText();
  const before = useRef(state);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    setSaid(`${title}: ${t(`incident.state.${state}`)}`);
  }, [state, title, t]);
  return (
    <p className="seen-by-readers" role="status">
      {said}
    </p>
  );
}
