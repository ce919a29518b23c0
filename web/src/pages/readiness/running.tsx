import type { RunProgress } from '../../api/types.ts';
import { Note } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

/** Most items that are named at once. */
const namedMax = 4;

/** How far the runs are that are under way. It is always there, so that a screen reader hears of the first one too. */
export function Running({ running }: { running: readonly RunProgress[] }) {
  const { t } = useText();
  return (
    <div role="status" className="stack tight">
      {running.map(({ run, total, done, now }) => {
        const label = t('readiness.running', { done, total });
        return (
          <Note key={run} tone="info" icon="play" title={label}>
            <progress className="readiness-progress" max={Math.max(total, 1)} value={done} aria-label={label} />
            {now.length > 0 ? (
              <p className="small">
                {t('readiness.running.now', {
                  items: now
                    .slice(0, namedMax)
                    .map(({ item, said }) => (said === null ? item : `${item} (${said})`))
                    .join(', '),
                })}
              </p>
            ) : null}
          </Note>
        );
      })}
    </div>
  );
}
