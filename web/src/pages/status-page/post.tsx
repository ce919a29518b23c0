import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { may } from '../../api/may.ts';
import type { StatusPost, Text } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { Icon, type IconName } from '../../components/icon.tsx';
import { Ago } from '../../components/moment.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { textIn } from '../../components/text-in.ts';
import { languageNames, languages } from '../../messages/index.ts';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { PostDialog } from './post-dialog.tsx';

const looks: Readonly<Record<StatusPost['state'], readonly [Tone, IconName]>> = {
  investigating: ['warn', 'eye'],
  identified: ['warn', 'check'],
  monitoring: ['info', 'eye'],
  resolved: ['ok', 'check'],
  postmortem: ['quiet', 'check'],
};

/** What customers are told of one incident: the draft that waits, and what was published. */
export function PostCard({ post, components }: { post: StatusPost; components: readonly string[] }) {
  const { t, f, language } = useText();
  const mayPublish = may(useSession(), 'steer', null);
  const { incident, state, title, draft, updates, startedAtMs, publishedAtMs, declined } = post;
  const [tone, icon] = looks[draft?.state ?? state];
  return (
    <li className="card stack tight">
      <div className="row">
        <Chip tone={tone} icon={icon}>
          {t(`post.state.${draft?.state ?? state}`)}
        </Chip>
        <h3>{textIn(draft?.title ?? title, language)}</h3>
      </div>
      <p className="muted small">
        {incident === null ? null : (
          <>
            <Link to="/incidents/$id" params={{ id: incident }}>
              {t('post.incident')}
            </Link>{' '}
            ·{' '}
          </>
        )}
        {components.length === 0 ? null : <>{t('post.hurts', { names: components.join(', ') })} · </>}
        {t('post.began')} <Ago atMs={startedAtMs} /> ·{' '}
        {publishedAtMs === null ? (
          t('post.first')
        ) : (
          <>
            {t('post.published')} <Ago atMs={publishedAtMs} />
          </>
        )}
        {declined === null ? null : <> · {t('post.declined')}</>}
      </p>
      {draft === null ? null : (
        <>
          <p className="muted small">
            {t('post.drafted')} <Ago atMs={draft.draftedAtMs} />
          </p>
          <BothLanguages title={draft.title} body={draft.body} />
        </>
      )}
      {mayPublish ? <Deeds post={post} /> : null}
      {updates.length === 0 ? null : (
        <details className="fold">
          <summary>{t('post.updates', { n: updates.length })}</summary>
          <ol className="stack tight">
            {updates.toReversed().map((update) => (
              <li key={update.id}>
                <p className="muted small">
                  {t(`post.state.${update.state}`)} · {f.date(update.atMs)} · {update.by}
                </p>
                <p className="post-text">{textIn(update.body, language)}</p>
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  );
}

/** What both kinds of readers are told, beside each other, because both are published. */
function BothLanguages({ title, body }: { title: Text; body: Text }) {
  return (
    <div className="post-languages">
      {languages.map((language) => (
        <div key={language} lang={language} className="stack tight">
          <p className="muted small">{languageNames[language]}</p>
          <p className="strong">{textIn(title, language)}</p>
          <p className="post-text">{textIn(body, language)}</p>
        </div>
      ))}
    </div>
  );
}

function Deeds({ post }: { post: StatusPost }) {
  const { t, language } = useText();
  const [asked, setAsked] = useState<'edit' | 'decline' | null>(null);
  const to = { under: ['status-page', 'posts', post.id], queryKey: ['status-page'] };
  const publish = useDeed(to, t('post.publish.done'));
  const decline = useDeed(to, t('post.decline.done'), { onDone: () => setAsked(null) });
  const { draft } = post;
  const title = textIn(draft?.title ?? post.title, language);
  return (
    <>
      <div className="row">
        {draft === null ? null : (
          <button
            type="button"
            className="button first"
            aria-label={t('post.of', { what: t('post.publish'), title })}
            disabled={publish.isPending}
            // What is on the screen, and not what the draft may have become meanwhile.
            onClick={() =>
              publish.mutate({
                method: 'POST',
                path: ['publish'],
                body: { state: draft.state, title: draft.title, body: draft.body },
              })
            }
          >
            <Icon name="forward" />
            {t('post.publish')}
          </button>
        )}
        <button
          type="button"
          className="button"
          aria-label={t('post.of', { what: t(draft === null ? 'post.write' : 'post.edit'), title })}
          onClick={() => setAsked('edit')}
        >
          {t(draft === null ? 'post.write' : 'post.edit')}
        </button>
        {draft === null ? null : (
          <button
            type="button"
            className="button"
            aria-label={t('post.of', { what: t('post.decline'), title })}
            onClick={() => setAsked('decline')}
          >
            {t('post.decline')}
          </button>
        )}
      </div>
      {publish.error ? <ProblemNote error={publish.error} /> : null}
      {asked === 'edit' ? <PostDialog post={post} onClose={() => setAsked(null)} /> : null}
      {asked === 'decline' ? (
        <ReasonDialog
          title={t('post.decline.title')}
          explanation={t('post.decline.does')}
          go={t('post.decline')}
          isDanger={false}
          isRequired
          isBusy={decline.isPending}
          error={decline.error}
          onGo={(why) => decline.mutate({ method: 'POST', path: ['decline'], body: { why } })}
          onClose={() => setAsked(null)}
        />
      ) : null}
    </>
  );
}
