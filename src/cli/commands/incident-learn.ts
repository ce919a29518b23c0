import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { figuresIn } from '../../analysis/figures.ts';
import { UserError } from '../../errors.ts';
import { replayCase } from '../../incidents/learning/learn.ts';
import type { Learned, Lesson } from '../../incidents/learning/types.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { policyOf } from '../../slo/evaluate.ts';
import { type DetectionCase, detectionCaseFile } from '../../spec/detection-case.ts';
import { textIn } from '../../spec/text.ts';
import { documentText } from '../../spec/text-file.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { lessonGain } from '../../views/post-mortem/lesson-gain.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { incidentsCommand } from '../groups.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { exitCodes, print } from '../output.ts';

type Options = CommonOptions & LanguageOption;

/** `incidents learn` and `incidents replay`: alerts that would have told of an incident earlier, and the tests that they become. */
export function learnCommands(program: Command): void {
  const incidents = incidentsCommand(program);
  withLanguage(
    withCommon(
      incidents
        .command('learn <id>')
        .description(
          'replay the counts of an incident with other alerts: how much earlier, how many more false alarms, and the change',
        )
        .option('--lesson <number>', 'which of them to save', '1')
        .option('--save <file>', 'write it as a test: `rampart incidents replay` fails when a policy is later than that'),
    ),
  ).action(
    action(async (id: string, options: Options & { lesson: string; save?: string }) => {
      const api = await controllerOf(options.data);
      const learned = await api.get<Learned>(`/incidents/${encodeURIComponent(id)}/lessons`);
      const language = languageOf(options);
      if (options.save !== undefined) {
        const found = learned.cases[Number(options.lesson) - 1];
        if (!found)
          throw new UserError('E_INPUT', `there is no lesson ${options.lesson} of ${learned.cases.length}`, {
            where: '--lesson',
            fix: learned.cases.length === 0 ? 'nothing is to be learned of it' : `use 1 to ${learned.cases.length}`,
          });
        await replaceFile(options.save, `${JSON.stringify(found)}\n`, { durable: false, mode: 0o644 });
      }
      const saved = options.save === undefined ? '' : `\n\nwritten to ${options.save}`;
      print(options.json === true, learned, `${lessonsText(learned.lessons, language)}${saved}`);
      return exitCodes.done;
    }),
  );

  withCommon(
    incidents
      .command('replay <case> <document>')
      .description(
        'replay a saved incident with the alerts of a document; exit code 1: it would be noticed later than it has to be',
      ),
  ).action(
    action(async (file: string, document: string, options: CommonOptions) => {
      const found = caseIn(await documentText(file), file);
      const { ok, detectedMs } = replayCase(found, await objectiveFor(found, document));
      const { span } = figuresIn.en;
      const when = detectedMs === null ? 'not at all' : `after ${span(detectedMs)}`;
      const said = `${found.incident}: ${found.objective} would be noticed ${when}; it has to be within ${span(found.withinMs)}`;
      print(options.json === true, { ok, detectedMs, withinMs: found.withinMs }, said);
      return ok ? exitCodes.done : exitCodes.no;
    }),
  );
}

function lessonsText(lessons: readonly Lesson[], language: 'en' | 'ru'): string {
  if (lessons.length === 0)
    return language === 'ru' ? 'другие тревоги не сработали бы раньше' : 'no other alert would have told of it earlier';
  return lessons
    .map((lesson, index) => {
      const head = `${index + 1}. ${textIn(lesson.change, language)}`;
      return [head, ...[textIn(lessonGain(lesson), language), ...lesson.diff.split('\n')].map((line) => `   ${line}`)].join('\n');
    })
    .join('\n\n');
}

function caseIn(text: string, file: string): DetectionCase {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError('E_CASE', 'it is no JSON', {
      where: file,
      fix: 'write it with `rampart incidents learn ID --save FILE`',
      cause,
    });
  }
  const read = detectionCaseFile.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UserError('E_CASE', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is no detection case'}`, {
    where: file,
    fix: 'write it with `rampart incidents learn ID --save FILE`',
  });
}

/** The objective of a case as a document of its service has it: a target that was changed changes when its alerts fire. */
async function objectiveFor({ objective, tier }: DetectionCase, document: string) {
  const specs = documentsIn(await documentText(document), document, dirname(resolve(document)));
  for (const { name, objectives } of specs)
    for (const one of objectives) {
      if (`${name}/${one.name}` !== objective) continue;
      const alerts = policyOf(one);
      if (alerts.some((known) => known.name === tier)) return { targetPpm: one.targetPpm, windowMs: one.windowMs, alerts };
      throw new UserError('E_UNKNOWN_TIER', `${objective} has no alert ${tier}, which has to notice the incident`, {
        where: document,
        fix: `call the alert that has to notice it ${tier}, or save the case again`,
      });
    }
  throw new UserError('E_UNKNOWN_OBJECTIVE', `there is no objective ${objective} in it`, {
    where: document,
    fix: 'name the document of its service',
  });
}
