import { z } from 'zod';
import { httpUrl, tls, within } from '../http-schema.ts';

/** Nobody stays on http://. */
export const HttpsRedirectConfig = z
  .strictObject({
    url: httpUrl
      .refine((url) => /^http:/i.test(url), 'expected an address with http://')
      .meta({ description: 'Address with http://.', examples: ['http://shop.example/'] }),
    to: httpUrl
      .refine((url) => /^https:/i.test(url), 'expected an address with https://')
      .optional()
      .describe('Where it has to lead; default: the same host and path with https://, whatever the port.'),
    permanent: z.boolean().default(true).describe('Whether it has to be permanent (301 or 308).'),
    answers: z.boolean().default(true).describe('Whether the https:// address has to answer, without a way back to http://.'),
    closed: z.boolean().default(false).describe('Whether it is as good when nothing listens at the http:// address.'),
    tls,
    within,
  })
  .describe('http:// leads to https://.');
export type HttpsRedirectConfig = z.output<typeof HttpsRedirectConfig>;
