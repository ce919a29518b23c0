import { useState } from 'react';
import { serverNow } from '../api/clock.ts';
import { useText } from '../text.tsx';
import './happenings.css';
import { Icon, type IconName } from './icon.tsx';

const dayMs = 86_400_000;
/** Newest records that are shown at first. */
const shownFirst = 15;

export type Happening = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly said: string | null;
};

/**
 * What has happened, as it is on record.
 *
 * @param events - The newest first.
 * @param icons - By the kind of the record; a dot for any other.
 * @param language - Of what is said; left out: that of the page.
 */
export function Happenings({
  events,
  icons,
  language,
}: {
  events: readonly Happening[];
  icons: Readonly<Record<string, IconName>>;
  language?: string;
}) {
  const { t } = useText();
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? events : events.slice(0, shownFirst);
  return (
    <>
      {events.length === 0 ? <p className="muted">{t('timeline.none')}</p> : null}
      <ol className="happenings">
        {shown.map((event) => (
          <Record key={event.seq} event={event} icon={icons[event.kind] ?? 'dot'} language={language} />
        ))}
      </ol>
      {shown.length < events.length ? (
        <button type="button" className="button small" onClick={() => setWhole(true)}>
          {t('timeline.all', { n: events.length })}
        </button>
      ) : null}
    </>
  );
}

function Record({
  event: { at, actor, said },
  icon,
  language,
}: {
  event: Happening;
  icon: IconName;
  language: string | undefined;
}) {
  const { f } = useText();
  const now = serverNow();
  return (
    <li>
      <Icon name={icon} />
      <div>
        <p className="happening-said" lang={language}>
          {said}
        </p>
        <p className="small muted">
          <time dateTime={new Date(at).toISOString()} title={f.moment(at)}>
            {now - at > dayMs ? f.date(at) : f.time(at)}
          </time>{' '}
          · {actor}
        </p>
      </div>
    </li>
  );
}
