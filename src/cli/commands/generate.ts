import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { Generator, GeneratorFinding } from '../../generators/generator.ts';
import { generators } from '../../generators/registry.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { documentText } from '../../spec/text-file.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { writeGenerated } from '../generated-files.ts';
import { exitCodes, print } from '../output.ts';

type Options = CommonOptions & { out: string; force?: boolean };

/** `generate`: files for other programs, from documents. Needs no controller. */
export function generateCommands(program: Command): void {
  const generate = program.command('generate').description('write files for other programs from the documents of services');
  for (const [name, generator] of Object.entries(generators))
    withCommon(
      generate
        .command(`${name} <files...>`)
        .description(`write ${generator.description}`)
        .requiredOption('--out <folder>', 'folder for the files; made when it is missing')
        .option('--force', 'write over files that were not generated'),
    ).action(action((files: string[], options: Options) => run(name, generator, files, options)));
}

async function run(name: string, generator: Generator, files: readonly string[], options: Options): Promise<number> {
  const { files: generated, findings } = await generator.generate(await servicesOf(files));
  if (!options.json) for (const finding of findings) process.stderr.write(`${findingText(finding)}\n`);
  if (findings.some(({ level }) => level === 'error')) {
    if (options.json) print(true, { generator: name, files: [], findings }, '');
    else process.stderr.write('nothing is written\n');
    return exitCodes.no;
  }
  const written = await writeGenerated(options.out, generated, options.force === true);
  const text = written.map(({ file, state }) => `${file}${state === 'unchanged' ? ' (unchanged)' : ''}`).join('\n');
  print(options.json === true, { generator: name, files: written, findings }, text);
  return exitCodes.done;
}

async function servicesOf(files: readonly string[]): Promise<readonly ServiceSpec[]> {
  const services = new Map<string, { readonly spec: ServiceSpec; readonly file: string }>();
  for (const file of files)
    for (const spec of documentsIn(await documentText(file), file, dirname(resolve(file)))) {
      const before = services.get(spec.name);
      if (before)
        throw new UserError('E_INPUT', `service ${spec.name} is in ${before.file} and again in ${file}`, {
          where: file,
          fix: 'name each service once',
        });
      services.set(spec.name, { spec, file });
    }
  return [...services.values()].map(({ spec }) => spec);
}

function findingText({ level, where, text }: GeneratorFinding): string {
  return `${level}: ${where}: ${text}`;
}
