import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { optionsQuery } from '../../api/queries.ts';
import type { Session } from '../../api/schema.ts';
import { NameField } from '../../components/name-field.tsx';
import { NewPassword, passwordMin } from '../../components/new-password.tsx';
import { Note, ProblemNote } from '../../components/problem.tsx';
import { Door } from '../../shell/door.tsx';
import { useEnter } from '../../shell/enter.ts';
import { useText } from '../../text.tsx';

/** Where a one-time link leads: the first admin chooses a name and a password, everybody else a password. */
export function WelcomePage() {
  const { t } = useText();
  const begin = useEnter();
  // The fragment never reaches a server or its logs; it is taken out of the address, too, so that no screenshot has it.
  const [code] = useState(() => {
    const found = decodeURIComponent(location.hash.slice(1));
    if (found !== '') history.replaceState(history.state, '', '/welcome');
    return found;
  });
  const options = useQuery(optionsQuery);
  const isFirst = options.data?.setup ?? false;
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const enter = useMutation({
    mutationFn: () =>
      ask<Session>('/auth/welcome', { method: 'POST', body: { code, password, ...(isFirst ? { name: name.trim() } : {}) } }),
    onSuccess: (session) => begin(session, '/'),
  });
  if (code === '')
    return (
      <Door title={t('welcome.title')}>
        <Note tone="warn" icon="warn" title={t('welcome.no-code')}>
          <p>{t('welcome.no-code.more')}</p>
        </Note>
        <Link to="/sign-in" search={{}} className="button">
          {t('sign-in.title')}
        </Link>
      </Door>
    );
  return (
    <Door title={t('welcome.title')}>
      <p className="muted">{t(isFirst ? 'welcome.first' : 'welcome.invited')}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (password.length >= passwordMin && password === again) enter.mutate();
        }}
      >
        {isFirst ? (
          <NameField label={t('sign-in.name')} hint={t('welcome.name.hint')} value={name} onChange={setName} isOwn />
        ) : null}
        <NewPassword password={password} again={again} onPassword={setPassword} onAgain={setAgain} />
        {enter.error ? <ProblemNote error={enter.error} /> : null}
        <button type="submit" className="button first" disabled={enter.isPending || options.isPending}>
          {t('welcome.go')}
        </button>
      </form>
    </Door>
  );
}
