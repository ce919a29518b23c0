import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { httpCheck, method, origin } from '../http-schema.ts';

const origins = z.array(origin).min(1).max(20);
const everybody = z.literal('*');

/** Which pages of other origins may read the answers. */
export const CorsConfig = httpCheck({
  allowed: choice([origins, everybody], (value) => (value === '*' ? everybody : origins)).meta({
    description: 'Origins whose pages may read the answers; `*`: all of them, without credentials. Any other one may not.',
    examples: [['https://shop.example']],
  }),
  foreign: z.array(origin).max(20).prefault(['https://foreign.example']).describe('Origins that may not, and are tried.'),
  method: method.default('GET').describe('Method that a page asks for beforehand (preflight).'),
  requestHeaders: z
    .array(z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'expected the name of a header'))
    .max(20)
    .default([])
    .describe('Headers that a page asks for beforehand.'),
  credentials: z.boolean().optional().describe('Whether pages may send cookies; default: either is fine.'),
}).describe('CORS: pages of allowed origins can read answers, those of foreign ones cannot.');
export type CorsConfig = z.output<typeof CorsConfig>;
