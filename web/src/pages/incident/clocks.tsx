import type { Incident } from '../../api/schema.ts';
import { isOver } from '../../components/incident-states.tsx';
import { Since } from '../../components/moment.tsx';
import { useText } from '../../text.tsx';

/** The moments that count, each with how long after the beginning it came. */
export function Clocks({ incident }: { incident: Incident }) {
  const { t } = useText();
  const { startedAtMs, startedBy, openedAtMs, toldAtMs, acknowledgedAtMs, mitigatedAtMs, resolvedAtMs, reviewedAtMs, state } =
    incident;
  const clocks = [
    [t('clock.started'), startedAtMs],
    [t('clock.detected'), openedAtMs],
    [t('clock.told'), toldAtMs],
    [t('clock.acknowledged'), acknowledgedAtMs],
    [t('clock.mitigated'), mitigatedAtMs],
    [t('clock.ended'), resolvedAtMs],
    ...(reviewedAtMs === null ? [] : [[t('clock.reviewed'), reviewedAtMs] as const]),
  ] as const;
  return (
    <section className="card" aria-label={t('clock.title')}>
      <dl className="facts clocks">
        {clocks.map(([name, atMs]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {atMs === null ? '–' : <At atMs={atMs} startedAtMs={startedAtMs} />}
              {name === t('clock.started') && startedBy !== null ? (
                <p className="basis muted small">{t('incident.started-by', { name: startedBy })}</p>
              ) : null}
            </dd>
          </div>
        ))}
        {isOver(state) ? null : (
          <div>
            <dt>{t('clock.lasts')}</dt>
            <dd>
              <Since atMs={startedAtMs} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function At({ atMs, startedAtMs }: { atMs: number; startedAtMs: number }) {
  const { t, f } = useText();
  return (
    <>
      <time dateTime={new Date(atMs).toISOString()} title={f.moment(atMs)}>
        {f.date(atMs)}
      </time>
      {atMs > startedAtMs ? (
        <p className="basis muted small">{t('clock.after', { time: f.duration(atMs - startedAtMs) })}</p>
      ) : null}
    </>
  );
}
