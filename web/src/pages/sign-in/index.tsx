import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { optionsQuery } from '../../api/queries.ts';
import type { Session } from '../../api/schema.ts';
import { NameField } from '../../components/name-field.tsx';
import { PresentPassword } from '../../components/present-password.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { Door } from '../../shell/door.tsx';
import { useEnter } from '../../shell/enter.ts';
import { rememberWay } from '../../shell/way-back.ts';
import { useText } from '../../text.tsx';

export function SignInPage() {
  const { t } = useText();
  const enter = useEnter();
  const { back } = useSearch({ from: '/sign-in' });
  const options = useQuery(optionsQuery);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask<Session>('/auth/sign-in', { method: 'POST', body: { name: name.trim(), password } }),
    onSuccess: (session) => enter(session, back ?? '/'),
  });
  return (
    <Door title={t('sign-in.title')}>
      {options.data?.setup ? (
        <Note tone="info" icon="question" title={t('sign-in.setup')}>
          <p>{t('sign-in.setup.more')}</p>
        </Note>
      ) : null}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <NameField label={t('sign-in.name')} value={name} onChange={setName} isOwn />
        <PresentPassword label={t('sign-in.password')} value={password} onChange={setPassword} />
        {signIn.error ? <ProblemNote error={signIn.error} /> : null}
        <button type="submit" className="button first" disabled={signIn.isPending}>
          {t('sign-in.go')}
        </button>
      </form>
      {options.data?.oidc ? (
        <a className="button" href={options.data.oidc.url} onClick={() => rememberWay(back ?? null)}>
          {t('sign-in.oidc', { name: options.data.oidc.name })}
        </a>
      ) : null}
    </Door>
  );
}
