import { z } from 'zod';
import type { SetupChange, SetupFile } from '../../spec/incident-setup.ts';
import type { IncidentSetupView, SetupAppliedView } from '../../views/incident-setup-view.ts';
import { answer } from './answer.ts';
import { documentMax, line, VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;

const File = answer<SetupFile>()(
  z
    .strictObject({
      file: line.min(1).describe('Name of the file, for messages.'),
      text: z.string().max(documentMax).describe('Its documents, as the file holds them.'),
    })
    .meta({ id: 'SetupFile', description: 'A file of documents that say who is told of what.' }),
);

/** All files of a setup. */
export const SetupFiles = z
  .array(File)
  .max(100)
  .refine((files) => files.reduce((sum, { text }) => sum + text.length, 0) <= 2 * documentMax, {
    error: `expected at most ${2 * documentMax} characters in all files together`,
  });

export const SetupBody = z.strictObject({
  by,
  why,
  files: SetupFiles.describe('All of the setup: what is not in it is not any more.'),
  replaces: z.int().min(0).optional().describe('The version that it takes the place of; refused when it is another one by now.'),
  dryRun: z.boolean().default(false).describe('Only check it, and say what it would change.'),
});

const Change = answer<SetupChange>()(
  z
    .object({ kind: z.string(), name: z.string(), change: z.enum(['added', 'changed', 'removed']) })
    .meta({ id: 'SetupChange', description: 'A document that differs from the setup before.' }),
);

export const SetupAppliedAnswer = answer<SetupAppliedView>()(
  z
    .object({ version: z.number().describe('The version in force.'), changes: z.array(Change) })
    .meta({ id: 'SetupApplied', description: 'What was changed, or would be.' }),
);

export const SetupAnswer = answer<IncidentSetupView>()(
  z
    .object({
      version: z.number().describe('0: none was applied.'),
      appliedAtMs: z.number().nullable(),
      by: z.string(),
      why: z.string(),
      files: z.array(File),
      notifiers: z.array(z.object({ name: z.string(), kind: z.string() })),
      people: z.array(z.string()),
      schedules: z.array(z.string()),
      policies: z.array(z.string()),
      routing: z.string().nullable().describe('Name of the AlertRouting document.'),
      runbooks: z.array(z.string()),
      statusPage: z.string().nullable().describe('Name of the StatusPage document.'),
      alertSources: z.array(z.object({ name: z.string(), kind: z.string() })),
      narration: z.string().nullable().describe('Name of the Narration document.'),
      releaseNotices: z.string().nullable().describe('Name of the ReleaseNotices document.'),
    })
    .meta({ id: 'IncidentSetup', description: 'Who is told of what: the documents in force, and what is in them.' }),
);
