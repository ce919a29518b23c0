import type { ReactNode } from 'react';
import { useText } from '../text.tsx';
import { Field } from './field.tsx';

/**
 * Chooses the service that a list is about.
 *
 * @param service - Undefined: all of them.
 * @param onChoose - Told with an empty text for all of them.
 * @param children - Further options.
 */
export function ServiceChoice({
  service,
  names,
  onChoose,
  children,
}: {
  service: string | undefined;
  names: Iterable<string>;
  onChoose: (service: string) => void;
  children?: ReactNode;
}) {
  const { t } = useText();
  return (
    <Field label={t('overview.column.service')}>
      {(ids) => (
        <select {...ids} value={service ?? ''} onChange={({ target }) => onChoose(target.value)}>
          <option value="">{t('audit.service.any')}</option>
          {[...names].map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          {children}
        </select>
      )}
    </Field>
  );
}
