import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ask, setCsrf } from '../api/client.ts';
import { live } from '../api/live.ts';
import { Icon } from '../components/icon.tsx';
import { say } from '../components/said.tsx';
import { useText } from '../text.tsx';
import { LanguageChoice, ThemeChoice } from './choices.tsx';
import { useSession } from './session.tsx';
import { useMenu } from './shell.tsx';

export function UserMenu() {
  const { t } = useText();
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const ref = useMenu();
  const signOut = async (): Promise<void> => {
    try {
      await ask('/auth/sign-out', { method: 'POST' });
    } catch (error) {
      say(error instanceof Error && error.message ? error.message : t('problem.unreachable'), false);
      return;
    }
    live.stop();
    setCsrf(null);
    await navigate({ to: '/sign-in', search: {} });
    client.clear();
  };
  return (
    <details className="menu" ref={ref}>
      <summary aria-label={t('user.menu', { name: session.name })}>
        <Icon name="user" />
        <span className="menu-name">{session.name}</span>
      </summary>
      <div className="menu-body">
        <div>
          <p className="strong">{session.name}</p>
          <p className="muted small">{session.grants.map(({ role }) => t(`role.${role}`)).join(', ')}</p>
        </div>
        <LanguageChoice />
        <ThemeChoice />
        {session.kind === 'user' ? (
          <Link to="/account" className="button">
            {t('user.password')}
          </Link>
        ) : null}
        <button type="button" className="button" onClick={() => void signOut()}>
          {t('user.sign-out')}
        </button>
      </div>
    </details>
  );
}
