import { z } from 'zod';
import { checklistDocument } from './checklist.ts';
import { choiceUnion } from './choice.ts';
import { controllerDocument } from './controller.ts';
import { flagSetDocument } from './flag-set.ts';
import { groupDocument } from './group.ts';
import { type SetupKinds, setupKinds } from './incident-setup.ts';
import { type Kinds, serviceDocument } from './service.ts';

/** JSON Schema (draft 2020-12) of a `Service` document as users write it, for editors: names, texts, defaults, examples. */
export function serviceJsonSchema(kinds: Kinds): Readonly<Record<string, unknown>> {
  return inputSchema(serviceDocument(kinds));
}

/** JSON Schema (draft 2020-12) of a `Controller` document. */
export function controllerJsonSchema(): Readonly<Record<string, unknown>> {
  return inputSchema(controllerDocument);
}

/** JSON Schema (draft 2020-12) of a `ReleaseGroup` document. */
export function groupJsonSchema(): Readonly<Record<string, unknown>> {
  return inputSchema(groupDocument());
}

/** JSON Schema (draft 2020-12) of a `FlagSet` document. */
export function flagSetJsonSchema(): Readonly<Record<string, unknown>> {
  return inputSchema(flagSetDocument);
}

/** JSON Schema (draft 2020-12) of a `Checklist` document. */
export function checklistJsonSchema(kinds: Pick<Kinds, 'checks'>): Readonly<Record<string, unknown>> {
  return inputSchema(checklistDocument(kinds.checks));
}

/** JSON Schema (draft 2020-12) of each kind of document that says who is told of what. */
export function setupJsonSchemas(kinds: SetupKinds): Readonly<Record<string, () => Readonly<Record<string, unknown>>>> {
  return Object.fromEntries(Object.entries(setupKinds(kinds)).map(([kind, schema]) => [kind, () => inputSchema(schema)]));
}

/** JSON Schema of what a schema accepts. */
export function inputSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A choice looks like a value of any type to zod; what its branches accept is the union beside it.
      const union = choiceUnion(zodSchema);
      if (!union) return;
      const { $schema, ...branches } = inputSchema(union);
      Object.assign(jsonSchema, branches);
    },
  }) as Record<string, unknown>;
}
