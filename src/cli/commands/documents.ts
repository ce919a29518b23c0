import type { Command } from 'commander';
import { kinds } from '../../runtime/documents.ts';
import { serviceJsonSchema } from '../../spec/json-schema.ts';
import { loadServices } from '../../spec/load.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { exitCodes, print, printError } from '../output.ts';

/** `validate` and `schema`: what a document may hold, and whether one does. Neither needs a controller. */
export function documentCommands(program: Command): void {
  withCommon(
    program.command('validate <files...>').description('check documents; names every mistake with file, line and column'),
  ).action(
    action(async (files: string[], options: CommonOptions) => {
      let code: number = exitCodes.done;
      for (const file of files) {
        try {
          const services = await loadServices(file, kinds);
          const names = services.map(({ name }) => name);
          print(
            options.json === true,
            { file, valid: true, services: names },
            `${file}: ${names.length === 0 ? 'no document' : `${names.join(', ')} fine`}`,
          );
        } catch (error) {
          code = Math.max(code, printError(options.json === true, error));
        }
      }
      return code;
    }),
  );
  withCommon(program.command('schema').description('print the JSON Schema of a Service document, for editors')).action(
    action((options: CommonOptions) => {
      process.stdout.write(`${JSON.stringify(serviceJsonSchema(kinds), null, options.json ? 0 : 2)}\n`);
    }),
  );
}
