import { Link } from '@tanstack/react-router';
import type { OutboxMessage } from '../api/schema.ts';
import { useText } from '../text.tsx';
import type { IconName } from './icon.tsx';
import { useNow } from './moment.tsx';
import { Scroll } from './scroll.tsx';
import { Chip, type Tone } from './states.tsx';
import { TableHead } from './table-head.tsx';

type State = OutboxMessage['state'];

const looks: Readonly<Record<State, readonly [Tone, IconName]>> = {
  waiting: ['info', 'clock'],
  'under-way': ['info', 'forward'],
  delivered: ['ok', 'check'],
  refused: ['bad', 'cross'],
  'given-up': ['bad', 'stop'],
  cancelled: ['quiet', 'cross'],
};

/** What became of a message. */
export function MessageChip({ state }: { state: State }) {
  const { t } = useText();
  return (
    <Chip tone={looks[state][0]} icon={looks[state][1]}>
      {t(`message.${state}`)}
    </Chip>
  );
}

/** A message at one receiver, and for whom it is where the incident has noted that. */
export type MessageRow = Pick<
  OutboxMessage,
  'id' | 'title' | 'notifier' | 'to' | 'incident' | 'state' | 'attempts' | 'said' | 'nextMs'
> & {
  /** Whether it is told in one message with others. */
  readonly isBundled: boolean;
  /** See `OutboxMessage`; null: not known any more. */
  readonly event: string | null;
  /** When it came to be as it is; unix milliseconds. */
  readonly atMs: number;
  readonly person: string | null;
  /** Of the escalation, from 0. */
  readonly step: number | null;
};

/** What the outbox has, in the form of the table. Pure. */
export function rowOf({ queuedAtMs, endedAtMs, bundle, ...message }: OutboxMessage): MessageRow {
  return { ...message, isBundled: bundle !== null, atMs: endedAtMs ?? queuedAtMs, person: null, step: null };
}

/** Messages: to whom, what of, how it stands, and what the receiver has said. */
export function MessageTable({
  label,
  messages,
  isOfOne = false,
}: {
  label: string;
  messages: readonly MessageRow[];
  /** Whether all of them are about the incident whose page it is. */
  isOfOne?: boolean;
}) {
  const { t, f } = useText();
  const columns = [t('told.who'), t('message.about'), t('settings.state'), t('told.at'), t('told.said')];
  return (
    <Scroll label={label}>
      <table className="cards">
        <TableHead columns={columns} />
        <tbody>
          {messages.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                {row.person === null ? row.notifier : `${row.person} (${row.notifier})`}
                {row.to === null ? null : <p className="muted small">{row.to}</p>}
                {row.step === null ? null : <p className="muted small">{t('told.step', { number: String(row.step + 1) })}</p>}
              </th>
              <td data-label={columns[1]}>
                <About row={row} isOfOne={isOfOne} />
              </td>
              <td>
                <MessageChip state={row.state} />
              </td>
              <td data-label={columns[3]} className="nowrap">
                <time dateTime={new Date(row.atMs).toISOString()} title={f.moment(row.atMs)}>
                  {f.date(row.atMs)}
                </time>
              </td>
              <td data-label={columns[4]}>
                {row.said}
                <Tries row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const events = ['trigger', 'update', 'acknowledge', 'resolve', 'notice'] as const;

function About({ row: { event, title, incident }, isOfOne }: { row: MessageRow; isOfOne: boolean }) {
  const { t } = useText();
  const known = events.find((one) => one === event);
  const what = known ? t(`message.${known}`) : (event ?? '–');
  if (isOfOne) return <>{what}</>;
  return (
    <>
      {incident === null ? (
        title
      ) : (
        <Link to="/incidents/$id" params={{ id: incident }}>
          {title}
        </Link>
      )}
      <p className="muted small">{what}</p>
    </>
  );
}

/** How often it was tried, and when it is again. */
function Tries({ row: { attempts, nextMs, isBundled, state } }: { row: MessageRow }) {
  const { t, f } = useText();
  const now = useNow();
  const isOpen = state === 'waiting' || state === 'under-way';
  const parts = [
    attempts > 1 || (isOpen && attempts > 0) ? t('message.attempts', { n: attempts }) : '',
    isOpen && nextMs !== null ? t('message.next', { time: f.duration(Math.max(0, nextMs - now)) }) : '',
    isBundled ? t('message.bundled') : '',
  ].filter((text) => text !== '');
  return parts.length === 0 ? null : <p className="muted small">{parts.join(' · ')}</p>;
}
