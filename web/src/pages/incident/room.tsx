import type { Incident } from '../../api/schema.ts';
import { webAddress } from '../../components/first-to-look-at.ts';
import { useText } from '../../text.tsx';

/** Where its people talk, beside this page; nothing where it has no channel of its own. */
export function WarRoom({ room }: Pick<Incident, 'room'>) {
  const { t } = useText();
  if (room === null) return null;
  const { state, name, url, notifier, said } = room;
  if (state === 'failed') return <p className="ink-warn">{t('room.failed', { notifier, said })}</p>;
  const address = webAddress(url);
  const title = `#${name ?? notifier}`;
  return (
    <p>
      {t(state === 'open' ? 'room.open' : 'room.archived')}{' '}
      {address === null ? (
        <code>{title}</code>
      ) : (
        <a href={address} rel="noreferrer" target="_blank">
          {title}
        </a>
      )}
      {said === '' ? null : <span className="muted small"> ({said})</span>}
    </p>
  );
}
