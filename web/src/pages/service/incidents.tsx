import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { liveIncidentsQuery } from '../../api/queries.ts';
import { incidentsInOrder } from '../../components/incident-states.tsx';
import { OpenIncidents } from '../../components/open-incidents.tsx';
import { useText } from '../../text.tsx';

/** What disturbs users of this service now; nothing where nothing does. */
export function ServiceIncidents({ name }: { name: string }) {
  const { t } = useText();
  const all = useQuery(liveIncidentsQuery).data?.incidents ?? [];
  const incidents = incidentsInOrder(all.filter(({ service }) => service === name));
  if (incidents.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="incidents">
      <div className="row apart">
        <h2 id="incidents">{t('incidents.title')}</h2>
        <Link to="/incidents" search={{ service: name }}>
          {t('incidents.of-service')}
        </Link>
      </div>
      <OpenIncidents incidents={incidents} isOfOne />
    </section>
  );
}
