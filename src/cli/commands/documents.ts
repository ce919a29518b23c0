import { Argument, type Command } from 'commander';
import { kinds } from '../../runtime/documents.ts';
import {
  checklistJsonSchema,
  controllerJsonSchema,
  flagSetJsonSchema,
  groupJsonSchema,
  serviceJsonSchema,
  setupJsonSchemas,
} from '../../spec/json-schema.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { validateCommand } from './validate.ts';

const schemas: Readonly<Record<string, () => unknown>> = {
  Service: () => serviceJsonSchema(kinds),
  ReleaseGroup: groupJsonSchema,
  Controller: controllerJsonSchema,
  FlagSet: flagSetJsonSchema,
  Checklist: () => checklistJsonSchema(kinds),
  ...setupJsonSchemas(kinds),
};

/** `validate` and `schema`: what a document may hold, and whether one does. Neither needs a controller. */
export function documentCommands(program: Command): void {
  validateCommand(program);
  withCommon(
    program
      .command('schema')
      .description('print the JSON Schema of a document, for editors')
      .addArgument(new Argument('[kind]', 'kind of the document').choices(Object.keys(schemas)).default('Service')),
  ).action(
    action((kind: string, options: CommonOptions) => {
      const schema = schemas[kind]?.();
      process.stdout.write(`${JSON.stringify(schema, null, options.json ? 0 : 2)}\n`);
    }),
  );
}
