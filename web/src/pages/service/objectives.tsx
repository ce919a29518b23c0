import { useQuery } from '@tanstack/react-query';
import { objectivesQuery, openAlertsQuery } from '../../api/queries.ts';
import { AlertList, ObjectiveList } from '../../components/objective-list.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

/** What the service promises, what is left of it, and what fires. */
export function ServiceObjectives({ name }: { name: string }) {
  const { t } = useText();
  const objectives = useQuery(objectivesQuery(name));
  const alerts = useQuery(openAlertsQuery).data?.alerts.filter(({ service }) => service === name) ?? [];
  const all = objectives.data?.objectives ?? [];
  return (
    <section className="card stack tight" aria-labelledby="objectives">
      <h2 id="objectives">{t('objectives.title')}</h2>
      {objectives.error ? <ProblemNote error={objectives.error} /> : null}
      {objectives.data && all.length === 0 ? <p className="muted">{t('objectives.none.service')}</p> : null}
      <ObjectiveList objectives={all} />
      {alerts.length > 0 ? (
        <>
          <h3>{t('alerts.open')}</h3>
          <AlertList alerts={alerts} />
        </>
      ) : null}
    </section>
  );
}
