import type { ReactNode } from 'react';
import { Field } from './field.tsx';

/** A name of a user or a token: nothing corrects it or begins it with a capital. */
export function NameField({
  label,
  hint,
  value,
  onChange,
  isOwn = false,
}: {
  label: string;
  hint?: ReactNode;
  value: string;
  onChange: (name: string) => void;
  /** Of whoever types it: the browser may fill it in. Else it is the first field of a dialog. */
  isOwn?: boolean;
}) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          {...(isOwn ? { name: 'username', autoComplete: 'username' } : { autoComplete: 'off', 'data-first': true })}
          required
          maxLength={isOwn ? 200 : 60}
          autoCapitalize="none"
          spellCheck={false}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}
