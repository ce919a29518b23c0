import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { signalsQuery } from '../../api/queries.ts';
import { HealthChip } from '../../components/states.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';
import '../service/service.css';
import { marksOf, Resolution, SignalTable } from '../service/signals.tsx';
import { Endpoints } from './endpoints.tsx';
import { GroupCard } from './group-card.tsx';
import './signals.css';
import { PageTitle } from '../../components/page-title.tsx';

/** The four golden signals of a service, each with its levels. */
export function SignalsPage() {
  const { name } = useParams({ from: '/inside/services/$name/signals' });
  const { t } = useText();
  const [every, setEvery] = useState<10 | 60>(10);
  const signals = useQuery({ ...signalsQuery(name, every), placeholderData: (before) => before });
  const marks = useMemo(() => marksOf(signals.data), [signals.data]);
  if (signals.isPending) return <Pending />;
  if (!signals.data) return <ErrorPage error={signals.error} />;
  const { assessment, points } = signals.data;
  const { health, groups, traffic } = assessment;
  return (
    <div className="page">
      <PageTitle of={t('signals.of', { service: name })} />
      <div className="page-head">
        <div>
          <p className="small">
            <Link to="/services/$name" params={{ name }}>
              {t('signals.back', { service: name })}
            </Link>
          </p>
          <h1 className="row">
            {t('signals.of', { service: name })} <HealthChip health={health} />
          </h1>
          {health.reasons.length > 0 ? <p>{health.reasons.join('; ')}</p> : null}
        </div>
        <Resolution every={every} onChange={setEvery} />
      </div>
      <div className="four-signals">
        {groups.map((group) => (
          <GroupCard key={group.group} group={group} points={points} marks={marks} />
        ))}
      </div>
      <Endpoints traffic={traffic} />
      {points.length > 0 ? (
        <section className="card" aria-labelledby="points">
          <h2 id="points">{t('signals.over-time')}</h2>
          <SignalTable points={points} />
        </section>
      ) : (
        <p className="muted">{t('signals.none')}</p>
      )}
    </div>
  );
}
