import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { Problem } from '../api/client.ts';
import { PageTitle } from '../components/page-title.tsx';
import { ProblemNote } from '../components/problem.tsx';
import { useText } from '../text.tsx';

/** A page that could not be shown: what happened, and the way on. */
export function ErrorPage({ error }: { error: unknown }) {
  const { t } = useText();
  const router = useRouter();
  const client = useQueryClient();
  // What a page asks for itself is no matter of the router.
  const again = (): void => {
    void client.refetchQueries({ type: 'active' });
    void router.invalidate();
  };
  const status = error instanceof Problem ? error.status : 500;
  const title =
    status === 403
      ? t('error.forbidden')
      : status === 404
        ? t('error.not-found')
        : status === 0
          ? t('error.lost')
          : t('error.own');
  return (
    <div className="page page-narrow">
      <PageTitle of={title} />
      <h1>{title}</h1>
      <ProblemNote error={error} />
      <p className="row">
        {status === 403 || status === 404 ? null : (
          <button type="button" className="button first" onClick={again}>
            {t('error.again')}
          </button>
        )}
        <Link to="/" className="button">
          {t('error.home')}
        </Link>
      </p>
    </div>
  );
}

export function NotFoundPage() {
  const { t } = useText();
  return (
    <main className="page page-narrow">
      <PageTitle of={t('error.not-found')} />
      <h1>{t('error.not-found')}</h1>
      <p>{t('error.not-found.more')}</p>
      <p>
        <Link to="/" className="button">
          {t('error.home')}
        </Link>
      </p>
    </main>
  );
}

export function Pending() {
  const { t } = useText();
  return (
    <p className="loading" role="status">
      {t('loading')}
    </p>
  );
}
