import { useEffect, useRef, useState } from 'react';
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
  const aim = useAim();
  // An event that something on the page cites is shown, however old it is.
  const isHidden = aim !== null && events.findIndex(({ seq }) => seq === aim) >= shownFirst;
  if (isHidden && !isWhole) setWhole(true);
  const shown = isWhole ? events : events.slice(0, shownFirst);
  return (
    <>
      {events.length === 0 ? <p className="muted">{t('timeline.none')}</p> : null}
      <ol className="happenings">
        {shown.map((event) => (
          <Record key={event.seq} event={event} icon={icons[event.kind] ?? 'dot'} language={language} isAim={event.seq === aim} />
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

/** Where `#event-104` is: what a sentence cites. */
export function anchorOf(seq: number): string {
  return `event-${seq}`;
}

/** The event that the address of the page points to; null: none. */
function useAim(): number | null {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const look = (): void => setHash(window.location.hash);
    window.addEventListener('hashchange', look);
    return () => window.removeEventListener('hashchange', look);
  }, []);
  const [, seq] = /^#event-(\d+)$/.exec(hash) ?? [];
  return seq === undefined ? null : Number(seq);
}

function Record({
  event: { seq, at, actor, said },
  icon,
  language,
  isAim,
}: {
  event: Happening;
  icon: IconName;
  language: string | undefined;
  isAim: boolean;
}) {
  const { f } = useText();
  const now = serverNow();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isAim) row.current?.scrollIntoView({ block: 'center' });
  }, [isAim]);
  return (
    <li ref={row} id={anchorOf(seq)} className={isAim ? 'happening-aim' : ''}>
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
