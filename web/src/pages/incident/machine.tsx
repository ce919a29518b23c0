import type { ResponderAction } from '../../api/schema.ts';
import type { IconName } from '../../components/icon.tsx';
import { Ago, Since } from '../../components/moment.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { useText } from '../../text.tsx';

const looks: Readonly<Record<NonNullable<ResponderAction['outcome']>, readonly [Tone, IconName]>> = {
  helped: ['ok', 'check'],
  'no-help': ['warn', 'warn'],
  failed: ['bad', 'cross'],
  skipped: ['quiet', 'forward'],
};

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

function Action({ action: { kind, begunAtMs, endedAtMs, outcome, said } }: { action: ResponderAction }) {
  const { t, f } = useText();
  const look = outcome === null ? null : looks[outcome];
  return (
    <li>
      <p className="row">
        <span className="strong">{t(`machine.${kind}`)}</span>
        {outcome !== null && look ? (
          <Chip tone={look[0]} icon={look[1]}>
            {t(`outcome.${outcome}`)}
          </Chip>
        ) : (
          <Chip tone="info" icon="play">
            {endedAtMs === null ? t('outcome.under-way') : t('outcome.unknown')}
          </Chip>
        )}
        <span className="muted small">
          <Ago atMs={begunAtMs} /> · {endedAtMs === null ? <Since atMs={begunAtMs} /> : f.duration(endedAtMs - begunAtMs)}
        </span>
      </p>
      <p>{said}</p>
    </li>
  );
}
