import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { serverNow } from '../../api/clock.ts';
import { useIntent } from '../../api/intent.ts';
import type { Correction, Objective } from '../../api/schema.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { localMinute, minuteMs } from '../../components/local-minute.ts';
import { MomentField } from '../../components/moment-field.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { Scroll } from '../../components/scroll.tsx';
import { TableHead } from '../../components/table-head.tsx';
import { useMay } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

/** Time that does not count, with its reason; who may steer the service adds some, or takes it away. */
export function Corrections({ objective, owner, name }: { objective: Objective; owner: string; name: string }) {
  const { t } = useText();
  const mayCorrect = useMay('steer', objective.service);
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Correction | null>(null);
  const of = { owner, name };
  return (
    <section className="card stack tight" aria-labelledby="corrections">
      <div className="card-head">
        <h2 id="corrections">{t('corrections.title')}</h2>
        {mayCorrect ? (
          <button type="button" className="button small" onClick={() => setAdding(true)}>
            {t('corrections.add')}
          </button>
        ) : null}
      </div>
      {objective.corrections.length === 0 ? (
        <p className="muted">{t('corrections.none')}</p>
      ) : (
        <Table corrections={objective.corrections} onRemove={mayCorrect ? setRemoved : null} />
      )}
      {isAdding ? <Add of={of} onClose={() => setAdding(false)} /> : null}
      {removed ? <Remove of={of} correction={removed} onClose={() => setRemoved(null)} /> : null}
    </section>
  );
}

function Table({
  corrections,
  onRemove,
}: {
  corrections: readonly Correction[];
  /** null: this person may not. */
  onRemove: ((correction: Correction) => void) | null;
}) {
  const { t, f } = useText();
  return (
    <Scroll label={t('corrections.table')}>
      <table className="cards">
        <TableHead
          columns={[
            t('corrections.when'),
            t('reason'),
            t('history.by'),
            t('corrections.takes'),
            onRemove ? t('users.change') : null,
          ]}
        />
        <tbody>
          {corrections.map((correction) => {
            const when = t('step.between', { least: f.date(correction.fromMs), most: f.date(correction.toMs) });
            return (
              <tr key={correction.id}>
                <th scope="row">{when}</th>
                <td data-label={t('reason')}>{correction.why}</td>
                <td data-label={t('history.by')}>{correction.by}</td>
                <td data-label={t('corrections.takes')}>
                  {t('corrections.events', { bad: f.number(correction.bad), n: correction.total })}
                </td>
                {onRemove ? (
                  <td>
                    <button
                      type="button"
                      className="button small"
                      aria-label={`${t('users.remove')}: ${when}`}
                      onClick={() => onRemove(correction)}
                    >
                      {t('users.remove')}
                    </button>
                  </td>
                ) : null}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

type Of = { readonly owner: string; readonly name: string };

/** What a correction changes is asked for anew. */
function useAskAgain({ owner, name }: Of): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    client.invalidateQueries({
      predicate: ({ queryKey: [kind, ...rest] }) =>
        kind === 'objectives' || ((kind === 'objective' || kind === 'burn-down') && rest[0] === owner && rest[1] === name),
    });
}

function Add({ of, onClose }: { of: Of; onClose: () => void }) {
  const { t } = useText();
  const askAgain = useAskAgain(of);
  const { key, failed } = useIntent();
  const [from, setFrom] = useState(() => localMinute(serverNow() - 60 * minuteMs));
  const [to, setTo] = useState(() => localMinute(serverNow()));
  const [why, setWhy] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const problem = Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs < toMs ? null : t('corrections.wrong');
  const send = useMutation({
    mutationFn: () =>
      ask(pathOf(['objectives', of.owner, of.name, 'corrections']), {
        method: 'POST',
        body: { fromMs, toMs, why: why.trim() },
        key,
      }),
    onError: failed,
    onSettled: askAgain,
    onSuccess: onClose,
  });
  return (
    <DialogForm
      title={t('corrections.add.title', { name: of.name })}
      go={t('corrections.add.go')}
      isBusy={send.isPending}
      error={send.error}
      onGo={() => {
        setAsked(true);
        if (problem === null) send.mutate();
      }}
      onClose={onClose}
    >
      <p>{t('corrections.add.does')}</p>
      <MomentField label={t('corrections.from')} value={from} onChange={setFrom} isFirst />
      <MomentField label={t('corrections.to')} value={to} onChange={setTo} saysZone problem={isAsked ? problem : null} />
      <ReasonField value={why} onChange={setWhy} isRequired />
    </DialogForm>
  );
}

function Remove({ of, correction, onClose }: { of: Of; correction: Correction; onClose: () => void }) {
  const { t } = useText();
  const askAgain = useAskAgain(of);
  const send = useMutation({
    mutationFn: (why: string) =>
      ask(pathOf(['objectives', of.owner, of.name, 'corrections', correction.id], { why }), { method: 'DELETE' }),
    onSettled: askAgain,
    onSuccess: onClose,
  });
  return (
    <ReasonDialog
      title={t('corrections.remove.title')}
      explanation={t('corrections.remove.does', { n: correction.total, why: correction.why })}
      go={t('corrections.remove.go')}
      isDanger={false}
      isRequired
      isBusy={send.isPending}
      error={send.error}
      onGo={(why) => send.mutate(why)}
      onClose={onClose}
    />
  );
}
