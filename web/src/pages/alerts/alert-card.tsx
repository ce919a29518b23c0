import { Link } from '@tanstack/react-router';
import type { Alert, Attribution } from '../../api/schema.ts';
import { objectivePath, webAddress } from '../../components/first-to-look-at.ts';
import { Ago } from '../../components/moment.tsx';
import { AlertChip } from '../../components/objective-states.tsx';
import { ServiceLink } from '../../components/service-link.tsx';
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
        <span>{t(`origin.${origin}`)}</span>
        <Source url={alert.url} />
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

/** The release that it comes from, with what each version did; or that there is none in reach. */
function Cause({ attribution: { release, step, versions, said } }: { attribution: Attribution }) {
  const { t, f } = useText();
  return (
    <div className="alert-cause stack tight">
      <p className="row">
        {release === null ? (
          <span className="strong">{t('alert.no-release')}</span>
        ) : (
          <>
            <span className="strong">{t('alert.release')}</span>
            <Link to="/releases/$id" params={{ id: release.id }} className="mono strong">
              {release.version}
            </Link>
            {release.stable === null ? null : <span className="muted">{t('release.over', { version: release.stable })}</span>}
          </>
        )}
        {step === null ? null : <span>{t('alert.step', { number: String(step.index + 1), text: step.text })}</span>}
      </p>
      <p className={release === null ? 'muted' : ''}>{said}</p>
      {versions.length === 0 ? null : (
        <ul className="row small">
          {versions.map(({ version, bad, total }) => (
            <li key={version}>
              <span className="mono">{version}</span>{' '}
              {t('alert.version', {
                bad: f.number(bad),
                total: f.number(total),
                share: f.share(total === 0 ? null : bad / total),
              })}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Others have written the address, so only one of the web becomes a link. */
function Source({ url }: { url: string | null }) {
  const { t } = useText();
  const address = webAddress(url);
  if (address !== null)
    return (
      <a href={address} rel="noreferrer" target="_blank">
        {t('alert.source')}
      </a>
    );
  return url === null ? null : <code>{url}</code>;
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
                  {label}={value}
                </dd>
              ))}
            </div>
          ),
        )}
      </dl>
    </details>
  );
}
