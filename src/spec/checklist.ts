import { z } from 'zod';
import { checkCondition, checkConfiguration, checkNames, checkTwice } from './checklist-problems.ts';
import type { ChecklistItem, ChecklistSpec } from './checklist-types.ts';
import { choice, oneKind } from './choice.ts';
import { isMapping } from './mapping.ts';
import { innerSecretProblems } from './secret.ts';
import { apiVersion } from './service.ts';
import { textOf } from './text.ts';
import { duration } from './units.ts';

/** The schemas of the checks that a checklist may name, by kind. The shelf's registry has them. */
export type CheckKinds = Readonly<Record<string, z.ZodType>>;

const idText = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const id = z.string().regex(idText, { error: 'expected at most 63 small letters, digits and dashes, such as rate-limits' });
const itemId = z.string().regex(/^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}$/, {
  error: 'expected phase.item, such as code.tests',
});
const parameterName = z.string().regex(/^[a-z][A-Za-z0-9]{0,62}$/, { error: 'expected a name such as healthUrl' });
const days = (example: string) => duration({ minMs: 1_000, maxMs: 366 * 86_400_000, example });

const confirmation = z
  .strictObject({
    text: textOf(500).optional().describe('What the person claims; default: the title of the item.'),
    role: id.optional().describe('Role of whoever may claim it; default: that of the item.'),
    evidence: z.enum(['required', 'optional']).default('optional').describe('Whether a link or a file has to prove it.'),
    validFor: days('90d').prefault('90d').describe('How long the claim holds.'),
    instead: z
      .boolean()
      .default(false)
      .describe('Only where the check cannot run, because a parameter that it uses is not given. Otherwise both are needed.'),
  })
  .describe('A person says so.');

/** The schema of a whole `Checklist` document, for the kinds of checks given. Parses to a `ChecklistSpec`. */
export function checklistDocument(checks: CheckKinds) {
  const item = z
    .strictObject({
      id: id.describe('Name within the phase.'),
      title: textOf(200).describe('What has to be there.'),
      role: id.default('devops').describe('Role of the team that answers for it.'),
      severity: z.enum(['blocker', 'warning']).default('blocker').describe('A blocker that is not there stops a release.'),
      if: z
        .string()
        .min(1)
        .max(500)
        .superRefine(checkCondition)
        .optional()
        .meta({ description: 'Where it applies: parameters joined by && || ! == != and parentheses.', examples: ['kubernetes'] }),
      check: oneKind('check', asWritten(checks))
        .optional()
        .describe(
          'What proves it: one kind. A parameter stands in it by its name, after a dollar and in braces; with ? behind the name it need not be given.',
        ),
      confirm: confirmation.optional(),
      validFor: days('24h').prefault('24h').describe('How long the result of the check proves it.'),
      timeout: duration({ minMs: 1, maxMs: 3_600_000 }).optional().describe('Longest that the check may take.'),
      needs: z.array(itemId).max(50).default([]).describe('Items that have to pass before the check is run.'),
      fix: textOf(1_000).optional().describe('What to do when it is not there.'),
    })
    .superRefine(({ check, confirm }, context) => {
      if (!check && !confirm)
        context.addIssue({ code: 'custom', message: 'expected check, confirm or both: nothing would ever prove this item' });
      checkConfiguration(check, checks, context);
    })
    .transform(
      ({ check, confirm, validFor, timeout, fix, ...rest }): ChecklistItem => ({
        ...rest,
        if: rest.if ?? null,
        check: (check as ChecklistItem['check']) ?? null,
        confirm: confirm
          ? {
              text: confirm.text ?? null,
              role: confirm.role ?? rest.role,
              evidence: confirm.evidence,
              validForMs: confirm.validFor,
              instead: confirm.instead,
            }
          : null,
        validForMs: validFor,
        timeoutMs: timeout ?? null,
        fix: fix ?? null,
      }),
    );
  return z
    .strictObject({
      apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
      kind: z.literal('Checklist').describe('Kind of the document.'),
      metadata: z.strictObject({
        name: id.describe('Name of the checklist.'),
        title: textOf(200).optional().describe('What people read; default: the name.'),
        description: textOf(2_000).optional().describe('What it is for.'),
      }),
      spec: z
        .strictObject({
          extends: id.optional().describe('Another checklist, whose phases come first.'),
          without: z
            .array(z.union([id, itemId]))
            .max(1_000)
            .default([])
            .describe('Phases and items of that one which are left out.'),
          parameters: z
            .record(
              parameterName,
              z.strictObject({
                description: textOf(500).describe('What it is.'),
                default: z.unknown().optional().describe('What it is where a service says nothing.'),
              }),
            )
            .superRefine(refuseSecretDefaults)
            .default({})
            .describe('What a service says of itself.'),
          phases: z
            .array(
              z.strictObject({
                id: id.describe('Name of the phase.'),
                title: textOf(200).describe('What people read.'),
                items: z.array(item).min(1).max(500).superRefine(checkTwice('id')).describe('What has to be there.'),
              }),
            )
            .max(50)
            .superRefine(checkTwice('id'))
            .default([])
            .describe('The phases, in their order.'),
          signOffs: z
            .array(
              z.strictObject({
                role: id.describe('Role of the team.'),
                title: textOf(100).optional().describe('What people read; default: the role.'),
                by: z.array(z.string().min(1).max(100)).min(1).max(100).optional().describe('Users who may sign for it.'),
              }),
            )
            .max(20)
            .superRefine(checkTwice('role'))
            .default([])
            .describe('Whose signatures a report needs.'),
        })
        .superRefine((spec, context) => {
          if (spec.extends === undefined && Array.isArray(spec.phases) && isMapping(spec.parameters))
            checkNames(spec.phases, Object.keys(spec.parameters), context);
        }),
    })
    .transform(
      ({ metadata, spec }): ChecklistSpec => ({
        name: metadata.name,
        title: metadata.title ?? metadata.name,
        description: metadata.description ?? null,
        extends: spec.extends ?? null,
        without: spec.without,
        parameters: Object.entries(spec.parameters).map(([name, parameter]) => ({ name, ...parameter })),
        phases: spec.phases,
        signOffs: spec.signOffs.map(({ role, title, by }) => ({ role, title: title ?? role, by: by ?? null })),
      }),
    );
}

/** Configurations as they are written, because parameters are not in yet. Editors see what each kind takes. */
function asWritten(checks: CheckKinds): Readonly<Record<string, z.ZodType>> {
  const written = z.unknown();
  return Object.fromEntries(Object.entries(checks).map(([kind, schema]) => [kind, choice([schema, written], () => written)]));
}

/** A default is in the log as well as any other value. */
function refuseSecretDefaults(given: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx<unknown>): void {
  for (const [name, parameter] of Object.entries(given))
    for (const { path, message } of innerSecretProblems({ [name]: isMapping(parameter) ? parameter.default : null }))
      context.addIssue({ code: 'custom', path: [name, 'default', ...path.slice(1)], message });
}
