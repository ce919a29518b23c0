import type { Command } from 'commander';
import { kinds, openSloContext } from '../../runtime/documents.ts';
import { groupIn, groupText } from '../../runtime/group-documents.ts';
import { checkChecklistsOf } from '../../runtime/readiness/checklists-of-file.ts';
import { checkText, type FileContents } from '../../spec/load.ts';
import { type OpenSloReading, readOpenSlo } from '../../spec/openslo/read.ts';
import { type Problem, renderProblems } from '../../spec/problem.ts';
import { documentText } from '../../spec/text-file.ts';
import { redactedText } from '../../views/redacted.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { exitCodes, print, printError } from '../output.ts';

/** `validate`: whether documents are right, ours and those of OpenSLO. Needs no controller. */
export function validateCommand(program: Command): void {
  withCommon(
    program
      .command('validate <files...>')
      .description('check documents, also those of OpenSLO; names every mistake with file, line and column'),
  ).action(
    action(async (files: string[], options: CommonOptions) => {
      const read = await Promise.all([...new Set(files)].map(async (file) => ({ file, text: await textOrError(file) })));
      // Together: a name may stand in one file and be used in another.
      const openSlo = readOpenSlo(
        read.flatMap(({ file, text }) => (typeof text === 'string' ? [{ file, text }] : [])),
        openSloContext,
      );
      let code: number = exitCodes.done;
      for (const { file, text } of read) {
        try {
          if (typeof text !== 'string') throw text.error;
          const own = ofFile(openSlo, file);
          const contents = checkText(text, file, kinds, own.problems);
          // What is wrong with a group is also what is wrong with the files that it names.
          if (contents.groups.length > 0) groupIn(await groupText(file, text));
          await checkChecklistsOf(text, file);
          print(options.json === true, answer(file, contents, own), `${file}: ${fineText(contents, own)}`);
          if (options.json !== true) warn(own, text);
        } catch (error) {
          code = Math.max(code, printError(options.json === true, error));
        }
      }
      return code;
    }),
  );
}

async function textOrError(file: string): Promise<string | { readonly error: unknown }> {
  try {
    return await documentText(file);
  } catch (error) {
    return { error };
  }
}

type Own = Pick<OpenSloReading, 'documents' | 'problems' | 'refusals' | 'notes'>;

function ofFile({ documents, problems, refusals, notes }: OpenSloReading, file: string): Own {
  const isOwn = (one: { readonly file: string }): boolean => one.file === file;
  return {
    documents: documents.filter(isOwn),
    problems: problems.filter(isOwn),
    refusals: refusals.filter(isOwn),
    notes: notes.filter(isOwn),
  };
}

function answer(file: string, { services, groups, flagSets, checklists, setup, controller }: FileContents, own: Own): unknown {
  return {
    file,
    valid: true,
    services,
    ...(groups.length > 0 ? { groups } : {}),
    ...(flagSets.length > 0 ? { flagSets } : {}),
    ...(checklists.length > 0 ? { checklists } : {}),
    ...(setup.length > 0 ? { setup } : {}),
    ...(controller ? { controller } : {}),
    ...(own.documents.length > 0
      ? { openSlo: own.documents.map(({ kind, name }) => ({ kind, name })), refused: own.refusals, notes: own.notes }
      : {}),
  };
}

function fineText({ services, groups, flagSets, checklists, setup, controller }: FileContents, { documents }: Own): string {
  const slos = documents.flatMap(({ kind, name }) => (kind === 'SLO' ? [`objective ${name}`] : []));
  const others = documents.length - slos.length;
  const names = [
    ...services,
    ...groups.map((name) => `group ${name}`),
    ...flagSets,
    ...checklists.map((name) => `checklist ${name}`),
    ...setup.map(({ kind, name }) => `${kind} ${name}`),
    ...(controller ? ['the controller'] : []),
    ...slos,
    ...(others > 0 ? [`${others} ${slos.length > 0 ? 'more ' : ''}${others === 1 ? 'document' : 'documents'} of OpenSLO`] : []),
  ];
  return names.length === 0 ? 'no document' : `${names.join(', ')} fine`;
}

/** What is right as a document and will not be done as it is said. */
function warn({ refusals, notes }: Own, text: string): void {
  const say = (head: string, found: readonly Problem[]): void => {
    // The lines of the document come along: a secret in one must not.
    if (found.length > 0) process.stderr.write(`${head}\n${redactedText(renderProblems(found, text))}\n`);
  };
  say('warning: fine as OpenSLO, but it cannot be kept exactly, so `rampart slo apply` will refuse it:', refusals);
  say('note: not taken as it is said:', notes);
}
