import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTopics } from '../../api/live.ts';
import { may } from '../../api/may.ts';
import { statusBoardQuery } from '../../api/queries.ts';
import type { StatusBoard } from '../../api/schema.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { Ago, useNow } from '../../components/moment.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { textIn } from '../../components/text-in.ts';
import { Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { Maintenances } from './maintenance.tsx';
import { PostCard } from './post.tsx';
import './status-page.css';
import { PageTitle } from '../../components/page-title.tsx';

/** What customers are told, for those who tell them: components as they are measured, drafts, and what was published. */
export function StatusPagePage() {
  const { t } = useText();
  useTopics(may(useSession(), 'read', null) ? ['status-page'] : []);
  const board = useQuery(statusBoardQuery);
  return (
    <div className="page">
      <PageTitle of={t('status.title')} />
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/incidents">{t('incidents.title')}</Link>
          </p>
          <h1>{t('status.title')}</h1>
          <p className="muted">{t('status.more')}</p>
        </div>
        {board.data?.url ? (
          <a className="button" href={board.data.url} target="_blank" rel="noreferrer">
            {t('status.link')}
          </a>
        ) : null}
      </div>
      {board.error ? <ProblemNote error={board.error} /> : null}
      {board.isPending ? <Pending /> : null}
      {board.data ? <Board board={board.data} /> : null}
    </div>
  );
}

function Board({ board }: { board: StatusBoard }) {
  const { t } = useText();
  const drafts = board.posts.filter(({ draft }) => draft !== null);
  const others = board.posts.filter(({ draft, publishedAtMs }) => draft === null && publishedAtMs !== null);
  if (board.components.length === 0 && board.posts.length === 0)
    return (
      <Note tone="info" icon="question" title={t('status.none')}>
        <p>{t('status.none.more')}</p>
      </Note>
    );
  return (
    <>
      <section aria-labelledby="drafts" className="stack tight">
        <h2 id="drafts">{t('status.drafts')}</h2>
        {drafts.length === 0 ? (
          <p className="calm ink-ok">
            <Icon name="check" /> {t('status.drafts.none')}
          </p>
        ) : (
          <Posts posts={drafts} board={board} />
        )}
      </section>
      <Components board={board} />
      <Maintenances board={board} />
      <section aria-labelledby="published" className="stack tight">
        <h2 id="published">{t('status.published')}</h2>
        {others.length === 0 ? <p className="muted">{t('status.published.none')}</p> : <Posts posts={others} board={board} />}
      </section>
    </>
  );
}

function Posts({ posts, board }: { posts: StatusBoard['posts']; board: StatusBoard }) {
  const { language } = useText();
  const titles = new Map(board.components.map(({ name, title }) => [name, textIn(title, language)]));
  return (
    <ol className="stack tight">
      {posts.map((post) => (
        <PostCard key={post.id} post={post} components={post.components.map((name) => titles.get(name) ?? name)} />
      ))}
    </ol>
  );
}

type ComponentState = StatusBoard['components'][number]['state'];

const looks: Readonly<Record<ComponentState, readonly [Tone, IconName]>> = {
  operational: ['ok', 'check'],
  degraded_performance: ['warn', 'warn'],
  partial_outage: ['warn', 'warn'],
  major_outage: ['bad', 'stop'],
};

function Components({ board: { components, provenAtMs, unmeasured, subscribers } }: { board: StatusBoard }) {
  const { t, f, language } = useText();
  const now = useNow();
  return (
    <section className="card stack" aria-labelledby="components">
      <h2 id="components">{t('status.components')}</h2>
      {provenAtMs === null ? (
        <p className="ink-warn">
          {t('status.unproven')} {unmeasured.join(', ')}
        </p>
      ) : (
        <p className="muted small">{t('status.proven', { time: f.duration(Math.max(0, now - provenAtMs)) })}</p>
      )}
      {subscribers === null ? null : (
        <p className="muted small">
          {t('status.subscribers', { n: subscribers.confirmed })}
          {subscribers.waiting === 0 ? null : <> · {t('status.subscribers.waiting', { n: subscribers.waiting })}</>}
          {subscribers.suspended === 0 ? null : <> · {t('status.subscribers.suspended', { n: subscribers.suspended })}</>}
        </p>
      )}
      <Scroll label={t('status.components.table')}>
        <table className="cards">
          <TableHead columns={[t('status.component'), t('settings.state'), t('status.component.since')]} />
          <tbody>
            {components.map(({ name, title, state, changedAtMs, isMaintained }) => (
              <tr key={name}>
                <th scope="row">{textIn(title, language)}</th>
                <td>
                  <span className="row">
                    <Chip tone={looks[state][0]} icon={looks[state][1]}>
                      {t(`component.${state}`)}
                    </Chip>
                    {isMaintained ? (
                      <Chip tone="info" icon="gear">
                        {t('status.maintained')}
                      </Chip>
                    ) : null}
                  </span>
                </td>
                <td data-label={t('status.component.since')}>
                  <Ago atMs={changedAtMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
