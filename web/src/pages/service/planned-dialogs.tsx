import { useState } from 'react';
import { serverNow } from '../../api/clock.ts';
import type { PlannedEntry, PlannedRelease } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { localMinute } from '../../components/local-minute.ts';
import { MomentField } from '../../components/moment-field.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { useText } from '../../text.tsx';
import type { Right } from './planned-rights.ts';

type Of = { readonly planned: PlannedRelease; readonly onClose: () => void };
type OfEntry = Of & { readonly entry: PlannedEntry; readonly right: Right };

function usePlannedDeed({ planned: { id, service }, onClose }: Of, done: string) {
  return useDeed({ under: ['timelines', id], queryKey: ['timelines', service] }, done, { onDone: onClose });
}

/** Lets it start at another moment. */
export function MoveDialog(of: Of) {
  const { t, f } = useText();
  const { service, version, startMs } = of.planned;
  const [start, setStart] = useState(() => localMinute(startMs));
  const [why, setWhy] = useState('');
  const [isAsked, setAsked] = useState(false);
  const toMs = Date.parse(start);
  const problem = toMs > serverNow() ? null : t('planned.move.wrong');
  const move = usePlannedDeed(of, t('planned.move.done', { version, moment: f.moment(toMs) }));
  return (
    <DialogForm
      title={t('planned.move.title', { service, version })}
      go={t('planned.move.go')}
      isBusy={move.isPending}
      error={move.error}
      onGo={() => {
        setAsked(true);
        if (problem === null) move.mutate({ method: 'POST', path: ['move'], body: { startMs: toMs, why: why.trim() } });
      }}
      onClose={of.onClose}
    >
      <p>{t('planned.move.does')}</p>
      <MomentField
        label={t('planned.move.to')}
        value={start}
        onChange={setStart}
        saysZone
        problem={isAsked ? problem : null}
        isFirst
      />
      <ReasonField value={why} onChange={setWhy} />
    </DialogForm>
  );
}

/** Lets nothing of it happen any more. */
export function CancelDialog(of: Of) {
  const { t } = useText();
  const { service, version } = of.planned;
  const cancel = usePlannedDeed(of, t('planned.cancel.done', { version }));
  return (
    <ReasonDialog
      title={t('planned.cancel.title', { service, version })}
      explanation={t('planned.cancel.does')}
      go={t('planned.cancel.go')}
      isDanger
      isRequired={false}
      isBusy={cancel.isPending}
      error={cancel.error}
      onGo={(why) => cancel.mutate({ method: 'POST', path: ['cancel'], body: { why } })}
      onClose={of.onClose}
    />
  );
}

/** Runs an entry before its time or once more; of the start also past what stands against it. */
export function RunDialog({ entry, right: { needsReason }, ...of }: OfEntry) {
  const { t } = useText();
  const run = usePlannedDeed(of, t('planned.run.done', { entry: entry.title }));
  return (
    <ReasonDialog
      title={t('planned.run.title', { entry: entry.title })}
      explanation={t(needsReason ? 'planned.run.past' : entry.does === 'start' ? 'planned.run.start' : 'planned.run.does')}
      go={t('planned.run.go')}
      isDanger={needsReason}
      isRequired={needsReason}
      isBusy={run.isPending}
      error={run.error}
      onGo={(why) => run.mutate({ method: 'POST', path: ['entries', entry.id, 'run'], body: { why } })}
      onClose={of.onClose}
    />
  );
}

/** Leaves an entry out. */
export function SkipDialog({ entry, right: { needsReason }, ...of }: OfEntry) {
  const { t } = useText();
  const skip = usePlannedDeed(of, t('planned.skip.done', { entry: entry.title }));
  return (
    <ReasonDialog
      title={t('planned.skip.title', { entry: entry.title })}
      explanation={t('planned.skip.does')}
      go={t('planned.skip.go')}
      isDanger={false}
      isRequired={needsReason}
      isBusy={skip.isPending}
      error={skip.error}
      onGo={(why) => skip.mutate({ method: 'POST', path: ['entries', entry.id, 'skip'], body: { why } })}
      onClose={of.onClose}
    />
  );
}
