import type { IncidentClock } from '../../api/schema.ts';
import { useText } from '../../text.tsx';

/** The moments that count, each with its lag from the beginning and where it is known from. */
export function PostMortemClocks({ clocks }: { clocks: readonly IncidentClock[] }) {
  const { t, f } = useText();
  return (
    <section className="card stack" aria-labelledby="clocks">
      <h2 id="clocks">{t('clocks.title')}</h2>
      <dl className="facts clocks">
        {clocks.map(({ name, atMs, lagMs, basis }) => (
          <div key={name}>
            <dt>{t(`clock.${name}`)}</dt>
            <dd>
              {atMs === null ? '–' : <time dateTime={new Date(atMs).toISOString()}>{f.moment(atMs)}</time>}
              <p className="basis muted small">
                {[
                  lagMs === null || lagMs <= 0 ? '' : t('clock.after', { time: f.duration(lagMs) }),
                  basis === null ? '' : t(`clocks.${basis}`),
                ]
                  .filter((text) => text !== '')
                  .join(' · ')}
              </p>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
