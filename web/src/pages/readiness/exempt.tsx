import { useState } from 'react';
import { serverNow } from '../../api/clock.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { localDay } from '../../components/local-minute.ts';
import { ReasonField } from '../../components/reason-field.tsx';
import { useText } from '../../text.tsx';
import type { About } from './confirm.tsx';
import { useDeed } from './deed.ts';

const dayMs = 86_400_000;
const usualDays = 30;
const maxDays = 365;

/** Lets an item be absent for a while, for a reason. */
export function ExemptDialog({ service, checklist, item, title, onClose }: About) {
  const { t } = useText();
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState(() => localDay(serverNow() + usualDays * dayMs));
  const exempt = useDeed(service, t('readiness.exempt.done', { item: title }), { onDone: onClose });
  return (
    <DialogForm
      title={t('readiness.exempt.title', { item: title })}
      go={t('readiness.exempt.go')}
      isBusy={exempt.isPending}
      error={exempt.error}
      onGo={() =>
        exempt.mutate({
          method: 'POST',
          path: ['exemptions'],
          body: { checklist, item, reason: reason.trim(), untilMs: new Date(`${until}T00:00`).getTime() },
        })
      }
      onClose={onClose}
    >
      <p>{t('readiness.exempt.more')}</p>
      <ReasonField value={reason} onChange={setReason} isRequired isFirst />
      <Field label={t('readiness.exempt.until')} hint={t('readiness.exempt.until.hint')}>
        {(ids) => (
          <input
            {...ids}
            type="date"
            required
            min={localDay(serverNow() + dayMs)}
            max={localDay(serverNow() + maxDays * dayMs)}
            value={until}
            onChange={({ target }) => setUntil(target.value)}
          />
        )}
      </Field>
    </DialogForm>
  );
}
