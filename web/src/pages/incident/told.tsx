import type { Told } from '../../api/schema.ts';
import type { IconName } from '../../components/icon.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip, type Tone } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useText } from '../../text.tsx';

const looks: Readonly<Record<Told['state'], readonly [Tone, IconName]>> = {
  queued: ['info', 'clock'],
  delivered: ['ok', 'check'],
  refused: ['bad', 'cross'],
  cancelled: ['quiet', 'cross'],
};

/** Who was told of it, through what, and what the receiver has said. */
export function ToldList({ told }: { told: readonly Told[] }) {
  const { t, f } = useText();
  return (
    <section className="card stack" aria-labelledby="told">
      <h2 id="told">{t('told.title')}</h2>
      {told.length === 0 ? (
        <p className="muted">{t('told.none')}</p>
      ) : (
        <Scroll label={t('told.table')}>
          <table className="cards">
            <TableHead columns={[t('told.who'), t('settings.state'), t('told.at'), t('told.said')]} />
            <tbody>
              {told.map(({ key, atMs, person, notifier, step, state, said }) => (
                <tr key={key}>
                  <th scope="row">
                    {person === null ? notifier : `${person} (${notifier})`}
                    {step === null ? null : <p className="muted small">{t('told.step', { number: String(step + 1) })}</p>}
                  </th>
                  <td>
                    <Chip tone={looks[state][0]} icon={looks[state][1]}>
                      {t(`told.${state}`)}
                    </Chip>
                  </td>
                  <td data-label={t('told.at')}>
                    <time dateTime={new Date(atMs).toISOString()} title={f.moment(atMs)}>
                      {f.date(atMs)}
                    </time>
                  </td>
                  <td>{said}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
