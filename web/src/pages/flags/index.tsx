import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { may } from '../../api/may.ts';
import { flagsQuery } from '../../api/queries.ts';
import type { FlagRow } from '../../api/schema.ts';
import { Icon } from '../../components/icon.tsx';
import { Ago } from '../../components/moment.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { SwitchDialog, type Switched } from './switch.tsx';

/** Every feature flag: who has which variant, how often it was given out, and its switches. */
export function FlagsPage() {
  const { t } = useText();
  const flags = useQuery(flagsQuery);
  const [asked, setAsked] = useState<Switched | null>(null);
  return (
    <div className="page">
      <PageTitle of={t('flags.title')} />
      <div className="page-head">
        <h1>{t('flags.title')}</h1>
      </div>
      {flags.error ? <ProblemNote error={flags.error} /> : null}
      {flags.isPending ? <Pending /> : null}
      {flags.data?.flags.length === 0 ? <p className="card muted">{t('flags.none')}</p> : null}
      {flags.data && flags.data.flags.length > 0 ? <Table flags={flags.data.flags} onSwitch={setAsked} /> : null}
      {asked === null ? null : <SwitchDialog asked={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

function Table({ flags, onSwitch }: { flags: readonly FlagRow[]; onSwitch: (asked: Switched) => void }) {
  const { t } = useText();
  return (
    <section className="card" aria-label={t('flags.table')}>
      <Scroll label={t('flags.table')}>
        <table className="cards">
          <TableHead columns={[t('flags.flag'), t('flags.who'), t('flags.given'), t('users.change')]} />
          <tbody>
            {flags.map((flag) => (
              <Row key={flag.key} flag={flag} onSwitch={onSwitch} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Row({ flag, onSwitch }: { flag: FlagRow; onSwitch: (asked: Switched) => void }) {
  const { t, f } = useText();
  const session = useSession();
  const { key, set, level, route, exposures } = flag;
  const isOff = level?.level.kind === 'off';
  const mayChange = may(session, 'release', null);
  return (
    <tr>
      <th scope="row">
        {key} <span className="muted small">{set}</span>
      </th>
      <td data-label={t('flags.who')}>
        <p>
          <Who flag={flag} />
        </p>
        {level ? (
          <p className="muted small">
            {t('flags.by', { name: level.by })} · <Ago atMs={level.atMs} />
            {level.why === '' ? null : <> · “{level.why}”</>}
          </p>
        ) : null}
        {route ? (
          <p className="muted small">
            {t('flags.route')}{' '}
            <Link to="/services/$name" params={{ name: route.service }}>
              {route.service}
            </Link>{' '}
            · <Ago atMs={route.atMs} />
          </p>
        ) : null}
      </td>
      <td data-label={t('flags.given')}>
        {exposures.variants.map(({ variant, single, bulk }) => `${variant} ${f.number(single + bulk)}`).join(' · ')}
      </td>
      <td>
        <div className="row">
          {isOff ? null : may(session, 'abort', null) ? (
            <button
              type="button"
              className="button small danger"
              aria-label={`${t('flags.off')}: ${key}`}
              onClick={() => onSwitch({ flag, how: 'off' })}
            >
              <Icon name="stop" />
              {t('flags.off')}
            </button>
          ) : null}
          {mayChange && !isOff && route === null && flag.state === 'ENABLED' ? (
            <button
              type="button"
              className="button small"
              aria-label={`${t('flags.share')}: ${key}`}
              onClick={() => onSwitch({ flag, how: 'share' })}
            >
              {t('flags.share')}
            </button>
          ) : null}
          {mayChange && level ? (
            <button
              type="button"
              className="button small"
              aria-label={`${t('flags.reset')}: ${key}`}
              onClick={() => onSwitch({ flag, how: 'reset' })}
            >
              {t('flags.reset')}
            </button>
          ) : null}
        </div>
      </td>
    </tr>
  );
}

/** Who has which variant now. */
function Who({ flag }: { flag: FlagRow }) {
  const { t, f } = useText();
  const { level, route, state, offVariant, defaultVariant, isTargeted } = flag;
  if (level?.level.kind === 'off')
    return (
      <Chip tone="bad" icon="stop">
        {t('flags.is-off', { variant: offVariant })}
      </Chip>
    );
  if (state === 'DISABLED') return <>{t('flags.disabled')}</>;
  const shared = (variant: string, share: number, others: string): string =>
    share === 1
      ? t('flags.all', { variant })
      : share === 0
        ? t('flags.all', { variant: others })
        : t('flags.some', { share: f.share(share), variant, others });
  if (route)
    return <>{shared(route.candidate ?? '', route.candidate === null ? 0 : route.percent / 100, route.stable ?? offVariant)}</>;
  if (level?.level.kind === 'share') return <>{shared(level.level.variant, level.level.sharePpm / 1_000_000, offVariant)}</>;
  return <>{isTargeted ? t('flags.targeted') : t('flags.all', { variant: defaultVariant })}</>;
}
