import { z } from 'zod';
import type { ReadinessSpec } from './checklist-types.ts';
import { innerSecretProblems } from './secret.ts';

const day = z.string().refine(isDay, { error: 'expected a day such as 2026-12-31' });

/** Whether there is such a day: `Date` takes 31 February for 3 March. */
function isDay(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

const exemption = z
  .strictObject({
    item: z
      .string()
      .regex(/^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}$/, { error: 'expected phase.item, such as code.tests' })
      .describe('Item of the checklist.'),
    reason: z.string().min(1).max(1_000).describe('Why it need not be there.'),
    approvedBy: z.string().min(1).max(200).describe('Who has decided it.'),
    until: day.meta({ description: 'First day (UTC) on which it counts again.', examples: ['2026-12-31'] }),
  })
  .transform(({ until, ...rest }) => ({ ...rest, untilMs: Date.parse(`${until}T00:00:00Z`) }));

/** Whether a checklist is named by its file, and is no built-in one. */
export function isChecklistFile(checklist: string): boolean {
  return /[/\\]|\.ya?ml(#|$)/.test(checklist);
}

/** What a service says of its readiness. */
export const readiness = z
  .strictObject({
    checklist: z
      .string()
      .min(1)
      .max(500)
      .default('production')
      .meta({
        description:
          'Checklist that counts: a built-in one, or a file from the folder of the document (./ours.yaml, ./ours.yaml#name).',
        examples: ['production', './ours.yaml'],
      }),
    parameters: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9]{0,62}$/, { error: 'expected a name such as healthUrl' }), z.unknown())
      .superRefine((given, context) => {
        for (const { path, message } of innerSecretProblems(given))
          context.addIssue({ code: 'custom', path: [...path], message });
      })
      .default({})
      .meta({
        description: 'What the checklist asks about the service. `false` says that it has no such thing.',
        examples: [{ postgres: { url: { env: 'DATABASE_URL' } }, kubernetes: false }],
      }),
    exemptions: z.array(exemption).max(200).default([]).describe('Items that need not be there for a while.'),
  })
  .transform((given): ReadinessSpec => given)
  .describe('Checklist of the service, and what it asks.');
