import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { credentials, refuseTwoCredentials } from '../../spec/connection.ts';
import { httpUrl } from '../http-schema.ts';
import { path } from '../local-schema.ts';

export const OpenapiConfig = z
  .strictObject({
    document: choice([path, httpUrl], (value) =>
      typeof value === 'string' && /^https?:\/\//i.test(value) ? httpUrl : path,
    ).describe('File or address of the document, JSON or YAML.'),
    examples: z
      .boolean()
      .default(false)
      .describe('Whether each operation needs an example of every body that it takes or gives.'),
    descriptions: z.boolean().default(false).describe('Whether each operation needs a summary or a description.'),
    docs: httpUrl.optional().describe('Address of a page for people that has to answer with 2xx.'),
    ...credentials,
  })
  .superRefine((given, context) => refuseTwoCredentials(given, context))
  .describe('The API is described by an OpenAPI 3 document.');
export type OpenapiConfig = z.output<typeof OpenapiConfig>;
