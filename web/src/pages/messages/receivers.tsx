import { useState } from 'react';
import { may } from '../../api/may.ts';
import type { Receiver } from '../../api/schema.ts';
import { Ago, useNow } from '../../components/moment.tsx';
import { Opener } from '../../components/opener.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { Chip } from '../../components/states.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { TestDialog } from './test-dialog.tsx';

/** Every receiver that is configured, how it takes messages, and a test of it. */
export function Receivers({ receivers }: { receivers: readonly Receiver[] }) {
  const { t, f } = useText();
  const mayTest = may(useSession(), 'steer', null);
  const [tested, setTested] = useState<string | null>(null);
  const columns = [t('receiver.name'), t('settings.state'), t('receiver.waiting'), t('receiver.last')];
  return (
    <section className="card stack" aria-labelledby="receivers">
      <h2 id="receivers">{t('receivers.title')}</h2>
      {receivers.length === 0 ? (
        <p className="muted">{t('receivers.none')}</p>
      ) : (
        <Scroll label={t('receivers.table')}>
          <table className="cards">
            <TableHead columns={[...columns, mayTest ? t('receiver.test') : null]} />
            <tbody>
              {receivers.map((receiver) => (
                <tr key={receiver.name}>
                  <th scope="row">
                    {receiver.name} <span className="muted small">{receiver.kind}</span>
                  </th>
                  <td>
                    <How receiver={receiver} />
                  </td>
                  <td data-label={columns[2]}>{f.number(receiver.waiting)}</td>
                  <td data-label={columns[3]}>
                    {receiver.lastSentAtMs === null ? t('receiver.never') : <Ago atMs={receiver.lastSentAtMs} />}
                  </td>
                  {mayTest ? (
                    <td>
                      <Opener
                        label={t('receiver.test')}
                        name={t('post.of', { what: t('receiver.test'), title: receiver.name })}
                        onOpen={() => setTested(receiver.name)}
                      />
                    </td>
                  ) : null}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {tested === null ? null : <TestDialog notifier={tested} onClose={() => setTested(null)} />}
    </section>
  );
}

function How({ receiver: { failures, pausedUntilMs, problem, lastSentAtMs } }: { receiver: Receiver }) {
  const { t, f } = useText();
  const now = useNow();
  const isPaused = pausedUntilMs !== null && pausedUntilMs > now;
  return (
    <>
      {failures === 0 && problem === null && !isPaused ? (
        <Chip tone={lastSentAtMs === null ? 'quiet' : 'ok'} icon={lastSentAtMs === null ? 'ring' : 'check'}>
          {t(lastSentAtMs === null ? 'receiver.unused' : 'receiver.takes')}
        </Chip>
      ) : (
        <Chip tone={failures > 0 ? 'bad' : 'warn'} icon={isPaused ? 'pause' : 'warn'}>
          {failures > 0 ? t('receiver.failures', { n: failures }) : t(isPaused ? 'receiver.paused' : 'receiver.refused')}
        </Chip>
      )}
      {problem === null ? null : <p className="small">{problem}</p>}
      {isPaused ? <p className="muted small">{t('receiver.paused-for', { time: f.duration(pausedUntilMs - now) })}</p> : null}
    </>
  );
}
