import type { Command } from 'commander';
import { type Language, languages } from '../analysis/sentence.ts';
import { UserError } from '../errors.ts';
import { environment } from './environment.ts';

/** The option of a command that tells what the guard says. */
export type LanguageOption = { readonly lang?: string };

/** Adds `--lang` to a command. */
export function withLanguage(command: Command): Command {
  return command.option(
    `--lang <${languages.join('|')}>`,
    `language of sentences in the answer (default: RAMPART_LANG, else ${languages[0]})`,
  );
}

/**
 * The language that a command was asked for: `--lang`, else `RAMPART_LANG`, else English.
 * @throws UserError `E_INPUT` when there is no such language.
 */
export function languageOf({ lang }: LanguageOption): Language {
  // An empty variable is how a script unsets one.
  const given = lang ?? (environment.lang || languages[0]);
  const found = languages.find((language) => language === given);
  if (found) return found;
  throw new UserError('E_INPUT', `there are no sentences in the language ${JSON.stringify(given)}`, {
    where: lang === undefined ? 'RAMPART_LANG' : '--lang',
    fix: `give one of ${languages.join(', ')}`,
  });
}
