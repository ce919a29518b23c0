import { useText } from '../text.tsx';
import { Field } from './field.tsx';

/** Shortest password that the server takes. */
export const passwordMin = 12;

/** Two fields for a password that somebody chooses. */
export function NewPassword({
  password,
  again,
  onPassword,
  onAgain,
}: {
  password: string;
  again: string;
  onPassword: (text: string) => void;
  onAgain: (text: string) => void;
}) {
  const { t } = useText();
  const isShort = password !== '' && password.length < passwordMin;
  const differs = again !== '' && again !== password;
  return (
    <>
      <Field
        label={t('password.new')}
        hint={t('password.hint', { n: passwordMin })}
        problem={isShort && again !== '' ? t('password.short') : null}
      >
        {(ids) => (
          <input
            {...ids}
            type="password"
            name="new-password"
            autoComplete="new-password"
            required
            minLength={passwordMin}
            value={password}
            onChange={({ target }) => onPassword(target.value)}
          />
        )}
      </Field>
      <Field label={t('password.again')} problem={differs ? t('password.differs') : null}>
        {(ids) => (
          <input
            {...ids}
            type="password"
            name="new-password-again"
            autoComplete="new-password"
            required
            value={again}
            onChange={({ target }) => onAgain(target.value)}
          />
        )}
      </Field>
    </>
  );
}
