import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { UserError } from '../errors.ts';

/**
 * Input in the form that its schema asks for.
 *
 * @param part - What it is of the request, for what is wrong with all of it.
 * @throws UserError `E_INPUT` that names the first field that is wrong.
 */
export function parsed<Schema extends z.ZodType>(schema: Schema, input: unknown, part = 'body'): z.output<Schema> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const issue = nearest(result.error.issues);
  const where = issue?.path.join('.') || part;
  const known = knownNames(schema, issue);
  throw new UserError('E_INPUT', `${where}: ${issue?.message ?? 'not as expected'}`, {
    where,
    fix: `send what the API asks for${known === null ? '' : `: ${known}`}; GET /api/v1/openapi.json says what`,
  });
}

/** Checks requests by their zod schemas, with errors in the words of the command line. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'body' }) =>
  (input) => {
    try {
      return { value: parsed(schema, input, httpPart === 'querystring' ? 'query' : httpPart) };
    } catch (error) {
      if (error instanceof UserError) return { error };
      throw error;
    }
  };

/** The names that may be given, where one was given that may not. */
function knownNames(schema: z.ZodType, issue: Issue | undefined): string | null {
  if (issue?.code !== 'unrecognized_keys' || issue.path.length > 0 || !('shape' in schema)) return null;
  return Object.keys(schema.shape as object).join(', ');
}

type Issue = z.core.$ZodIssue;

/**
 * The issue to show. Of a union every branch has its own: the one that fits best is what was meant, and that is the one whose
 * keys are all known, else the one with fewest problems.
 */
function nearest(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues;
  if (first?.code !== 'invalid_union' || first.errors.length === 0) return first;
  const strangers = (branch: readonly Issue[]): number =>
    branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  const ordered = first.errors.toSorted((a, b) => strangers(a) - strangers(b) || a.length - b.length);
  return nearest(ordered[0] ?? []);
}
