import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { incidentEventsQuery } from '../../api/queries.ts';
import { Happenings } from '../../components/happenings.tsx';
import type { IconName } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

const icons: Readonly<Record<string, IconName>> = {
  'incident-opened': 'bell',
  'incident-alert-joined': 'bell',
  'incident-alert-changed': 'bell',
  'incident-alert-ended': 'check',
  'incident-attributed': 'eye',
  'incident-severity-changed': 'warn',
  'incident-start-corrected': 'clock',
  'incident-acknowledged': 'user',
  'incident-acknowledgement-ended': 'clock',
  'incident-mitigated': 'eye',
  'incident-resolved': 'check',
  'incident-reopened': 'retry',
  'incident-reviewed': 'check',
  'incident-noted': 'copy',
  'incident-narrated': 'copy',
  'incident-action-begun': 'gear',
  'incident-action-ended': 'gear',
  'incident-escalated': 'forward',
};

/** What has happened in an incident, the newest first. */
export function IncidentTimeline({ id }: { id: string }) {
  const { t, language } = useText();
  const events = useQuery(incidentEventsQuery(id, language));
  const newestFirst = useMemo(() => (events.data ?? []).toReversed(), [events.data]);
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline">{t('timeline.title')}</h2>
      {events.error ? <ProblemNote error={events.error} /> : null}
      {events.data ? <Happenings events={newestFirst} icons={icons} /> : null}
    </section>
  );
}
