import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask, pathOf } from '../../api/client.ts';
import { demoQuery } from '../../api/queries.ts';
import { say } from '../../components/said.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

const pollMs = 10_000;

/** How the demo goes, as long as its users are there, and the way to end it. */
export function DemoLine() {
  const { t } = useText();
  const client = useQueryClient();
  const mayRead = useMay('read', null);
  const mayAdminister = useMay('administer', null);
  const demo = useQuery({ ...demoQuery, enabled: mayRead, refetchInterval: pollMs });
  const end = useMutation({
    mutationFn: () => ask(pathOf(['demo']), { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['demo'] }),
    onError: (error) => say(error.message || t('problem.unreachable'), false),
  });
  const { state, said } = demo.data ?? { state: 'absent', said: null };
  if (state !== 'running' && state !== 'over' && state !== 'failed') return null;
  return (
    <div className="row apart muted small">
      <p>
        {t('demo.line')} {said ?? t(state === 'running' ? 'demo.running' : 'demo.over')}
      </p>
      {mayAdminister && state !== 'failed' ? (
        <button type="button" className="button small" disabled={end.isPending} onClick={() => end.mutate()}>
          {t('demo.end')}
        </button>
      ) : null}
    </div>
  );
}
