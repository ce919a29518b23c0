import { z } from 'zod';
import type { AlertSourceStatus } from '../../runtime/alerts/alert-sources.ts';
import { answer } from './answer.ts';

const AlertSourceAnswer = answer<AlertSourceStatus>()(
  z
    .object({
      name: z.string(),
      kind: z.string(),
      ok: z.boolean().describe('Whether the last message of it was taken, or none has come yet.'),
      lastAtMs: z.number().nullable().describe('When a message was taken last; null: none was.'),
      taken: z.number().describe('Messages that were taken.'),
      refused: z.number().describe('Messages that were refused, also of whoever is not the sender.'),
      open: z.number().describe('Alerts of it that are open.'),
      lastProblem: z
        .object({ atMs: z.number(), text: z.string() })
        .nullable()
        .describe('The last thing that went wrong, also when all is well again.'),
    })
    .meta({
      id: 'AlertSource',
      description:
        'A program whose alerts come in by a signed webhook, since the controller started. Times are unix milliseconds.',
    }),
);

export const AlertSourcesAnswer = z.object({ sources: z.array(AlertSourceAnswer) }).meta({ id: 'AlertSources' });
