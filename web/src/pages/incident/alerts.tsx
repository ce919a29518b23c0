import type { Incident, IncidentAlert } from '../../api/schema.ts';
import { AlertOrigin, AlertSource } from '../../components/alert-source.tsx';
import { Ago } from '../../components/moment.tsx';
import { AlertChip } from '../../components/objective-states.tsx';
import { SilenceButton } from '../../components/silence-button.tsx';
import { useText } from '../../text.tsx';
import { ExplainButton } from './explain.tsx';

/** Alerts that are shown at first; one of a storm says nothing that the others do not. */
const shownMax = 20;

/** The alerts that it has come of: those that fire before those that have ended. */
export function IncidentAlerts({ incident }: { incident: Incident }) {
  const { t } = useText();
  const { alerts, alertCount, firing, recovering } = incident;
  const rank = ({ resolvedAtMs, isRecovering }: IncidentAlert): number => (resolvedAtMs !== null ? 2 : isRecovering ? 1 : 0);
  const all = alerts.toSorted((a, b) => rank(a) - rank(b) || b.firedAtMs - a.firedAtMs);
  const [shown, rest] = [all.slice(0, shownMax), all.slice(shownMax)];
  return (
    <section className="card stack" aria-labelledby="alerts">
      <h2 id="alerts">{t('incidents.alerts')}</h2>
      {alertCount === 0 ? (
        <p className="muted">{t('incident.alerts.none')}</p>
      ) : (
        <p className="muted small">{t('incident.alerts.count', { n: alertCount, firing, recovering })}</p>
      )}
      <List alerts={shown} incident={incident} />
      {rest.length === 0 ? null : (
        <details className="fold">
          <summary>{t('incident.alerts.more', { n: rest.length })}</summary>
          <List alerts={rest} incident={incident} />
        </details>
      )}
      {alertCount > alerts.length ? <p className="muted small">{t('incident.alerts.kept', { n: alerts.length })}</p> : null}
    </section>
  );
}

function List({ alerts, incident }: { alerts: readonly IncidentAlert[]; incident: Incident }) {
  const { t } = useText();
  if (alerts.length === 0) return null;
  return (
    <ol className="stack tight">
      {alerts.map(({ id, name, service, urgency, origin, said, url, firedAtMs, isRecovering, resolvedAtMs }) => (
        <li key={id}>
          <p className="row">
            <AlertChip state={resolvedAtMs !== null ? 'resolved' : isRecovering ? 'recovering' : 'firing'} />
            <span className="strong">{name}</span>
            <span className="muted small">
              {t(`urgency.${urgency}`)} · <AlertOrigin origin={origin} id={id} /> ·{' '}
              {resolvedAtMs === null ? (
                <>
                  {t('alert.fired')} <Ago atMs={firedAtMs} />
                </>
              ) : (
                <>
                  {t('alert.ended')} <Ago atMs={resolvedAtMs} />
                </>
              )}
            </span>
          </p>
          <p>{said}</p>
          <p className="row small">
            {resolvedAtMs === null ? <SilenceButton alert={{ id, name, service }} /> : null}
            <ExplainButton alert={{ id, name, firedAtMs }} incident={incident} />
            <AlertSource url={url} />
          </p>
        </li>
      ))}
    </ol>
  );
}
