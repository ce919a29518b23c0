import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ask, setCsrf } from '../../api/client.ts';
import { optionsQuery } from '../../api/queries.ts';
import type { Session } from '../../api/schema.ts';
import { Field } from '../../components/field.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { Door } from '../../shell/door.tsx';
import { rememberWay } from '../../shell/way-back.ts';
import { useText } from '../../text.tsx';

export function SignInPage() {
  const { t } = useText();
  const client = useQueryClient();
  const router = useRouter();
  const { back } = useSearch({ from: '/sign-in' });
  const options = useQuery(optionsQuery);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask<Session>('/auth/sign-in', { method: 'POST', body: { name: name.trim(), password } }),
    onSuccess: async (session) => {
      setCsrf(session.csrf);
      client.clear();
      client.setQueryData(['session'], session);
      await router.navigate({ href: back ?? '/', replace: true });
    },
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
        <Field label={t('sign-in.name')}>
          {(ids) => (
            <input
              {...ids}
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label={t('sign-in.password')}>
          {(ids) => (
            <input
              {...ids}
              type="password"
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={({ target }) => setPassword(target.value)}
            />
          )}
        </Field>
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
