import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import type { Rollback } from '../../api/schema.ts';
import type { Service } from '../../api/types.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { Note } from '../../components/problem.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { say } from '../../components/said.tsx';
import { useText } from '../../text.tsx';

/** Brings an earlier version back, or ends the release that is under way: says which before it does. */
export function RollbackDialog({ service, onClose }: { service: Service; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { key, failed } = useIntent();
  const [to, setTo] = useState('');
  const [why, setWhy] = useState('');
  const send = (dryRun: boolean) =>
    ask<Rollback>(pathOf(['services', service.name, 'rollback']), {
      method: 'POST',
      body: { to: to === '' ? null : to, dryRun, why: why.trim() },
      ...(dryRun ? {} : { key }),
    });
  const dry = useMutation({ mutationFn: () => send(true) });
  const real = useMutation({
    mutationFn: () => send(false),
    onError: failed,
    onSuccess: async ({ said, release }) => {
      say(said);
      onClose();
      await client.invalidateQueries({ queryKey: ['service', service.name] });
      if (release !== null) await navigate({ to: '/releases/$id', params: { id: release } });
    },
  });
  const error = real.error ?? dry.error;
  // Of a live release the one before is the stable version, and else the one that was stable before it.
  const before = service.live ? service.stable?.version : service.previous[0];
  return (
    <DialogForm
      title={t('rollback.title', { service: service.name })}
      go={t('rollback.go')}
      isDanger
      isBusy={real.isPending}
      error={error}
      onGo={() => real.mutate()}
      onClose={onClose}
      more={
        <button type="button" className="button" disabled={dry.isPending} onClick={() => dry.mutate()}>
          {t('rollback.dry')}
        </button>
      }
    >
      <Field label={t('rollback.to')} {...(service.live ? { hint: t('rollback.live', { version: service.live.version }) } : {})}>
        {(ids) => (
          <select
            {...ids}
            data-first
            value={to}
            onChange={({ target }) => {
              setTo(target.value);
              dry.reset();
            }}
          >
            <option value="">{before === undefined ? t('rollback.before') : `${t('rollback.before')}: ${before}`}</option>
            {service.previous.map((version) => (
              <option key={version} value={version}>
                {version}
              </option>
            ))}
          </select>
        )}
      </Field>
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
