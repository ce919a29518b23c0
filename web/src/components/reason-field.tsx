import { useText } from '../text.tsx';
import { Field } from './field.tsx';

/** Why somebody does something, for the record. */
export function ReasonField({
  value,
  onChange,
  isRequired = false,
  isFirst = false,
}: {
  value: string;
  onChange: (why: string) => void;
  isRequired?: boolean;
  /** The field of a dialog that the keyboard begins with. */
  isFirst?: boolean;
}) {
  const { t } = useText();
  return (
    <Field label={t(isRequired ? 'reason' : 'reason.optional')} hint={t('reason.hint')}>
      {(ids) => (
        <input
          {...ids}
          name="why"
          maxLength={500}
          autoComplete="off"
          required={isRequired}
          {...(isFirst ? { 'data-first': true } : {})}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}
