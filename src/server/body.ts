import { z } from 'zod';
import { languages } from '../analysis/sentence.ts';
import { UserError } from '../errors.ts';
import { versionName } from '../spec/service.ts';
import { resolutions } from '../views/series.ts';

const line = z
  .string()
  .max(500)
  .regex(/^[^\x00-\x1f\x7f]*$/, 'expected one line of text');

/** Who asks, and why: for the timeline and the audit. */
const asked = { by: line.min(1).max(100), why: line.default('') };

/** A document as its file holds it, and the absolute folder that its relative paths start from. */
const document = { document: z.string().max(1_048_576), file: line.default('document'), folder: z.string().max(4_096) };

export const ReleaseBody = z.strictObject({ ...document, ...asked, version: versionName });
export const PlanBody = z.strictObject({
  ...document,
  version: versionName,
  requestsPerSecond: z.number().min(0).max(10_000_000).optional(),
});
export const VerbBody = z.strictObject({ ...asked, verb: z.enum(['pause', 'resume', 'approve', 'promote', 'abort', 'retry']) });
export const RollbackBody = z.strictObject({
  ...asked,
  to: versionName.nullable().default(null),
  dryRun: z.boolean().default(false),
});
export const EventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  /** Taken as everywhere; the timeline is on record in English. */
  lang: z.enum(languages, `expected one of ${languages.join(', ')}`).optional(),
});

/** Language of the sentences; where it is left out, the headers decide. */
const lang = z.enum(languages, `expected one of ${languages.join(', ')}`).optional();

/** Of a path that knows nothing else: what it does not know is let be, as ever. */
export const LanguageQuery = z.object({ lang });

export const SeriesQuery = z.strictObject({
  lang,
  after: z.coerce.number().int().min(0).default(0),
  every: z.coerce
    .number()
    .pipe(z.literal(resolutions, `expected ${resolutions.join(', ')} seconds per point`))
    .default(1),
});

/**
 * Input in the form that its schema asks for.
 * @throws UserError `E_INPUT` that names the first field that is wrong.
 */
export function parsed<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') || 'body';
  throw new UserError('E_INPUT', `${where}: ${issue?.message ?? 'not as expected'}`, {
    where,
    fix: 'send what the API asks for',
  });
}
