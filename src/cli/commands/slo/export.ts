import type { Command } from 'commander';
import { messageOf, UserError } from '../../../errors.ts';
import { kinds, openSloContext, openSloDocumentsOf } from '../../../runtime/documents.ts';
import { parseDocuments } from '../../../spec/document.ts';
import { everyKind } from '../../../spec/load.ts';
import { standaloneOf } from '../../../spec/openslo/of-service.ts';
import { standaloneObjectives } from '../../../spec/openslo/read.ts';
import { openSloText } from '../../../spec/openslo/write.ts';
import { documentText } from '../../../spec/text-file.ts';
import { replaceFile } from '../../../system/replace-file.ts';
import { action, type CommonOptions, withCommon } from '../../command.ts';
import { sloCommand } from '../../groups.ts';
import { print } from '../../output.ts';

/** `slo export`: the objectives of documents as OpenSLO, for other tools. Needs no controller. */
export function exportCommand(program: Command): void {
  withCommon(
    sloCommand(program)
      .command('export <files...>')
      .description('write the objectives of documents as OpenSLO v1; what it cannot say is told, and kept in annotations')
      .option('--out <file>', 'file to write to, in place of the output'),
  ).action(
    action(async (files: string[], options: CommonOptions & { out?: string }) => {
      const texts = await Promise.all(files.map(async (file) => ({ file, text: await documentText(file) })));
      const services = texts.flatMap(({ file, text }) =>
        parseDocuments(text, file, everyKind(kinds)).flatMap((one) => (one.kind === 'Service' ? [one.value] : [])),
      );
      const { objectives: free, notes } = standaloneObjectives(texts, openSloContext);
      const objectives = [
        ...standaloneOf(
          services,
          free.map(({ name }) => name),
        ),
        ...free,
      ];
      if (objectives.length === 0)
        throw new UserError('E_INPUT', 'there is no objective in it', {
          where: files.join(' '),
          fix: 'give a file of a Service with spec.objectives, or of an OpenSLO SLO',
        });
      const { documents, said } = openSloDocumentsOf(objectives);
      const text = openSloText(documents);
      for (const { file, line, column, message } of notes) process.stderr.write(`note: ${file}:${line}:${column}: ${message}\n`);
      for (const line of said) process.stderr.write(`note: ${line}\n`);
      if (options.out !== undefined) await write(options.out, text);
      const done = `${options.out}: ${objectives.map(({ name }) => name).join(', ')}`;
      print(options.json === true, { documents, notes: said }, options.out === undefined ? text.trimEnd() : done);
    }),
  );
}

async function write(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text, { durable: false, mode: 0o644, keepsMode: true });
  } catch (error) {
    throw new UserError('E_INPUT', `cannot write ${file}: ${messageOf(error)}`, {
      where: '--out',
      fix: 'name a file in a folder that is there and may be written to',
      cause: error,
    });
  }
}
