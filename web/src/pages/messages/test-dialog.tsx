import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import type { OutboxMessage } from '../../api/schema.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { MessageChip } from '../../components/message-table.tsx';
import { useText } from '../../text.tsx';

/** Sends a test to a receiver, and tells what it answered. */
export function TestDialog({ notifier, onClose }: { notifier: string; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const [to, setTo] = useState('');
  const send = useMutation({
    mutationFn: () => {
      const body = { notifier, ...(to.trim() === '' ? {} : { to: to.trim() }) };
      return ask<OutboxMessage>(pathOf(['notifications', 'test']), { method: 'POST', body });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['notifications'] }),
  });
  return (
    <DialogForm
      title={t('test.title', { name: notifier })}
      go={t(send.data ? 'test.again' : 'test.go')}
      isBusy={send.isPending}
      error={send.error}
      onGo={() => send.mutate()}
      onClose={onClose}
    >
      <p>{t('test.does')}</p>
      <Field label={t('test.to')} hint={t('test.to.hint')}>
        {(ids) => (
          <input
            {...ids}
            data-first
            maxLength={200}
            autoComplete="off"
            value={to}
            onChange={({ target }) => setTo(target.value)}
          />
        )}
      </Field>
      <div role="status">
        {send.isPending ? <p className="muted">{t('test.waits')}</p> : null}
        {send.data ? (
          <p className="row">
            <MessageChip state={send.data.state} />
            <span>{send.data.said}</span>
          </p>
        ) : null}
      </div>
    </DialogForm>
  );
}
