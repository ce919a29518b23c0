import type { ResponderAction } from '../../api/schema.ts';
import { ActionChip } from '../../components/machine-states.tsx';
import { Ago, Since } from '../../components/moment.tsx';
import { useText } from '../../text.tsx';

/** What the machine itself has tried, and whether that helped. */
export function Machine({ actions }: { actions: readonly ResponderAction[] }) {
  const { t } = useText();
  return (
    <section className="card stack" aria-labelledby="machine">
      <h2 id="machine">{t('machine.title')}</h2>
      {actions.length === 0 ? <p className="muted">{t('machine.none')}</p> : null}
      {actions.length === 0 ? null : (
        <ol className="stack tight">
          {actions.map((action) => (
            <Action key={action.id} action={action} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Action({ action }: { action: ResponderAction }) {
  const { t, f } = useText();
  const { kind, begunAtMs, endedAtMs, said } = action;
  return (
    <li>
      <p className="row">
        <span className="strong">{t(`machine.${kind}`)}</span>
        <ActionChip action={action} />
        <span className="muted small">
          <Ago atMs={begunAtMs} /> · {endedAtMs === null ? <Since atMs={begunAtMs} /> : f.duration(endedAtMs - begunAtMs)}
        </span>
      </p>
      <p>{said}</p>
    </li>
  );
}
