import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import type { Restart } from '../../api/schema.ts';
import type { Service } from '../../api/types.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Note } from '../../components/problem.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { say } from '../../components/said.tsx';
import { useText } from '../../text.tsx';

/** Starts the instances of the stable version anew: says how before it does. */
export function RestartDialog({ service, onClose }: { service: Service; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const { key, failed } = useIntent();
  const [why, setWhy] = useState('');
  const version = service.stable?.version ?? null;
  const send = (dryRun: boolean) =>
    ask<Restart>(pathOf(['services', service.name, 'restart']), {
      method: 'POST',
      body: { version, dryRun, why: why.trim() },
      ...(dryRun ? {} : { key }),
    });
  const dry = useMutation({ mutationFn: () => send(true) });
  const real = useMutation({
    mutationFn: () => send(false),
    onError: failed,
    onSuccess: async ({ said }) => {
      say(said);
      onClose();
      await client.invalidateQueries({ queryKey: ['service', service.name] });
    },
  });
  return (
    <DialogForm
      title={t('restart.title', { service: service.name, version: version ?? '' })}
      go={t('restart.go')}
      isDanger
      isBusy={real.isPending}
      error={real.error ?? dry.error}
      onGo={() => real.mutate()}
      onClose={onClose}
      more={
        <button type="button" className="button" disabled={dry.isPending} onClick={() => dry.mutate()}>
          {t('rollback.dry')}
        </button>
      }
    >
      <ReasonField value={why} onChange={setWhy} />
      <div role="status">
        {dry.data ? (
          <Note tone="info" icon="eye" title={t('rollback.would')}>
            <p>{dry.data.said}</p>
          </Note>
        ) : null}
      </div>
    </DialogForm>
  );
}
