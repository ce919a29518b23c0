import { useState } from 'react';
import { may } from '../../api/may.ts';
import type { Incident } from '../../api/schema.ts';
import { Field } from '../../components/field.tsx';
import { Ago } from '../../components/moment.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useIncidentVerb } from '../../components/use-incident-verb.ts';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

const textMax = 10_000;

/** What people write while they work on it, the newest first. */
export function Notes({ incident: { id, service, notes } }: { incident: Incident }) {
  const { t } = useText();
  const session = useSession();
  return (
    <section className="card stack" aria-labelledby="notes">
      <h2 id="notes">{t('notes.title')}</h2>
      {may(session, 'report', service) ? <NoteForm id={id} /> : null}
      {notes.length === 0 ? <p className="muted">{t('notes.none')}</p> : null}
      {notes.length === 0 ? null : (
        <ol className="stack tight">
          {notes.toReversed().map((note) => (
            <li key={note.id} className="incident-note">
              <p className="muted small">
                {note.by} · <Ago atMs={note.atMs} />
              </p>
              <p className="incident-note-text">{note.text}</p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function NoteForm({ id }: { id: string }) {
  const { t } = useText();
  const [text, setText] = useState('');
  const send = useIncidentVerb(id, () => setText(''));
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!send.isPending && text.trim() !== '') send.mutate({ verb: 'note', text: text.trim() });
      }}
    >
      <Field label={t('notes.new')} hint={t('notes.hint')}>
        {(ids) => <textarea {...ids} maxLength={textMax} value={text} onChange={({ target }) => setText(target.value)} />}
      </Field>
      {send.error ? <ProblemNote error={send.error} /> : null}
      <p>
        <button type="submit" className="button" disabled={send.isPending || text.trim() === ''}>
          {t('notes.go')}
        </button>
      </p>
    </form>
  );
}
