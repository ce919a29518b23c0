import { Link } from '@tanstack/react-router';
import type { Alert } from '../../api/schema.ts';
import { AlertOrigin, AlertSource, LinkedText } from '../../components/alert-source.tsx';
import { Cause } from '../../components/cause.tsx';
import { objectivePath } from '../../components/first-to-look-at.ts';
import { Ago } from '../../components/moment.tsx';
import { AlertChip } from '../../components/objective-states.tsx';
import { ServiceLink } from '../../components/service-link.tsx';
import { SilenceButton } from '../../components/silence-button.tsx';
import { useText } from '../../text.tsx';

/** One alert: what, since when, why, from which release, who speaks for it, and for whom it speaks. */
export function AlertCard({ alert, silenced = [] }: { alert: Alert; silenced?: readonly Alert[] }) {
  const { t } = useText();
  const { name, service, objective, urgency, state, said, silencedBy, attribution, origin } = alert;
  const isLoud = state === 'firing' && silencedBy === null;
  return (
    <li className={`card alert-card${isLoud ? ` is-${urgency}` : ''}`}>
      <div className="row">
        <AlertChip state={state} isSilenced={silencedBy !== null} />
        <h3>
          {objective === null ? (
            name
          ) : (
            <Link to="/objectives/$owner/$name" params={objectivePath(objective)}>
              {name}
            </Link>
          )}
        </h3>
        {service === null ? null : <ServiceLink name={service} />}
        <span className="muted small">{t(`urgency.${urgency}`)}</span>
        <Times alert={alert} />
      </div>
      <p>{said}</p>
      {silencedBy === null ? null : <p className="muted small">{t('alert.silenced', { key: silencedBy })}</p>}
      {attribution === null ? null : <Cause attribution={attribution} />}
      <p className="row small muted">
        <span>
          <AlertOrigin origin={origin} id={alert.id} />
        </span>
        <AlertSource url={alert.url} />
        {state === 'resolved' ? null : <SilenceButton alert={alert} />}
      </p>
      <Labels alert={alert} />
      {silenced.length === 0 ? null : (
        <details className="fold small">
          <summary>{t('alert.speaks-for', { n: silenced.length })}</summary>
          <ol className="stack tight">
            {silenced.map((one) => (
              <AlertCard key={one.id} alert={one} />
            ))}
          </ol>
        </details>
      )}
    </li>
  );
}

/** Since when it is as it is. */
function Times({ alert: { pendingAtMs, firedAtMs, resolvedAtMs } }: { alert: Alert }) {
  const { t, f } = useText();
  return (
    <span className="muted small alert-time">
      {resolvedAtMs !== null ? (
        <>
          {t('alert.ended')} <Ago atMs={resolvedAtMs} /> ·{' '}
          {t('alert.lasted', { time: f.duration(resolvedAtMs - (firedAtMs ?? pendingAtMs)) })}
        </>
      ) : firedAtMs !== null ? (
        <>
          {t('alert.fired')} <Ago atMs={firedAtMs} />
        </>
      ) : (
        <>
          {t('alert.since')} <Ago atMs={pendingAtMs} />
        </>
      )}
    </span>
  );
}

function Labels({ alert: { key, labels, annotations } }: { alert: Alert }) {
  const { t } = useText();
  const parts = [
    [t('alert.labels'), labels],
    [t('alert.annotations'), annotations],
  ] as const;
  return (
    <details className="fold small">
      <summary>{t('alert.more')}</summary>
      <dl className="stack tight alert-labels">
        <div>
          <dt>{t('alert.key')}</dt>
          <dd className="mono">{key}</dd>
        </div>
        {parts.map(([name, pairs]) =>
          Object.keys(pairs).length === 0 ? null : (
            <div key={name}>
              <dt>{name}</dt>
              {Object.entries(pairs).map(([label, value]) => (
                <dd key={label} className="mono">
                  {label}=<LinkedText text={value} />
                </dd>
              ))}
            </div>
          ),
        )}
      </dl>
    </details>
  );
}
