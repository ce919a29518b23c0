import { Note } from '../../components/problem.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import './access.css';
import { PageTitle } from '../../components/page-title.tsx';
import { Tokens } from './tokens.tsx';
import { Users } from './users.tsx';

/** Who may do what: people and programs. */
export function AccessPage() {
  const { t } = useText();
  const mayAdminister = useMay('administer', null);
  return (
    <div className="page">
      <PageTitle of={t('nav.access')} />
      <h1>{t('nav.access')}</h1>
      {mayAdminister ? (
        <>
          <Users />
          <Tokens />
        </>
      ) : (
        <Note tone="warn" icon="warn" title={t('error.forbidden')} />
      )}
    </div>
  );
}
