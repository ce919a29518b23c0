import { Link } from '@tanstack/react-router';
import type { IncidentRow } from '../../api/schema.ts';
import { IncidentChip, isOver, SeverityChip } from '../../components/incident-states.tsx';
import { Ago } from '../../components/moment.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { ServiceLink } from '../../components/service-link.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** Incidents, one in a row. */
export function IncidentTable({ label, incidents }: { label: string; incidents: readonly IncidentRow[] }) {
  const { t } = useText();
  const columns = [
    t('incidents.severity'),
    t('incidents.incident'),
    t('overview.column.service'),
    t('settings.state'),
    t('incidents.since'),
    t('incidents.who'),
    t('incidents.alerts'),
  ];
  return (
    <Scroll label={label}>
      <table className="cards">
        <TableHead columns={columns} />
        <tbody>
          {incidents.map((incident) => (
            <Row key={incident.id} incident={incident} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Row({ incident }: { incident: IncidentRow }) {
  const { t, f } = useText();
  const { id, title, severity, service, state, startedAtMs, resolvedAtMs, ack, alertCount, firing } = incident;
  return (
    <tr>
      <td>
        <SeverityChip severity={severity} isPast={isOver(state)} />
      </td>
      <th scope="row">
        <Link to="/incidents/$id" params={{ id }}>
          {title}
        </Link>
        <p className="muted small mono">{id}</p>
      </th>
      <td data-label={t('overview.column.service')}>{service === null ? '–' : <ServiceLink name={service} />}</td>
      <td>
        <IncidentChip state={state} />
      </td>
      <td data-label={t('incidents.since')}>
        <Ago atMs={startedAtMs} />
        {resolvedAtMs === null ? null : (
          <p className="muted small">{t('incidents.lasted', { time: f.duration(resolvedAtMs - startedAtMs) })}</p>
        )}
      </td>
      <td data-label={t('incidents.who')}>{ack === null ? t('incidents.nobody') : <Taken row={incident} />}</td>
      <td data-label={t('incidents.alerts')}>
        {firing > 0
          ? t('incidents.alerts.firing', { firing: f.number(firing), all: f.number(alertCount) })
          : f.number(alertCount)}
      </td>
    </tr>
  );
}

/** Who has it, and until when their word counts where that still matters. */
function Taken({ row: { ack, state } }: { row: IncidentRow }) {
  const { t, f } = useText();
  if (ack === null) return null;
  return <>{state === 'acknowledged' ? t('incidents.until', { name: ack.by, time: f.date(ack.untilMs) }) : ack.by}</>;
}
