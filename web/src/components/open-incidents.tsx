import { Link } from '@tanstack/react-router';
import { may } from '../api/may.ts';
import type { IncidentRow } from '../api/schema.ts';
import { useSession } from '../shell/session.tsx';
import { useText } from '../text.tsx';
import { Icon } from './icon.tsx';
import { IncidentChip, SeverityChip } from './incident-states.tsx';
import { ActionChip } from './machine-states.tsx';
import { Ago } from './moment.tsx';
import './open-incidents.css';
import { ProblemNote } from './problem.tsx';
import { ServiceLink } from './service-link.tsx';
import { useIncidentVerb } from './use-incident-verb.ts';

/** Incidents that are shown; the others are on their own page. */
const shownMax = 10;

/** Incidents that are not over, each with who has it and what the machine does; whoever may takes one with one click. */
export function OpenIncidents({
  incidents,
  isOfOne = false,
}: {
  /** In the order in which they are shown. */
  incidents: readonly IncidentRow[];
  /** Whether all of them are of the service whose page it is. */
  isOfOne?: boolean;
}) {
  const { t } = useText();
  const left = incidents.length - shownMax;
  return (
    <>
      <ul className="stack tight" aria-label={t('incidents.live')}>
        {incidents.slice(0, shownMax).map((row) => (
          <Row key={row.id} row={row} isOfOne={isOfOne} />
        ))}
      </ul>
      {left > 0 ? (
        <p>
          <Link to="/incidents">{t('incidents.others', { n: left })}</Link>
        </p>
      ) : null}
    </>
  );
}

function Row({ row, isOfOne }: { row: IncidentRow; isOfOne: boolean }) {
  const { t } = useText();
  const { id, title, severity, service, state, startedAtMs, ack, action, person } = row;
  const mayTake = may(useSession(), 'steer', service) && state === 'open';
  const take = useIncidentVerb(id, () => {});
  return (
    <li className={`open-incident${state === 'open' ? ' is-untaken' : ''}`}>
      <SeverityChip severity={severity} />
      <div className="stack tight">
        <p className="row">
          <Link to="/incidents/$id" params={{ id }} className="strong">
            {title}
          </Link>
          {service === null || isOfOne ? null : <ServiceLink name={service} />}
          <IncidentChip state={state} />
          <span className="muted small">
            {ack === null ? t('incidents.by-nobody') : t('incidents.by', { name: ack.by })} · {t('incidents.began')}{' '}
            <Ago atMs={startedAtMs} />
          </span>
        </p>
        {action === null ? null : (
          <p className="row small">
            <span className="muted">{t(`machine.${action.kind}`)}</span>
            <ActionChip action={action} />
            <span>{action.said}</span>
          </p>
        )}
        {person === null || state === 'mitigated' ? null : (
          <p className="small ink-warn">{t('incident.person', { why: person.why })}</p>
        )}
      </div>
      {mayTake ? (
        <button
          type="button"
          className="button first small"
          aria-label={t('post.of', { what: t('incident.acknowledge'), title })}
          disabled={take.isPending}
          onClick={() => take.mutate({ verb: 'acknowledge', why: '' })}
        >
          <Icon name="user" />
          {t('incident.acknowledge')}
        </button>
      ) : null}
      {take.error ? <ProblemNote error={take.error} /> : null}
    </li>
  );
}
