import { useState } from 'react';
import type { ActionItem } from '../../api/schema.ts';
import { useDeed } from '../../components/deed.ts';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Field } from '../../components/field.tsx';
import { useText } from '../../text.tsx';

type State = ActionItem['state'];

const states: readonly State[] = ['open', 'done', 'dropped'];

/** An action item, new or as it is: what, who, until when. */
export function ItemDialog({
  id,
  item,
  proposal,
  onClose,
}: {
  /** Id of the incident. */
  id: string;
  item: ActionItem | null;
  /** What it takes up. */
  proposal: { readonly id: string; readonly text: string } | null;
  onClose: () => void;
}) {
  const { t } = useText();
  const [text, setText] = useState(item?.text ?? proposal?.text ?? '');
  const [owner, setOwner] = useState(item?.owner ?? '');
  const [due, setDue] = useState(item?.due ?? '');
  const [state, setState] = useState<State>(item?.state ?? 'open');
  const save = useDeed({ under: ['incidents', id, 'action-items'], queryKey: ['incident', id] }, t('items.saved'), {
    onDone: onClose,
  });
  const body = { item: item?.id ?? null, text: text.trim(), owner: owner.trim(), due, state };
  return (
    <DialogForm
      title={t(item === null ? 'items.add.title' : 'items.edit.title')}
      go={t('items.go')}
      isBusy={save.isPending}
      error={save.error}
      onGo={() => save.mutate({ method: 'POST', path: [], body: proposal === null ? body : { ...body, proposal: proposal.id } })}
      onClose={onClose}
    >
      <Field label={t('items.what')}>
        {(ids) => (
          <input {...ids} data-first required maxLength={1_000} value={text} onChange={({ target }) => setText(target.value)} />
        )}
      </Field>
      <div className="form-line">
        <Field label={t('items.owner')}>
          {(ids) => <input {...ids} required maxLength={200} value={owner} onChange={({ target }) => setOwner(target.value)} />}
        </Field>
        <Field label={t('items.due')}>
          {(ids) => <input {...ids} type="date" required value={due} onChange={({ target }) => setDue(target.value)} />}
        </Field>
        {item === null ? null : (
          <Field label={t('settings.state')}>
            {(ids) => (
              <select {...ids} value={state} onChange={({ target }) => setState(target.value as State)}>
                {states.map((one) => (
                  <option key={one} value={one}>
                    {t(`items.${one}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
      </div>
    </DialogForm>
  );
}
