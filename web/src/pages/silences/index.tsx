import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTopics } from '../../api/live.ts';
import { may, maySomewhere } from '../../api/may.ts';
import { silencesQuery } from '../../api/queries.ts';
import type { SilenceRow } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { Opener } from '../../components/opener.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { SilenceDialog } from '../../components/silence-dialog.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

/** Alerts that are known and tell nobody for a while: which, until when, who has said so and why. */
export function SilencesPage() {
  const { t } = useText();
  const session = useSession();
  useTopics(maySomewhere(session, 'read') ? ['silences'] : []);
  const [isAll, setAll] = useState(false);
  const [isSetting, setSetting] = useState(false);
  const silences = useQuery(silencesQuery(isAll ? 'all' : 'live'));
  const all = silences.data?.silences ?? [];
  const live = all.filter(({ state }) => state !== 'expired');
  const over = all.filter(({ state }) => state === 'expired');
  return (
    <div className="page">
      <PageTitle of={t('silences.title')} />
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/incidents">{t('incidents.title')}</Link>
          </p>
          <h1>{t('silences.title')}</h1>
          <p className="muted">{t('silences.more')}</p>
        </div>
        {maySomewhere(session, 'steer') ? (
          <button type="button" className="button" onClick={() => setSetting(true)}>
            <Icon name="mute" />
            {t('silences.add')}
          </button>
        ) : null}
      </div>
      {silences.error ? <ProblemNote error={silences.error} /> : null}
      {silences.isPending ? <Pending /> : null}
      {silences.data ? (
        <section className="card stack" aria-labelledby="live">
          <h2 id="live">{t('silences.live')}</h2>
          {live.length === 0 ? (
            <p className="muted">{t('silences.none')}</p>
          ) : (
            <Table label={t('silences.table')} silences={live} />
          )}
          <p>
            <button type="button" className="button small" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
              {t(isAll ? 'silences.over.hide' : 'silences.over.show')}
            </button>
          </p>
          {isAll && over.length === 0 ? <p className="muted">{t('silences.over.none')}</p> : null}
          {isAll && over.length > 0 ? <Table label={t('silences.table.over')} silences={over} /> : null}
        </section>
      ) : null}
      {isSetting ? <SilenceDialog alert={null} onClose={() => setSetting(false)} /> : null}
    </div>
  );
}

const looks: Readonly<Record<SilenceRow['state'], readonly [Tone, IconName]>> = {
  active: ['info', 'mute'],
  pending: ['quiet', 'clock'],
  expired: ['quiet', 'check'],
};

function Table({ label, silences }: { label: string; silences: readonly SilenceRow[] }) {
  const { t } = useText();
  const session = useSession();
  const [ended, setEnded] = useState<SilenceRow | null>(null);
  const end = useDeed({ under: ['silences'], queryKey: ['silences'] }, t('silence.end.done'), { onDone: () => setEnded(null) });
  const columns = [t('silence.matchers'), t('settings.state'), t('silence.until'), t('silence.alerts'), t('silence.by')];
  const hasDeeds = silences.some(({ state, service }) => state !== 'expired' && may(session, 'steer', service));
  return (
    <>
      <Scroll label={label}>
        <table className="cards">
          <TableHead columns={[...columns, hasDeeds ? t('silence.end') : null]} />
          <tbody>
            {silences.map((silence) => (
              <tr key={silence.id}>
                <th scope="row">
                  <Matchers sets={silence.matchers} />
                </th>
                <td>
                  <Chip tone={looks[silence.state][0]} icon={looks[silence.state][1]}>
                    {t(`silence.${silence.state}`)}
                  </Chip>
                </td>
                <td data-label={columns[2]}>
                  <Until silence={silence} />
                </td>
                <td data-label={columns[3]}>
                  {silence.state === 'active' ? t('silence.alerts.now', { n: silence.alerts }) : '–'}
                </td>
                <td data-label={columns[4]}>
                  {silence.by}
                  {silence.comment === '' ? null : <p className="muted small">{silence.comment}</p>}
                </td>
                {hasDeeds ? (
                  <td>
                    {silence.state !== 'expired' && may(session, 'steer', silence.service) ? (
                      <Opener
                        label={t('silence.end')}
                        name={t('post.of', { what: t('silence.end'), title: silence.matchers.flat().join(', ') })}
                        onOpen={() => setEnded(silence)}
                      />
                    ) : null}
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {ended === null ? null : (
        <ReasonDialog
          title={t('silence.end.title')}
          explanation={t('silence.end.does')}
          go={t('silence.end')}
          isDanger={false}
          isRequired={false}
          isBusy={end.isPending}
          error={end.error}
          onGo={(why) => end.mutate({ method: 'POST', path: [ended.id, 'end'], body: { why } })}
          onClose={() => setEnded(null)}
        />
      )}
    </>
  );
}

/** One of the lists has to hold, all of it. */
function Matchers({ sets }: { sets: SilenceRow['matchers'] }) {
  const { t } = useText();
  return sets.map((matchers, index) => (
    <span key={matchers.join()} className="silence-set">
      {index > 0 ? <span className="muted small">{t('silence.or')}</span> : null}
      {matchers.map((matcher) => (
        <code key={matcher}>{matcher}</code>
      ))}
    </span>
  ));
}

function Until({ silence: { state, startsAtMs, endsAtMs, untilResolved } }: { silence: SilenceRow }) {
  const { t, f } = useText();
  return (
    <>
      {state === 'pending' ? <p className="small">{t('silence.from', { time: f.date(startsAtMs) })}</p> : null}
      <time dateTime={new Date(endsAtMs).toISOString()} title={f.moment(endsAtMs)}>
        {f.date(endsAtMs)}
      </time>
      {untilResolved === null || state === 'expired' ? null : <p className="muted small">{t('silence.or-resolved')}</p>}
    </>
  );
}
