import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { timelineQuery } from '../../api/queries.ts';
import type { Release } from '../../api/types.ts';
import { Happenings } from '../../components/happenings.tsx';
import type { IconName } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

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
  // Most records are counts of one second, about which there is nothing to say.
  const told = useMemo(() => (timeline.data ?? []).filter(({ said }) => said !== null).reverse(), [timeline.data]);
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline">{t('timeline.title')}</h2>
      {timeline.error ? <ProblemNote error={timeline.error} /> : null}
      {/* As it is on record, in whatever language the page is. */}
      {timeline.data ? <Happenings events={told} icons={icons} language="en" /> : null}
    </section>
  );
}
