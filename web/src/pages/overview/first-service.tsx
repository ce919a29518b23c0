import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, pathOf } from '../../api/client.ts';
import { demoQuery } from '../../api/queries.ts';
import { Copy } from '../../components/copy.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { firstCommands } from './first-commands.ts';

/** An empty start: how to make the first service, and the demo to look at. */
export function FirstService() {
  const { t } = useText();
  const mayAdminister = useMay('administer', null);
  return (
    <div className="first-service">
      <section className="card stack">
        <h2>{t('first.title')}</h2>
        <p>{t('first.more')}</p>
        <ol className="stack tight">
          {firstCommands.map((command, index) => (
            <li key={command} className="stack tight">
              <p className="small muted">{t(`first.step.${(index + 1) as 1 | 2 | 3}`)}</p>
              <Copy text={command} label={t('first.command')} />
            </li>
          ))}
        </ol>
      </section>
      <section className="card stack">
        <h2>{t('demo.title')}</h2>
        <p>{t('demo.more')}</p>
        {mayAdminister ? <StartDemo /> : <p className="muted">{t('demo.admin-only')}</p>}
      </section>
    </div>
  );
}

function StartDemo() {
  const { t } = useText();
  const client = useQueryClient();
  const demo = useQuery(demoQuery);
  const start = useMutation({
    mutationFn: () => ask(pathOf(['demo']), { method: 'POST' }),
    onSuccess: () => client.invalidateQueries(),
  });
  const isRunning = start.isSuccess || demo.data?.state === 'running';
  return (
    <>
      {start.error ? <ProblemNote error={start.error} /> : null}
      {demo.data?.said ? <p className="muted">{demo.data.said}</p> : null}
      <p>
        <button type="button" className="button first" disabled={start.isPending || isRunning} onClick={() => start.mutate()}>
          {t(isRunning ? 'demo.running' : 'demo.start')}
        </button>
      </p>
      <p role="status" className="muted small">
        {isRunning ? t('demo.wait') : ''}
      </p>
    </>
  );
}
