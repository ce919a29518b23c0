import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, pathOf } from '../../api/client.ts';
import { useIntent } from '../../api/intent.ts';
import type { FlagRow } from '../../api/schema.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { ReasonField } from '../../components/reason-field.tsx';
import { useText } from '../../text.tsx';

/** A switch that somebody has reached for. */
export type Switched = { readonly flag: FlagRow; readonly how: 'off' | 'share' | 'reset' };

/** Asks once more, how much, and why. Switching off needs no reason: nobody should have to look for words first. */
export function SwitchDialog({ asked: { flag, how }, onClose }: { asked: Switched; onClose: () => void }) {
  const { t } = useText();
  const client = useQueryClient();
  const { key, failed } = useIntent();
  const others = flag.exposures.variants.map(({ variant }) => variant).filter((variant) => variant !== flag.offVariant);
  const [variant, setVariant] = useState(others.includes('on') ? 'on' : (others[0] ?? flag.offVariant));
  const [percent, setPercent] = useState('10');
  const [why, setWhy] = useState('');
  const share = Number(percent);
  const isShare = percent.trim() !== '' && share >= 0 && share <= 100;
  const send = useMutation({
    mutationFn: () => {
      const more = how === 'share' ? { variant, sharePpm: Math.round(share * 10_000) } : {};
      return ask(pathOf(['flags', flag.key, how]), { method: 'POST', body: { why: why.trim(), ...more }, key });
    },
    onError: failed,
    onSettled: () => client.invalidateQueries({ queryKey: ['flags'] }),
    onSuccess: onClose,
  });
  return (
    <DialogForm
      title={t(`flags.${how}.title`, { flag: flag.key })}
      go={t(`flags.${how}.go`)}
      isDanger={how === 'off'}
      isBusy={send.isPending}
      error={send.error}
      onGo={() => (how === 'share' && !isShare ? undefined : send.mutate())}
      onClose={onClose}
    >
      <p>
        {how === 'off' && flag.route
          ? t('flags.off.aborts', { service: flag.route.service })
          : t(`flags.${how}.does`, { variant: flag.offVariant })}
      </p>
      {how === 'share' ? (
        <>
          <Field label={t('flags.variant')}>
            {(ids) => (
              <select {...ids} value={variant} onChange={({ target }) => setVariant(target.value)}>
                {others.map((one) => (
                  <option key={one} value={one}>
                    {one}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t('flags.percent')} problem={isShare ? null : t('flags.percent.wrong')}>
            {(ids) => (
              <input
                {...ids}
                inputMode="decimal"
                value={percent}
                onChange={({ target }) => setPercent(target.value.replace(',', '.'))}
              />
            )}
          </Field>
        </>
      ) : null}
      <ReasonField value={why} onChange={setWhy} isRequired={false} isFirst={how !== 'share'} />
    </DialogForm>
  );
}
