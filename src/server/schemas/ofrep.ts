import { z } from 'zod';

/**
 * What an OpenFeature SDK sends and takes.
 * @see https://github.com/open-feature/protocol, service/openapi.yaml (OFREP 0.1.0).
 */
export const EvaluateBody = z
  .looseObject(
    {
      context: z
        .looseObject({ targetingKey: z.string('expected a text').max(2_000).optional() }, 'expected a mapping of attributes')
        .optional(),
    },
    'expected JSON such as { "context": { "targetingKey": "u1" } }, sent as application/json',
  )
  .nullish()
  .describe('Who asks: attributes, with `targetingKey` as that which stays with one user.');

export const EvaluateParams = z.object({ key: z.string().max(300) });
export const IfNoneMatch = z.looseObject({ 'if-none-match': z.string().max(10_000).optional() });

const value = z
  .object({
    key: z.string(),
    value: z.union([z.boolean(), z.string(), z.number(), z.record(z.string(), z.unknown())]),
    reason: z.enum(['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'DISABLED']),
    variant: z.string(),
    metadata: z.record(z.string(), z.union([z.boolean(), z.string(), z.number()])),
  })
  .meta({ id: 'OfrepEvaluation', description: 'What a flag is for somebody. DISABLED: it is switched off.' });

const codes = ['PARSE_ERROR', 'TARGETING_KEY_MISSING', 'INVALID_CONTEXT', 'GENERAL'] as const;
const failure = z
  .object({ key: z.string(), errorCode: z.enum(codes), errorDetails: z.string() })
  .meta({ id: 'OfrepFailure', description: 'Why a flag has no value for somebody.' });
const bulkFailure = z
  .object({ errorCode: z.enum(codes), errorDetails: z.string() })
  .meta({ id: 'OfrepBulkFailure', description: 'Why no flag has a value for somebody.' });
const notFound = z
  .object({ key: z.string(), errorCode: z.literal('FLAG_NOT_FOUND'), errorDetails: z.string() })
  .meta({ id: 'OfrepNotFound', description: 'There is no such flag, or it is DISABLED in its document.' });

export const evaluateAnswers = { 200: value, 400: failure, 404: notFound };
export const evaluateAllAnswers = {
  200: z.object({ flags: z.array(z.union([value, failure])) }).meta({ id: 'OfrepEvaluations' }),
  304: z.null().describe('As it was when that tag was given.'),
  400: bulkFailure,
};

export type OfrepErrorCode = (typeof codes)[number];
