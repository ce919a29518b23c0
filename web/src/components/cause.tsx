import { Link } from '@tanstack/react-router';
import type { Attribution } from '../api/schema.ts';
import { useText } from '../text.tsx';
import './cause.css';

/** The release that it comes from, with what each version did; or that there is none in reach. */
export function Cause({ attribution: { release, step, versions, said } }: { attribution: Attribution }) {
  const { t, f } = useText();
  return (
    <div className="cause stack tight">
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
