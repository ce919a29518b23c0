import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ask, pathOf } from '../../api/client.ts';
import { overviewQuery } from '../../api/queries.ts';
import type { Audit, ChainReport } from '../../api/types.ts';
import { Field } from '../../components/field.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { ServiceChoice } from '../../components/service-choice.tsx';
import type { AuditSearch } from '../../router.tsx';
import { Pending } from '../../shell/errors.tsx';
import { useText } from '../../text.tsx';
import './audit.css';
import { PageTitle } from '../../components/page-title.tsx';
import { Entry, kindTexts } from './entry.tsx';

const pageSize = 50;

/** Who did what, when, from where and why, with what was before and after; in a chain that shows whether anything was altered. */
export function AuditPage() {
  const { t } = useText();
  const search = useSearch({ from: '/inside/audit' });
  const navigate = useNavigate();
  const filter = (change: AuditSearch): void => {
    const next = Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== ''));
    void navigate({ to: '/audit', search: next, replace: true });
  };
  const audit = useInfiniteQuery({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) =>
      ask<Audit>(pathOf(['audit'], { ...askedOf(search), cursor: pageParam, limit: pageSize }), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  const services = useQuery(overviewQuery).data?.services ?? [];
  const names = new Set([...services.map(({ name }) => name).sort(), ...(search.service === undefined ? [] : [search.service])]);
  const entries = audit.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <div className="page">
      <PageTitle of={t('audit.title')} />
      <div className="page-head">
        <h1>{t('audit.title')}</h1>
        <div className="row">
          <Verify />
          <a className="button" href={pathOf(['audit', 'export'], { service: search.service })} download="rampart-audit.jsonl">
            {t('audit.export')}
          </a>
        </div>
      </div>
      <form className="card form-line" aria-label={t('audit.filter')} onSubmit={(event) => event.preventDefault()}>
        <ServiceChoice service={search.service} names={names} onChoose={(service) => filter({ service })} />
        <Field label={t('audit.actor')}>
          {(ids) => (
            <input
              {...ids}
              type="search"
              defaultValue={search.actor}
              onChange={({ target }) => filter({ actor: target.value.trim() })}
            />
          )}
        </Field>
        <Field label={t('audit.kind')}>
          {(ids) => (
            <select {...ids} value={search.kind ?? ''} onChange={({ target }) => filter({ kind: target.value })}>
              <option value="">{t('audit.kind.any')}</option>
              {Object.entries(kindTexts).map(([kind, text]) => (
                <option key={kind} value={kind}>
                  {t(text)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t('audit.since')}>
          {(ids) => (
            <input {...ids} type="date" defaultValue={search.from} onChange={({ target }) => filter({ from: target.value })} />
          )}
        </Field>
        <Field label={t('audit.until')}>
          {(ids) => (
            <input {...ids} type="date" defaultValue={search.to} onChange={({ target }) => filter({ to: target.value })} />
          )}
        </Field>
      </form>
      {audit.error ? <ProblemNote error={audit.error} /> : null}
      {audit.isPending ? <Pending /> : null}
      {audit.data && entries.length === 0 ? <p className="muted">{t('audit.none')}</p> : null}
      {entries.length > 0 ? (
        <ol className="audit card">
          {entries.map((entry) => (
            <Entry key={entry.seq} entry={entry} />
          ))}
        </ol>
      ) : null}
      {audit.hasNextPage ? (
        <p>
          <button type="button" className="button" disabled={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t('more')}
          </button>
        </p>
      ) : null}
    </div>
  );
}

/** Days are those of the person who looks: from the beginning of the first to the end of the last. */
function askedOf({ from, to, ...rest }: AuditSearch) {
  return { ...rest, after: dayStart(from, 0), before: dayStart(to, 1) };
}

function dayStart(day: string | undefined, more: number): number | null {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? '') ?? [];
  if (year === undefined) return null;
  return Math.max(0, new Date(Number(year), Number(month) - 1, Number(date) + more).getTime());
}

function Verify() {
  const { t } = useText();
  const verify = useMutation({ mutationFn: () => ask<ChainReport>(pathOf(['audit', 'verify'])) });
  const report = verify.data;
  return (
    <>
      <div role="status">
        {verify.error ? <ProblemNote error={verify.error} /> : null}
        {report?.kind === 'intact' ? <Note tone="ok" icon="check" title={t('audit.intact', { n: report.events })} /> : null}
        {report?.kind === 'broken' ? (
          <Note tone="bad" icon="stop" title={t('audit.broken', { seq: String(report.seq) })}>
            <p>{report.reason}</p>
          </Note>
        ) : null}
      </div>
      <button type="button" className="button" disabled={verify.isPending} onClick={() => verify.mutate()}>
        {t('audit.verify')}
      </button>
    </>
  );
}
