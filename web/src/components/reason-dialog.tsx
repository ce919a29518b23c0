import { useState } from 'react';
import { DialogForm } from './dialog-form.tsx';
import { ReasonField } from './reason-field.tsx';

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
  const [why, setWhy] = useState('');
  return (
    <DialogForm
      title={title}
      go={go}
      isDanger={isDanger}
      isBusy={isBusy}
      error={error}
      onGo={() => onGo(why.trim())}
      onClose={onClose}
    >
      <p>{explanation}</p>
      <ReasonField value={why} onChange={setWhy} isRequired={isRequired} isFirst />
    </DialogForm>
  );
}
