import { useState } from 'react';
import { Field } from '../components/field.tsx';
import { languageNames, languages } from '../messages/index.ts';
import { useText } from '../text.tsx';
import { chooseTheme, chosenTheme, type Theme } from '../theme.ts';

export function LanguageChoice() {
  const { t, language, choose } = useText();
  return (
    <Field label={t('user.language')}>
      {(ids) => (
        <select
          {...ids}
          value={language}
          onChange={({ target }) => void choose(languages.find((one) => one === target.value) ?? 'en')}
        >
          {languages.map((one) => (
            <option key={one} value={one} lang={one}>
              {languageNames[one]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const themes: readonly Theme[] = ['system', 'light', 'dark'];

export function ThemeChoice() {
  const { t } = useText();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Field label={t('user.theme')}>
      {(ids) => (
        <select
          {...ids}
          value={theme}
          onChange={({ target }) => {
            const next = themes.find((one) => one === target.value) ?? 'system';
            chooseTheme(next);
            setTheme(next);
          }}
        >
          {themes.map((one) => (
            <option key={one} value={one}>
              {t(`theme.${one}`)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
