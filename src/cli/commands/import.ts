import type { Command } from 'commander';
import { importedRouting, routingText } from '../../spec/routing-document.ts';
import { alertmanagerIn } from '../../spec/routing-text.ts';
import { textIn } from '../../spec/text.ts';
import { documentText } from '../../spec/text-file.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { print } from '../output.ts';

/** `import`: configurations of other programs as documents of ours. */
export function importCommands(program: Command): void {
  const group = program.command('import').description('print the configuration of another program as documents of ours');
  withLanguage(
    withCommon(
      group.command('alertmanager <file>').description('print the AlertRouting document that an alertmanager.yml means'),
    ),
  ).action(
    action(async (file: string, options: CommonOptions & LanguageOption) => {
      const language = languageOf(options);
      const { routing, notes } = importedRouting(alertmanagerIn(await documentText(file), file));
      const document = routingText(routing);
      const said = notes.map((note) => textIn(note, language));
      if (options.json !== true) process.stderr.write(said.map((note) => `note: ${note}\n`).join(''));
      print(options.json === true, { document, notes: said }, document.trimEnd());
    }),
  );
}
