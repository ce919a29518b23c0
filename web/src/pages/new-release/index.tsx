import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import { may, maySomewhere } from '../../api/may.ts';
import { servicesQuery } from '../../api/queries.ts';
import type { Plan, Started } from '../../api/schema.ts';
import { Field } from '../../components/field.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { DocumentFields, type DocumentInput } from './document.tsx';
import './new-release.css';
import { PageTitle } from '../../components/page-title.tsx';
import { PlanShown } from './plan.tsx';

type Source = 'service' | 'document';

/** A release begins with its plan: it is shown before anything can be started, and again when anything has changed. */
export function NewReleasePage() {
  const { t } = useText();
  const { service: given } = useSearch({ from: '/inside/new-release' });
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const services = useQuery(servicesQuery);
  const names = (services.data?.services ?? [])
    .filter(({ name, stable }) => stable !== null && may(session, 'release', name))
    .map(({ name }) => name);
  const [source, setSource] = useState<Source>('service');
  const [service, setService] = useState(given ?? '');
  const [document, setDocument] = useState<DocumentInput>({ document: '', file: 'service.yaml', folder: '' });
  const [version, setVersion] = useState('');
  const [why, setWhy] = useState('');
  const hasServices = names.length > 0;
  const isOfDocument = source === 'document' || (services.isSuccess && !hasServices);
  const of = isOfDocument ? document : { service: service || (names[0] ?? '') };
  const wish = { ...of, version: version.trim() };
  const asked = JSON.stringify(wish);

  const plan = useMutation({
    mutationFn: async () => ({ asked, plan: await ask<Plan>(pathOf(['plan']), { method: 'POST', body: wish }) }),
  });
  const { key, failed } = useIntent();
  const start = useMutation({
    mutationFn: () => ask<Started>(pathOf(['releases']), { method: 'POST', body: { ...wish, why: why.trim() }, key }),
    onSuccess: async ({ release }) => {
      void client.invalidateQueries();
      await navigate({ to: '/releases/$id', params: { id: release } });
    },
    onError: failed,
  });
  const shown = plan.data?.asked === asked ? plan.data.plan : null;

  if (!maySomewhere(session, 'release'))
    return (
      <div className="page page-narrow">
        <h1>{t('new.title')}</h1>
        <Note tone="warn" icon="warn" title={t('new.forbidden')} />
      </div>
    );
  return (
    <div className="page page-narrow">
      <PageTitle of={t('new.title')} />
      <h1>{t('new.title')}</h1>
      <form
        className="card form"
        onSubmit={(event) => {
          event.preventDefault();
          start.reset();
          plan.mutate();
        }}
      >
        {hasServices ? (
          <fieldset>
            <legend>{t('new.source')}</legend>
            <div className="row">
              {(['service', 'document'] as const).map((one) => (
                <label key={one} className="check">
                  <input type="radio" name="source" checked={source === one} onChange={() => setSource(one)} />
                  {t(`new.source.${one}`)}
                </label>
              ))}
            </div>
          </fieldset>
        ) : null}
        {isOfDocument ? (
          <DocumentFields value={document} onChange={setDocument} />
        ) : (
          <Field label={t('overview.column.service')}>
            {(ids) => (
              <select {...ids} value={service || names[0]} onChange={({ target }) => setService(target.value)}>
                {names.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Field label={t('column.version')} hint={t('new.version.hint')}>
          {(ids) => (
            <input
              {...ids}
              name="version"
              required
              spellCheck={false}
              autoComplete="off"
              value={version}
              onChange={({ target }) => setVersion(target.value)}
            />
          )}
        </Field>
        <ReasonField value={why} onChange={setWhy} />
        {plan.error ? <ProblemNote error={plan.error} /> : null}
        <p>
          <button type="submit" className={`button${shown ? '' : ' first'}`} disabled={plan.isPending}>
            {t('new.plan')}
          </button>
        </p>
      </form>
      <div role="status">{plan.data && !shown ? <p className="muted">{t('new.changed')}</p> : null}</div>
      {shown ? (
        <>
          <PlanShown plan={shown} />
          {start.error ? <ProblemNote error={start.error} /> : null}
          <p>
            <button type="button" className="button first" disabled={start.isPending} onClick={() => start.mutate()}>
              {t('new.start', { service: shown.service, version: shown.candidate })}
            </button>
          </p>
        </>
      ) : null}
    </div>
  );
}
