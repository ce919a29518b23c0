import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { timelinesQuery } from '../../api/queries.ts';
import type { PlannedEntry, PlannedRelease } from '../../api/schema.ts';
import type { IconName } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { roleText } from '../../components/role-text.ts';
import { Scroll } from '../../components/scroll.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';
import { PlannedDeeds, useEntryDeeds } from './planned-deeds.tsx';
import { isOver } from './planned-rights.ts';

/** Planned releases that are shown at once: those to come, then the last ones. */
const shownMax = 3;

/** Releases with a moment at which they are to start, and what happens around it; nothing where none was ever planned. */
export function PlannedReleases({ name }: { name: string }) {
  const { t } = useText();
  const timelines = useQuery(timelinesQuery(name));
  const shown = timelines.data?.timelines.toSorted(byUrgency).slice(0, shownMax) ?? [];
  if (timelines.error) return <ProblemNote error={timelines.error} />;
  if (shown.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="planned">
      <h2 id="planned">{t('planned.title')}</h2>
      {shown.map((planned) => (
        <Planned key={planned.id} planned={planned} />
      ))}
    </section>
  );
}

/** What is still to come first, the next of it at the top; then what is over, the last of it first. */
function byUrgency(a: PlannedRelease, b: PlannedRelease): number {
  return Number(isOver(a)) - Number(isOver(b)) || (isOver(a) ? b.startMs - a.startMs : a.startMs - b.startMs);
}

const releaseLooks: Readonly<Record<PlannedRelease['state'], readonly [Tone, IconName]>> = {
  planned: ['info', 'clock'],
  waiting: ['warn', 'pause'],
  started: ['info', 'play'],
  ended: ['quiet', 'check'],
  cancelled: ['quiet', 'cross'],
};

function Planned({ planned }: { planned: PlannedRelease }) {
  const { id, service, version, state, startMs, by, why, said, release, entries } = planned;
  const text = useText();
  const { t, f } = text;
  const [tone, icon] = releaseLooks[state];
  const deedsOf = useEntryDeeds(planned);
  return (
    <div className="stack tight">
      <h3 className="row">
        {release === null ? (
          <span className="mono">{version}</span>
        ) : (
          <Link to="/releases/$id" params={{ id: release }} className="mono">
            {version}
          </Link>
        )}
        <Chip tone={tone} icon={icon}>
          {t(`planned.state.${state}`)}
        </Chip>
        <span>{t('planned.start', { moment: f.moment(startMs) })}</span>
      </h3>
      <p className="muted small">
        <span className="mono">{id}</span> · {by}
        {why === '' ? null : <> · {why}</>}
        {isOver(planned) ? null : (
          <>
            {' · '}
            <Link to="/services/$name/readiness" params={{ name: service }} search={{ version }}>
              {t('planned.ready', { version })}
            </Link>
          </>
        )}
      </p>
      {said === null ? null : <p>{said}</p>}
      <PlannedDeeds planned={planned} />
      <Scroll label={t('planned.entries', { version })}>
        <table className="cards">
          <TableHead
            columns={[
              t('planned.at'),
              t('planned.entry'),
              t('planned.role'),
              t('planned.state'),
              t('planned.detail'),
              deedsOf ? t('planned.deed') : null,
            ]}
          />
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.id}>
                <td className="nowrap" data-label={t('planned.at')}>
                  {f.moment(entry.atMs)}
                </td>
                <th scope="row">
                  {entry.title} <span className="mono muted small">{entry.id}</span>
                </th>
                <td data-label={t('planned.role')}>{roleText(entry.role, text)}</td>
                <td>
                  <EntryChip entry={entry} />
                </td>
                <td className="reason">{[entry.by, entry.detail].filter((part) => part !== null).join(': ')}</td>
                {deedsOf ? <td>{deedsOf(entry)}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}

const entryLooks: Readonly<Record<PlannedEntry['state'], readonly [Tone, IconName]>> = {
  planned: ['quiet', 'clock'],
  due: ['warn', 'clock'],
  running: ['info', 'play'],
  done: ['ok', 'check'],
  failed: ['bad', 'cross'],
  missed: ['bad', 'warn'],
  skipped: ['warn', 'forward'],
  cancelled: ['quiet', 'cross'],
};

function EntryChip({ entry: { state, late } }: { entry: PlannedEntry }) {
  const { t } = useText();
  const [tone, icon] = entryLooks[state];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`planned.entry.${state}`)}
      {late ? ` (${t('planned.late')})` : null}
    </Chip>
  );
}
