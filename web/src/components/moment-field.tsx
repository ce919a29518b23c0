import { useText } from '../text.tsx';
import { Field } from './field.tsx';

/**
 * Asks for a moment, in the time zone of the browser, which it names when it is told to.
 *
 * @param value - As `localMinute` writes it.
 */
export function MomentField({
  label,
  value,
  onChange,
  saysZone = false,
  problem = null,
  isFirst = false,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  saysZone?: boolean;
  problem?: string | null;
  /** The field of a dialog that the keyboard begins with. */
  isFirst?: boolean;
}) {
  const { t } = useText();
  const hint = saysZone ? { hint: t('moment.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone }) } : {};
  return (
    <Field label={label} {...hint} problem={problem}>
      {(ids) => (
        <input
          {...ids}
          type="datetime-local"
          required
          {...(isFirst ? { 'data-first': true } : {})}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}
