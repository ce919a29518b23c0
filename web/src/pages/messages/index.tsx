import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { isFinal } from '../../api/client.ts';
import { useTopics } from '../../api/live.ts';
import { may } from '../../api/may.ts';
import { notificationsQuery } from '../../api/queries.ts';
import type { Notifications } from '../../api/schema.ts';
import { Icon } from '../../components/icon.tsx';
import { MessageTable, rowOf } from '../../components/message-table.tsx';
import { Ago } from '../../components/moment.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { Receivers } from './receivers.tsx';

/** What people and programs are told: what could not be, what waits, and how each receiver takes it. */
export function MessagesPage() {
  const { t } = useText();
  useTopics(may(useSession(), 'read', null) ? ['notifications'] : []);
  const notifications = useQuery(notificationsQuery);
  if (!notifications.data && isFinal(notifications.error)) return <ErrorPage error={notifications.error} />;
  return (
    <div className="page">
      <PageTitle of={t('messages.title')} />
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/incidents">{t('incidents.title')}</Link>
          </p>
          <h1>{t('messages.title')}</h1>
          <p className="muted">{t('messages.more')}</p>
        </div>
      </div>
      {notifications.error ? <ProblemNote error={notifications.error} /> : null}
      {notifications.isPending ? <Pending /> : null}
      {notifications.data ? <Shown of={notifications.data} /> : null}
    </div>
  );
}

function Shown({ of: { receivers, messages, handedOver } }: { of: Notifications }) {
  const { t } = useText();
  const {
    failed = [],
    waiting = [],
    over = [],
  } = Object.groupBy(messages, ({ state }) =>
    state === 'refused' || state === 'given-up' ? 'failed' : state === 'waiting' || state === 'under-way' ? 'waiting' : 'over',
  );
  return (
    <>
      <section className="card stack" aria-labelledby="failed">
        <h2 id="failed">{t('messages.failed')}</h2>
        {failed.length === 0 ? (
          <p className="calm ink-ok">
            <Icon name="check" /> {t('messages.failed.none')}
          </p>
        ) : (
          <MessageTable label={t('messages.failed.table')} messages={failed.map(rowOf)} />
        )}
      </section>
      {handedOver.length === 0 ? null : <HandedOver handedOver={handedOver} />}
      <Receivers receivers={receivers} />
      <section className="card stack" aria-labelledby="waiting">
        <h2 id="waiting">{t('messages.waiting')}</h2>
        {waiting.length === 0 ? (
          <p className="muted">{t('messages.waiting.none')}</p>
        ) : (
          <MessageTable label={t('messages.waiting.table')} messages={waiting.map(rowOf)} />
        )}
      </section>
      <section className="card stack" aria-labelledby="over">
        <h2 id="over">{t('messages.over')}</h2>
        {over.length === 0 ? (
          <p className="muted">{t('messages.over.none')}</p>
        ) : (
          <MessageTable label={t('messages.over.table')} messages={over.map(rowOf)} />
        )}
      </section>
    </>
  );
}

/** What a person has to end at the receiver, because it can no longer be told. */
function HandedOver({ handedOver }: { handedOver: Notifications['handedOver'] }) {
  const { t } = useText();
  return (
    <section className="card stack" aria-labelledby="handed-over">
      <h2 id="handed-over">{t('messages.by-hand')}</h2>
      <p className="muted">{t('messages.by-hand.more')}</p>
      <ul className="stack tight">
        {handedOver.map(({ notifier, to, thread, title, incident, atMs, why }) => (
          <li key={`${notifier} ${to} ${thread}`}>
            <p className="row">
              <span className="strong">{to === null ? notifier : `${notifier} (${to})`}</span>
              {incident === null ? (
                title
              ) : (
                <Link to="/incidents/$id" params={{ id: incident }}>
                  {title}
                </Link>
              )}
              <span className="muted small">
                <Ago atMs={atMs} />
              </span>
            </p>
            <p className="muted small">{why}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
