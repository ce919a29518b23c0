import type { OnCall, Shift } from '../../api/schema.ts';
import { Icon } from '../../components/icon.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

/** A schedule: who is on call, who is next, and the shifts as a strip with the table behind it. */
export function ScheduleCard({ onCall, spanMs, isNow }: { onCall: OnCall; spanMs: number; isNow: boolean }) {
  const { t, f } = useText();
  const { schedule, timeZone, atMs, now, next, shifts } = onCall;
  const people = [...new Set(shifts.flatMap(({ person }) => person ?? []))].sort();
  return (
    <section className="card stack" aria-labelledby={`schedule-${schedule}`}>
      <h2 id={`schedule-${schedule}`}>{schedule}</h2>
      {isNow ? (
        <p className={`strong${now.person === null ? ' ink-bad' : ''}`}>
          {now.person === null ? t('on-call.nobody') : t('on-call.is', { name: now.fullName ?? now.person })}
          <span className="muted on-call-next">
            {next === null ? null : (
              <>
                {' '}
                {t('on-call.until', { time: f.date(next.fromMs) })},{' '}
                {next.person === null ? t('on-call.next.nobody') : t('on-call.next', { name: next.fullName ?? next.person })}
              </>
            )}
          </span>
        </p>
      ) : null}
      <p className="muted small">{t('on-call.zone', { zone: timeZone })}</p>
      <div className="on-call-strip" aria-hidden="true">
        {shifts.map(({ fromMs, untilMs, person, fullName }) => (
          <div
            key={fromMs}
            className={person === null ? 'on-call-gap' : `on-call-person-${people.indexOf(person) % 5}`}
            style={{ flexGrow: Math.max(0, Math.min(untilMs ?? atMs + spanMs, atMs + spanMs) - fromMs) / 60_000 }}
          >
            {fullName ?? '–'}
          </div>
        ))}
      </div>
      <Scroll label={t('on-call.table', { name: schedule })}>
        <table className="cards">
          <TableHead columns={[t('on-call.who'), t('on-call.from'), t('on-call.to'), t('on-call.why')]} />
          <tbody>
            {shifts.map((shift) => (
              <tr key={shift.fromMs}>
                <th scope="row">
                  {shift.person === null ? (
                    <span className="calm ink-bad">
                      <Icon name="warn" /> {t('on-call.no-person')}
                    </span>
                  ) : (
                    (shift.fullName ?? shift.person)
                  )}
                </th>
                <td data-label={t('on-call.from')}>{f.date(shift.fromMs)}</td>
                <td data-label={t('on-call.to')}>{shift.untilMs === null ? '–' : f.date(shift.untilMs)}</td>
                <td data-label={t('on-call.why')}>
                  <By by={shift.by} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function By({ by }: { by: Shift['by'] }) {
  const { t } = useText();
  if (by === null) return <>–</>;
  if (by.kind === 'layer') return <>{t('on-call.layer', { name: by.layer })}</>;
  const what = by.insteadOf === null ? t('on-call.override') : t('on-call.swap', { name: by.insteadOf });
  return <>{by.why ? `${what}: ${by.why}` : what}</>;
}
