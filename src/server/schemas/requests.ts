import { z } from 'zod';
import { languages } from '../../analysis/sentence.ts';
import { versionName } from '../../spec/service.ts';
import { resolutions } from '../../views/series.ts';

/**
 * One line of text without control characters (C0, C1), line separators and changes of direction, so that it stays one line, and says
 * what it says, wherever it is printed; whole characters, so that it can be stored.
 */
export const line = z
  .string()
  .max(500)
  .regex(/^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/, 'expected one line of text')
  .refine((text) => text.isWellFormed(), 'expected text without half a surrogate pair');

/** Who asks, and why: for the timeline and the audit. */
const asked = {
  by: line
    .min(1)
    .max(100)
    .optional()
    .describe('Who asks. Only with the token of the data folder: others act under their own name.'),
  why: line.default('').describe('Why, for the record.'),
};

/**
 * Characters of a document. A real one has some thousands; reading a megabyte of lines takes more than a second, in which nobody looks at
 * a release.
 */
export const documentMax = 131_072;

/** A document as its file holds it, and the absolute folder that its relative paths start from. */
const document = {
  document: z.string().max(documentMax).describe('The Service document, as its file holds it.'),
  file: line.default('document').describe('Name of the file, for messages.'),
  folder: z
    .string()
    .max(4_096)
    .describe("Absolute folder on the controller's machine that relative paths in the document start from."),
};

/** A name as it stands in a path: anything; what there is not is answered with 404. */
const name = z.string().max(300);
export const ServiceParams = z.object({ name });
export const ReleaseParams = z.object({ id: name });

/** A service that is under control already: its stable version's document is used. */
const known = { service: name.describe('A service under control: the document of its stable version is used.') };
const ofRelease = {
  ...asked,
  version: versionName,
  committedAtMs: z
    .int()
    .min(0)
    .max(8_640_000_000_000_000)
    .optional()
    .describe('When the change was committed, in unix milliseconds: lead time is counted from it.'),
};
const ofPlan = { version: versionName, requestsPerSecond: z.number().min(0).max(10_000_000).optional() };

export const ReleaseBody = z.union([z.strictObject({ ...known, ...ofRelease }), z.strictObject({ ...document, ...ofRelease })]);
export const PlanBody = z.union([z.strictObject({ ...known, ...ofPlan }), z.strictObject({ ...document, ...ofPlan })]);
export const VerbBody = z.strictObject({ ...asked, verb: z.enum(['pause', 'resume', 'approve', 'promote', 'abort', 'retry']) });
export const RollbackBody = z.strictObject({
  ...asked,
  to: versionName.nullable().default(null).describe('The version to bring back; null: the one before.'),
  dryRun: z.boolean().default(false).describe('Only say what would be done.'),
});

export const RestartBody = z.strictObject({
  ...asked,
  version: versionName.nullable().default(null).describe('Only if this is the stable version; null: whichever it is.'),
  dryRun: z.boolean().default(false).describe('Only say what would be done.'),
});

export const RestartStopBody = z.strictObject(asked);

/** Language of the sentences; where it is left out, the headers decide. */
const lang = z
  .enum(languages, `expected one of ${languages.join(', ')}`)
  .optional()
  .describe('Language of the sentences; left out: the best of Accept-Language, else English.');

/** Of a path that knows nothing else: what it does not know is let be, as ever. */
export const LanguageQuery = z.object({ lang });

/** The same of a list: a filter that it does not have would be taken for one that has found all. */
export const ListQuery = LanguageQuery.strict();

export const EventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('Only records after this `seq`.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  /** Taken as everywhere; the timeline is on record in English. */
  lang,
});

export const SeriesQuery = z.strictObject({
  lang,
  after: z.coerce.number().int().min(0).default(0).describe('Only what was seen after this second (unix).'),
  every: z.coerce
    .number()
    .pipe(z.literal(resolutions, `expected ${resolutions.join(', ')} seconds per point`))
    .default(1)
    .describe('Seconds per point.'),
});

/** Makes a verb safe to send again: the same key gets the first answer again. */
export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable characters without spaces')
    .optional()
    .describe('The same key with the same request gets the first answer again; nothing is done twice.'),
});
