import { useState } from 'react';
import { may } from '../../api/may.ts';
import type { OnCall, StandingOverride } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';
import { OverrideDialog } from './override-dialog.tsx';

/** Who takes whose time, beside what the documents say. */
export function Overrides({ schedules, overrides }: { schedules: readonly OnCall[]; overrides: readonly StandingOverride[] }) {
  const { t, f } = useText();
  const maySteer = may(useSession(), 'steer', null);
  const [isAdding, setAdding] = useState(false);
  const [cancelled, setCancelled] = useState<StandingOverride | null>(null);
  return (
    <section className="card stack" aria-labelledby="overrides">
      <div className="card-head">
        <h2 id="overrides">{t('overrides.title')}</h2>
        {maySteer ? (
          <button type="button" className="button small" onClick={() => setAdding(true)}>
            {t('overrides.add')}
          </button>
        ) : null}
      </div>
      {overrides.length === 0 ? <p className="muted">{t('overrides.none')}</p> : null}
      <ol className="stack tight">
        {overrides.map((one) => (
          <li key={one.id} className="row">
            <div>
              <p className="muted small">
                {one.schedule} · {one.by}
                {one.why === '' ? '' : ` · “${one.why}”`}
              </p>
              {one.overrides.map(({ person, fromMs, untilMs }) => (
                <p key={`${person} ${fromMs}`}>
                  {t('overrides.time', { name: person, from: f.date(fromMs), to: f.date(untilMs) })}
                </p>
              ))}
            </div>
            {maySteer ? (
              <button
                type="button"
                className="button small override-cancel"
                aria-label={t('post.of', { what: t('overrides.cancel'), title: one.id })}
                onClick={() => setCancelled(one)}
              >
                {t('overrides.cancel')}
              </button>
            ) : null}
          </li>
        ))}
      </ol>
      {isAdding ? <OverrideDialog schedules={schedules} onClose={() => setAdding(false)} /> : null}
      {cancelled === null ? null : <Cancel id={cancelled.id} onClose={() => setCancelled(null)} />}
    </section>
  );
}

function Cancel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useText();
  const to = { under: ['on-call', 'overrides', id], queryKey: ['on-call'] };
  const cancel = useDeed(to, t('overrides.cancelled'), { onDone: onClose });
  return (
    <ReasonDialog
      title={t('overrides.cancel.title')}
      explanation={t('overrides.cancel.does')}
      go={t('overrides.cancel')}
      isDanger={false}
      isRequired={false}
      isBusy={cancel.isPending}
      error={cancel.error}
      onGo={(why) => cancel.mutate({ method: 'POST', path: ['cancel'], body: { why } })}
      onClose={onClose}
    />
  );
}
