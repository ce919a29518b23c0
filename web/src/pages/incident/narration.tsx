import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { may } from '../../api/may.ts';
import { incidentEventsQuery, narrationQuery } from '../../api/queries.ts';
import type { Incident } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { Icon } from '../../components/icon.tsx';
import { NarrationText } from '../../components/narration-text.tsx';
import { ProblemNote } from '../../components/problem.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

/** What a model has made of the events of an incident. Without an endpoint, and without anything of before, there is no such card. */
export function NarrationCard({ incident: { id, service } }: { incident: Incident }) {
  const { t, language } = useText();
  const session = useSession();
  const story = useQuery(narrationQuery(id, language));
  const events = useQuery(incidentEventsQuery(id, language));
  const shown = useMemo(() => new Map(events.data?.map(({ seq, said }) => [seq, said])), [events.data]);
  const ask = useDeed({ under: ['incidents', id, 'narration'], queryKey: ['incident', id] }, t('narration.asked'));
  if (!story.data) return null;
  const { model, pending, narration, failure, leftOut } = story.data;
  if (model === null && narration === null) return null;
  const mayAsk = model !== null && may(session, 'report', service);
  return (
    <section className="card stack" aria-labelledby="narration">
      <h2 id="narration">{t('narration.title')}</h2>
      {narration === null ? null : <NarrationText narration={narration} shown={shown} />}
      {leftOut === '' ? null : <p className="muted small">{t('narration.left', { reasons: leftOut })}</p>}
      <div role="status">
        {pending === null ? null : <p className="muted">{t('narration.pending', { model: pending.model })}</p>}
        {failure === null ? null : <p className="ink-warn">{t('narration.failed', { why: failure.why })}</p>}
      </div>
      {narration === null && pending === null && failure === null && model !== null ? (
        <p className="muted">{t('narration.none', { model })}</p>
      ) : null}
      {ask.error ? <ProblemNote error={ask.error} /> : null}
      {mayAsk ? (
        <p>
          <button
            type="button"
            className="button"
            disabled={ask.isPending || pending !== null}
            onClick={() => ask.mutate({ method: 'POST', path: [], body: { language } })}
          >
            <Icon name={narration === null ? 'copy' : 'retry'} />
            {t(narration === null ? 'narration.go' : 'narration.again')}
          </button>
        </p>
      ) : null}
    </section>
  );
}
