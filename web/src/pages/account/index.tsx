import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { NewPassword, passwordMin } from '../../components/new-password.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { PresentPassword } from '../../components/present-password.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { say } from '../../components/said.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

/** One's own account: another password. */
export function AccountPage() {
  const { t } = useText();
  const { name } = useSession();
  const navigate = useNavigate();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({
    mutationFn: () => ask(pathOf(['session', 'password']), { method: 'PUT', body: { current, next } }),
    onSuccess: async () => {
      say(t('account.changed'));
      await navigate({ to: '/' });
    },
  });
  return (
    <div className="page page-narrow">
      <PageTitle of={t('account.title')} />
      <h1>{t('account.title')}</h1>
      <form
        className="card form"
        onSubmit={(event) => {
          event.preventDefault();
          if (next.length >= passwordMin && next === again) change.mutate();
        }}
      >
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <PresentPassword label={t('account.current')} value={current} onChange={setCurrent} />
        <NewPassword password={next} again={again} onPassword={setNext} onAgain={setAgain} />
        {change.error ? <ProblemNote error={change.error} /> : null}
        <p>
          <button type="submit" className="button first" disabled={change.isPending}>
            {t('account.go')}
          </button>
        </p>
      </form>
    </div>
  );
}
