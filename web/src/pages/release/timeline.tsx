import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { serverNow } from '../../api/clock.ts';
import { timelineQuery } from '../../api/queries.ts';
import type { TimelineEvent } from '../../api/schema.ts';
import type { Release } from '../../api/types.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

const dayMs = 86_400_000;
/** Newest records that are shown at first. */
const shownFirst = 15;

const icons: Readonly<Record<string, IconName>> = {
  requested: 'play',
  verb: 'user',
  validated: 'check',
  sampled: 'eye',
  'route-read': 'forward',
  'route-accepted': 'forward',
  'hook-ended': 'gear',
  smoked: 'check',
  retired: 'clock',
  'effect-failed': 'warn',
  'ensure-failed': 'warn',
};

/** What has happened, newest first, as it is on record. */
export function Timeline({ release }: { release: Release }) {
  const { t } = useText();
  const timeline = useQuery(timelineQuery(release.id));
  const [isWhole, setWhole] = useState(false);
  // Most records are counts of one second, about which there is nothing to say.
  const told = useMemo(() => (timeline.data ?? []).filter(({ said }) => said !== null).reverse(), [timeline.data]);
  const shown = isWhole ? told : told.slice(0, shownFirst);
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline">{t('timeline.title')}</h2>
      {timeline.error ? <ProblemNote error={timeline.error} /> : null}
      {timeline.data && told.length === 0 ? <p className="muted">{t('timeline.none')}</p> : null}
      <ol className="timeline">
        {shown.map((event) => (
          <Record key={event.seq} event={event} />
        ))}
      </ol>
      {shown.length < told.length ? (
        <button type="button" className="button small" onClick={() => setWhole(true)}>
          {t('timeline.all', { n: told.length })}
        </button>
      ) : null}
    </section>
  );
}

function Record({ event: { at, kind, actor, said } }: { event: TimelineEvent }) {
  const { f } = useText();
  const now = serverNow();
  return (
    <li>
      <Icon name={icons[kind] ?? 'dot'} />
      <div>
        {/* As it is on record, in whatever language the page is. */}
        <p lang="en">{said}</p>
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
