import { Problem } from '../api/client.ts';
import { useText } from '../text.tsx';
import { Icon, type IconName } from './icon.tsx';
import type { Tone } from './states.tsx';

/** A remark in a frame. */
export function Note({
  tone,
  icon,
  title,
  children,
}: {
  tone: Tone;
  icon: IconName;
  title?: string;
  children?: React.ReactNode;
}) {
  return (
    <div className={`note tone-${tone}`}>
      <Icon name={icon} />
      <div className="note-body">
        {title === undefined ? null : <p className="note-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}

/** What went wrong, where, and what to do, in the words of the API. */
export function ProblemNote({ error }: { error: unknown }) {
  const { t } = useText();
  if (!(error instanceof Problem))
    return (
      <div role="alert">
        <Note tone="bad" icon="stop" title={t('problem.own')}>
          <p>{error instanceof Error ? error.message : String(error)}</p>
        </Note>
      </div>
    );
  return (
    <div role="alert">
      <Note tone="bad" icon="stop" title={error.message || t(error.status === 0 ? 'problem.unreachable' : 'problem.unknown')}>
        {error.where ? (
          <p className="small">
            <span className="muted">{t('problem.where')}</span> {error.where}
          </p>
        ) : null}
        {error.fix ? (
          <p className="small">
            <span className="muted">{t('problem.fix')}</span> {error.fix}
          </p>
        ) : null}
        {error.problems.length > 0 ? <Mistakes problems={error.problems} /> : null}
      </Note>
    </div>
  );
}

/** As `rampart validate` tells it. */
type Mistake = { readonly message: string; readonly fix?: string; readonly line: number; readonly column: number };

function Mistakes({ problems }: { problems: readonly unknown[] }) {
  const { t } = useText();
  return (
    <ul className="stack tight small">
      {(problems as readonly Mistake[]).slice(0, 50).map((mistake, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and two mistakes may read the same.
        <li key={index}>
          <span className="mono muted">{t('problem.line', { line: String(mistake.line), column: String(mistake.column) })} </span>
          {mistake.message}
          {mistake.fix ? <span className="muted"> · {mistake.fix}</span> : null}
        </li>
      ))}
    </ul>
  );
}
