import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { command } from '../../spec/hook.ts';
import { orNamedSecret, refuseSecrets } from '../../spec/secret.ts';
import { path } from '../local-schema.ts';

const text = z.string().min(1).max(1_000);
const oneText = text.transform((given): string[] => [given]);
const someTexts = z.array(text).max(50);
const texts = choice([oneText, someTexts], (value) => (Array.isArray(value) ? someTexts : oneText));
const code = z.int().min(0).max(255);
const oneCode = code.transform((given): number[] => [given]);
const someCodes = z.array(code).min(1).max(50);

export const CommandConfig = z
  .strictObject({
    run: command.optional(),
    shell: z
      .string()
      .min(1)
      .max(10_000)
      .regex(/^[^\0]*$/, { error: 'expected text without NUL' })
      .optional()
      .meta({ description: 'A line that /bin/sh reads, in place of run.', examples: ['npm run build && npm test'] }),
    expectExit: choice([oneCode, someCodes], (value) => (Array.isArray(value) ? someCodes : oneCode))
      .prefault(0)
      .describe('Exit code that is well: one, or a list.'),
    contains: texts.prefault([]).describe('What has to stand in its output.'),
    notContains: texts.prefault([]).describe('What may not stand in its output.'),
    cwd: path.optional().describe('Folder it runs in; default: that of the document.'),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of an environment variable, such as CI' }),
        orNamedSecret(
          z
            .string()
            .max(10_000)
            .regex(/^[^\0]*$/, { error: 'expected text without NUL' }),
        ),
      )
      .superRefine(refuseSecrets)
      .default({})
      .describe('Variables beside those it inherits. A secret is named: { env: NAME }.'),
  })
  .superRefine(({ run, shell }, context) => {
    if ((run === undefined) === (shell === undefined))
      context.addIssue({ code: 'custom', message: 'expected run or shell, and not both' });
  })
  .describe('A command ends as it should.');
export type CommandConfig = z.output<typeof CommandConfig>;
