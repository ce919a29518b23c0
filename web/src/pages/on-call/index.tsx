import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { pathOf } from '../../api/client.ts';
import { serverNow } from '../../api/clock.ts';
import { useTopics } from '../../api/live.ts';
import { maySomewhere } from '../../api/may.ts';
import { onCallDays, onCallQuery } from '../../api/queries.ts';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { Findings } from './findings.tsx';
import './on-call.css';
import { PageTitle } from '../../components/page-title.tsx';
import { Overrides } from './overrides.tsx';
import { ScheduleCard } from './schedule.tsx';

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** Who is on call, two weeks at a time; when nobody would be; and who takes whose time. */
export function OnCallPage() {
  const { t, f } = useText();
  const [atMs, setAtMs] = useState<number | null>(null);
  useTopics(maySomewhere(useSession(), 'read') ? ['on-call'] : []);
  const onCall = useQuery(onCallQuery(atMs));
  const { schedules = [], overrides = [] } = onCall.data ?? {};
  const fromMs = atMs ?? schedules[0]?.atMs ?? serverNow();
  const spanMs = onCallDays * dayMs;
  return (
    <div className="page">
      <PageTitle of={t('on-call.title')} />
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/incidents">{t('incidents.title')}</Link>
          </p>
          <h1>{t('on-call.title')}</h1>
          <p className="muted">{t('on-call.more')}</p>
        </div>
        <div className="row">
          <button type="button" className="button small" onClick={() => setAtMs(fromMs - weekMs)}>
            {t('on-call.earlier')}
          </button>
          <button type="button" className="button small" disabled={atMs === null} onClick={() => setAtMs(null)}>
            {t('on-call.now')}
          </button>
          <button type="button" className="button small" onClick={() => setAtMs(fromMs + weekMs)}>
            {t('on-call.later')}
          </button>
          <a className="button small" href={pathOf(['on-call', 'calendar.ics'])} download="on-call.ics">
            {t('on-call.calendar')}
          </a>
        </div>
      </div>
      {onCall.error ? <ProblemNote error={onCall.error} /> : null}
      {onCall.isPending ? <Pending /> : null}
      {onCall.data && schedules.length === 0 ? (
        <Note tone="info" icon="question" title={t('on-call.none')}>
          <p>{t('on-call.none.more')}</p>
        </Note>
      ) : null}
      {schedules.length === 0 ? null : (
        <>
          <p className="strong">{t('on-call.days', { from: f.day(fromMs), to: f.day(fromMs + spanMs) })}</p>
          {schedules.map((one) => (
            <ScheduleCard key={one.schedule} onCall={one} spanMs={spanMs} isNow={atMs === null} />
          ))}
        </>
      )}
      {/* Steps may call people and channels without any schedule. */}
      {onCall.data ? <Findings /> : null}
      {schedules.length === 0 ? null : <Overrides schedules={schedules} overrides={overrides} />}
    </div>
  );
}
