import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import { may } from '../../api/may.ts';
import { knownServicesQuery } from '../../api/queries.ts';
import type { IncidentOpened } from '../../api/schema.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { type Severity, severities } from '../../components/incident-states.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { say } from '../../components/said.tsx';
import { useSession } from '../../shell/session.tsx';
import { useText } from '../../text.tsx';

/** Somebody has seen what no alert has. */
export function OpenDialog({ onClose }: { onClose: () => void }) {
  const { t } = useText();
  const session = useSession();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { key, failed } = useIntent();
  const known = useQuery(knownServicesQuery).data?.services ?? [];
  const names = known.map(({ name }) => name).filter((name) => may(session, 'report', name));
  const mayForNone = may(session, 'report', null);
  const [title, setTitle] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [severity, setSeverity] = useState<Severity>('P1');
  const [why, setWhy] = useState('');
  const service = chosen ?? (mayForNone ? '' : (names[0] ?? ''));
  const send = useMutation({
    mutationFn: () => {
      const body = { title: title.trim(), severity, why: why.trim(), ...(service === '' ? {} : { service }) };
      return ask<IncidentOpened>(pathOf(['incidents']), { method: 'POST', body, key });
    },
    onError: failed,
    onSuccess: ({ id, done, said }) => {
      say(said, done);
      onClose();
      void client.invalidateQueries({ queryKey: ['incidents'] });
      void navigate({ to: '/incidents/$id', params: { id } });
    },
  });
  return (
    <DialogForm
      title={t('incidents.open.title')}
      go={t('incidents.open.go')}
      isBusy={send.isPending}
      error={send.error}
      onGo={() => send.mutate()}
      onClose={onClose}
    >
      <p>{t('incidents.open.does')}</p>
      <Field label={t('incidents.open.name')}>
        {(ids) => (
          <input
            {...ids}
            data-first
            required
            maxLength={200}
            autoComplete="off"
            value={title}
            onChange={({ target }) => setTitle(target.value)}
          />
        )}
      </Field>
      <Field label={t('incidents.open.service')}>
        {(ids) => (
          <select {...ids} value={service} onChange={({ target }) => setChosen(target.value)}>
            {mayForNone ? <option value="">{t('incidents.open.no-service')}</option> : null}
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('incidents.severity')}>
        {(ids) => (
          <select {...ids} value={severity} onChange={({ target }) => setSeverity(target.value as Severity)}>
            {severities.map((one) => (
              <option key={one} value={one}>
                {t(`severity.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <ReasonField value={why} onChange={setWhy} />
    </DialogForm>
  );
}
