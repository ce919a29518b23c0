import { useState } from 'react';
import { useText } from '../text.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { ProblemNote } from './problem.tsx';

/** Asks once more, and why. What takes traffic back needs no reason: nobody should have to look for words first. */
export function ReasonDialog({
  title,
  explanation,
  go,
  isDanger,
  isRequired,
  isBusy,
  error,
  onGo,
  onClose,
}: {
  title: string;
  explanation: string;
  go: string;
  isDanger: boolean;
  isRequired: boolean;
  isBusy: boolean;
  error: Error | null;
  onGo: (why: string) => void;
  onClose: () => void;
}) {
  const { t } = useText();
  const [why, setWhy] = useState('');
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) onGo(why.trim());
        }}
      >
        <p>{explanation}</p>
        <Field label={t(isRequired ? 'reason' : 'reason.optional')} hint={t('reason.hint')}>
          {(ids) => (
            <input
              {...ids}
              name="why"
              maxLength={500}
              autoComplete="off"
              required={isRequired}
              data-first
              value={why}
              onChange={({ target }) => setWhy(target.value)}
            />
          )}
        </Field>
        {error ? <ProblemNote error={error} /> : null}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            {t('cancel')}
          </button>
          <button type="submit" className={`button ${isDanger ? 'danger' : 'first'}`} disabled={isBusy}>
            {go}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
