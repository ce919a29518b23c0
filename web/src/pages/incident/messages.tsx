import { useQuery } from '@tanstack/react-query';
import { incidentMessagesQuery } from '../../api/queries.ts';
import type { Incident, IncidentMessage, Told } from '../../api/schema.ts';
import { type MessageRow, MessageTable } from '../../components/message-table.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useText } from '../../text.tsx';

/** Who was told of it and who is to be, through what, and what the receiver has said. */
export function IncidentMessages({ incident: { id, told } }: { incident: Incident }) {
  const { t } = useText();
  const messages = useQuery(incidentMessagesQuery(id));
  const rows = rowsOf(told, messages.data?.messages ?? []);
  return (
    <section className="card stack" aria-labelledby="told">
      <h2 id="told">{t('told.title')}</h2>
      {messages.error ? <ProblemNote error={messages.error} /> : null}
      {rows.length === 0 ? (
        <p className="muted">{t('told.none')}</p>
      ) : (
        <MessageTable label={t('told.table')} messages={rows} isOfOne />
      )}
    </section>
  );
}

/** Addresses are not told here, and which incident it is about goes without saying. */
const nowhere = { to: null, incident: null } as const;

function rowOf({ key, queuedAtMs, endedAtMs, ...message }: IncidentMessage): MessageRow {
  const id = `${message.notifier} ${key}`;
  return { ...message, ...nowhere, id, atMs: endedAtMs ?? queuedAtMs, person: null, step: null };
}

const stateOf = { queued: 'waiting', delivered: 'delivered', refused: 'refused', cancelled: 'cancelled' } as const;

/** What the incident has noted, which lasts, with what the outbox still knows of it: why it waits, and when it is tried again. Pure. */
function rowsOf(told: readonly Told[], messages: readonly IncidentMessage[]): readonly MessageRow[] {
  const left = new Map(messages.map((message) => [`${message.notifier} ${message.key}`, rowOf(message)]));
  const noted = told.map(({ key, atMs, person, notifier, step, state, said }): MessageRow => {
    const id = `${notifier} ${key}`;
    const message = left.get(id);
    left.delete(id);
    if (message) return { ...message, person, step };
    const unknown = { event: null, title: '', attempts: 0, nextMs: null, isBundled: false };
    return { id, ...nowhere, ...unknown, notifier, state: stateOf[state], said, atMs, person, step };
  });
  return [...noted, ...left.values()].toSorted((a, b) => a.atMs - b.atMs);
}
