import { Argument, type Command } from 'commander';
import { kinds } from '../../runtime/documents.ts';
import { groupIn, groupText } from '../../runtime/group-documents.ts';
import { controllerJsonSchema, flagSetJsonSchema, groupJsonSchema, serviceJsonSchema } from '../../spec/json-schema.ts';
import { checkFile, documentText } from '../../spec/load.ts';
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
          const { services, groups, flagSets, controller } = await checkFile(file, kinds);
          // What is wrong with a group is also what is wrong with the files that it names.
          if (groups.length > 0) groupIn(await groupText(file, await documentText(file)));
          const told = groups.map((name) => `group ${name}`);
          const names = [...services, ...told, ...flagSets, ...(controller ? ['the controller'] : [])];
          const others = {
            ...(groups.length > 0 ? { groups } : {}),
            ...(flagSets.length > 0 ? { flagSets } : {}),
            ...(controller ? { controller } : {}),
          };
          print(
            options.json === true,
            { file, valid: true, services, ...others },
            `${file}: ${names.length === 0 ? 'no document' : `${names.join(', ')} fine`}`,
          );
        } catch (error) {
          code = Math.max(code, printError(options.json === true, error));
        }
      }
      return code;
    }),
  );
  withCommon(
    program
      .command('schema')
      .description('print the JSON Schema of a document, for editors')
      .addArgument(
        new Argument('[kind]', 'kind of the document')
          .choices(['Service', 'ReleaseGroup', 'Controller', 'FlagSet'])
          .default('Service'),
      ),
  ).action(
    action((kind: string, options: CommonOptions) => {
      const schemas: Readonly<Record<string, () => unknown>> = {
        Service: () => serviceJsonSchema(kinds),
        ReleaseGroup: groupJsonSchema,
        Controller: controllerJsonSchema,
        FlagSet: flagSetJsonSchema,
      };
      const schema = schemas[kind]?.();
      process.stdout.write(`${JSON.stringify(schema, null, options.json ? 0 : 2)}\n`);
    }),
  );
}
