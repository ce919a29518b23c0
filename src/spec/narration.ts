import { z } from 'zod';
import { credentials, programUrl, type TlsSettings } from './connection.ts';
import { isSafeAddress } from './safe-address.ts';
import { type NamedSecret, namedSecret } from './secret.ts';
import { apiVersion, serviceName } from './service.ts';
import { duration } from './units.ts';

/** A `Narration` document, checked and with every default filled in: who writes narrations of incidents. */
export type NarrationSpec = {
  readonly name: string;
  /** Where the paths of the API begin, without a slash at the end. */
  readonly baseUrl: string;
  readonly model: string;
  /** Null: none is asked for. */
  readonly key: NamedSecret | null;
  readonly tls: TlsSettings | undefined;
  readonly language: 'en' | 'ru';
  readonly timeoutMs: number;
  readonly maxTokens: number;
  /** What the limit of tokens is called there. */
  readonly tokensField: 'max_completion_tokens' | 'max_tokens';
  readonly format: 'json_schema' | 'json_object';
  /** Calls for one incident, and for all in any hour. */
  readonly perIncident: number;
  readonly perHour: number;
  /** Whether one is written by itself once an incident is over. */
  readonly atResolve: boolean;
};

/** The schema of a whole `Narration` document. Parses to a `NarrationSpec`. */
export const narrationDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('Narration').describe('Kind of the document.'),
    metadata: z.strictObject({ name: serviceName }).describe('What the endpoint is called here.'),
    spec: z
      .strictObject({
        baseUrl: programUrl('the base address of an OpenAI-compatible API, such as https://llm.example.com/v1')
          .refine((text) => !text.includes('?'), { error: 'expected an address without ?' })
          .describe('Where the API is; `/chat/completions` is asked below it.'),
        plainHttp: z
          .literal(true)
          .optional()
          .describe('Facts of incidents and the key may go over a network without TLS. Needed for http beyond this machine.'),
        tls: credentials.tls,
        model: z
          .string()
          .min(1)
          .max(200)
          .regex(/^[\x21-\x7e]+$/, 'expected the name of a model, without spaces')
          .describe('Name of the model, as the endpoint knows it.'),
        key: namedSecret.optional().describe('Where the key of the API is: { env: NAME } or { file: PATH }. Left out: none.'),
        language: z.enum(['en', 'ru']).default('en').describe('What narrations are written in.'),
        timeout: duration({ minMs: 1_000, maxMs: 120_000, example: '20s' })
          .prefault('20s')
          .describe('Longest that an answer may take.'),
        maxTokens: z.int().min(100).max(16_000).default(1_500).describe('Most tokens of an answer.'),
        tokensField: z
          .enum(['max_completion_tokens', 'max_tokens'])
          .default('max_completion_tokens')
          .describe('What the limit is called there: older servers know `max_tokens`.'),
        format: z
          .enum(['json_schema', 'json_object'])
          .default('json_schema')
          .describe('What answers are bound to: `json_object` for servers that know no schemas.'),
        limits: z
          .strictObject({
            perIncident: z.int().min(1).max(100).default(5).describe('Most calls for one incident.'),
            perHour: z.int().min(1).max(1_000).default(20).describe('Most calls in any hour.'),
          })
          .prefault({})
          .describe('How often the endpoint is asked at most.'),
        atResolve: z.boolean().default(false).describe('Whether one is written by itself once an incident is over.'),
      })
      .superRefine(({ baseUrl, plainHttp }, context) => {
        if (!URL.canParse(baseUrl) || isSafeAddress(baseUrl) || plainHttp) return;
        const message = 'expected https, or an address of this machine; plainHttp: true allows to send facts and key unprotected';
        context.addIssue({ code: 'custom', message, path: ['baseUrl'] });
      }),
  })
  .meta({
    title: 'Rampart narration',
    description: 'An OpenAI-compatible endpoint that puts the facts of an incident into words.',
  })
  .transform(
    ({ metadata: { name }, spec: { baseUrl, plainHttp: _, timeout, limits, key, tls, ...rest } }): NarrationSpec => ({
      name,
      ...rest,
      tls,
      baseUrl: baseUrl.replace(/\/+$/, ''),
      key: key ?? null,
      timeoutMs: timeout,
      ...limits,
    }),
  );
