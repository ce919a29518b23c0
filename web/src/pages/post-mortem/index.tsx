import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { isFinal, pathOf } from '../../api/client.ts';
import { useTopics } from '../../api/live.ts';
import { may } from '../../api/may.ts';
import { postMortemQuery } from '../../api/queries.ts';
import type { PostMortem } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { IncidentChip, isOver, SeverityChip } from '../../components/incident-states.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { ErrorPage, Pending } from '../../shell/errors.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { Causes } from './causes.tsx';
import { Impact } from './impact.tsx';
import { ActionItems } from './items.tsx';
import { Lessons } from './lessons.tsx';
import './post-mortem.css';
import { PageTitle } from '../../components/page-title.tsx';
import { Proposals } from './proposals.tsx';
import { ReviewForm } from './review-form.tsx';
import { PostMortemClocks } from './times.tsx';

const forms = ['md', 'html', 'json'] as const;

/** The post-mortem of an incident: what the record proves, and beside it what only people can say. */
export function PostMortemPage() {
  const { id } = useParams({ from: '/inside/incidents/$id/post-mortem' });
  const postMortem = useQuery(postMortemQuery(id));
  useTopics(!postMortem.data && isFinal(postMortem.error) ? [] : [`incident:${id}`]);
  if (postMortem.isPending) return <Pending />;
  if (!postMortem.data) return <ErrorPage error={postMortem.error} />;
  return <Shown of={postMortem.data} error={postMortem.error} />;
}

function Shown({ of, error }: { of: PostMortem; error: Error | null }) {
  const { t, f, language } = useText();
  const session = useSession();
  const { incident: id, title, severity, state, service, review } = of;
  const mayWrite = may(session, 'report', service);
  return (
    <div className="page">
      <PageTitle of={`${t('post-mortem.title')}: ${title}`} />
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/incidents">{t('incidents.title')}</Link> ›{' '}
            <Link to="/incidents/$id" params={{ id }}>
              {id}
            </Link>
          </p>
          <h1 className="row">
            {t('post-mortem.title')}: {title} <SeverityChip severity={severity} isPast={isOver(state)} />{' '}
            <IncidentChip state={state} />
          </h1>
          <p className="muted">
            {review.accepted === null
              ? isOver(state)
                ? null
                : t('post-mortem.so-far')
              : t('post-mortem.accepted', { name: review.accepted.by, time: f.date(review.accepted.atMs) })}
          </p>
        </div>
        <div className="row">
          <span className="muted small">{t('post-mortem.as')}</span>
          {forms.map((format) => (
            <a
              key={format}
              className="button small"
              href={pathOf(['incidents', id, 'post-mortem', 'report'], { format, lang: language })}
              download={`${id}.${format}`}
            >
              {format.toUpperCase()}
            </a>
          ))}
          {state === 'resolved' && may(session, 'steer', service) ? <Accept id={id} /> : null}
        </div>
      </div>
      {error ? <ProblemNote error={error} /> : null}
      <div className="post-mortem-grid">
        <div className="stack">
          <Impact lines={of.impact} />
          <PostMortemClocks clocks={of.clocks} />
          <Causes causes={of.causes} />
          <Proposals of={of} mayWrite={mayWrite} />
          <Lessons id={id} />
        </div>
        <div className="stack">
          <ReviewForm of={of} mayWrite={mayWrite} />
          <ActionItems id={id} items={review.items} mayWrite={mayWrite} />
        </div>
      </div>
    </div>
  );
}

function Accept({ id }: { id: string }) {
  const { t } = useText();
  const [isAsked, setAsked] = useState(false);
  const accept = useDeed({ under: ['incidents', id], queryKey: ['incident', id] }, t('post-mortem.accept.done'), {
    onDone: () => setAsked(false),
  });
  return (
    <>
      <button type="button" className="button first" onClick={() => setAsked(true)}>
        {t('post-mortem.accept')}
      </button>
      {isAsked ? (
        <ReasonDialog
          title={t('post-mortem.accept.title')}
          explanation={t('post-mortem.accept.does')}
          go={t('post-mortem.accept')}
          isDanger={false}
          isRequired={false}
          isBusy={accept.isPending}
          error={accept.error}
          onGo={(why) => accept.mutate({ method: 'POST', path: ['verbs'], body: { verb: 'review', why } })}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </>
  );
}
