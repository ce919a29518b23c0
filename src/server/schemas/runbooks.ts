import { z } from 'zod';
import type { RunbookView } from '../../views/runbook-view.ts';
import { answer } from './answer.ts';
import { IncidentParams } from './incidents.ts';
import { VerbBody } from './requests.ts';

const { by } = VerbBody.shape;

export const RunbookStepParams = IncidentParams.extend({
  runbook: z.string().max(100).describe('Name of the runbook.'),
  step: z.coerce.number().int().min(1).max(1_000).describe('Number of the step, from 1.'),
});
export const RunbookDoneBody = z
  .strictObject({ by, text: z.string().max(1_000).default('').describe('What came of it.') })
  .optional()
  .describe('May be left out.');
export const RunbookAgainBody = z.strictObject({ by }).optional().describe('May be left out.');

const OutcomeAnswer = z
  .object({
    atMs: z.number(),
    by: z.string(),
    state: z.enum(['told', 'failed', 'done']),
    said: z.string(),
    lines: z.array(z.string()).describe('Output, without secrets.'),
    tookMs: z.number(),
  })
  .nullable();

export const RunbooksAnswer = z.object({
  runbooks: z.array(
    answer<RunbookView>()(
      z
        .object({
          name: z.string(),
          title: z.string(),
          attachedAtMs: z.number(),
          steps: z.array(
            z.object({
              number: z.number(),
              title: z.string(),
              text: z.string().nullable(),
              dueAtMs: z.number().describe('Until when it is to be done.'),
              does: z.enum(['person', 'look', 'check']).describe('`person`: somebody does it. The others run by themselves.'),
              what: z.string().nullable().describe('What is looked at, or the kind of the check.'),
              outcome: OutcomeAnswer,
            }),
          ),
        })
        .meta({ id: 'IncidentRunbook', description: 'A runbook in an incident, with what its steps have told.' }),
    ),
  ),
});
