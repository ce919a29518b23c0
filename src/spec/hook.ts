import { z } from 'zod';
import { byKey, choice } from './choice.ts';
import { found } from './issue-text.ts';
import { orNamedSecret, refuseSecrets } from './secret.ts';
import type { CallAction, Hook } from './types.ts';
import { duration } from './units.ts';

/** A hook as parsed, before the release's own deadline fills in the timeout that it left out. */
export type HookDraft = Omit<Hook, 'timeoutMs'> & { readonly timeoutMs: number | null };

/** A program and its arguments; no shell reads it. */
export const command = z
  .array(
    z
      .string()
      .max(10_000)
      .regex(/^[^\0]*$/, { error: 'expected text without NUL' }),
    {
      error: (issue) =>
        `expected a list such as [node, server.js]${issue.input === undefined ? '' : `, found ${found(issue.input)}`}`,
    },
  )
  .min(1)
  .max(200)
  .refine((words) => words[0] !== '', { error: 'expected the name of a program', path: [0] })
  .meta({ description: 'A program and its arguments, one item each. No shell reads it.', examples: [['node', 'server.js']] });

const expect = choice(
  [z.string().regex(/^[1-5]xx$/, { error: 'expected a status such as 200, or a class such as 2xx' }), z.int().min(100).max(599)],
  (value, refuse) => {
    if (typeof value === 'number') return z.int().min(100).max(599);
    if (typeof value === 'string' && /^[1-5]xx$/.test(value)) return z.string();
    return refuse({ message: `expected a status such as 200, or a class such as 2xx, found ${found(value)}` });
  },
);

/** Where a request goes: http or https, and no password in it. */
export const httpUrl = z
  .string()
  .max(2_000)
  .superRefine((text, context) => {
    if (!isHttpUrl(text)) context.addIssue({ code: 'custom', message: `expected an http or https URL, found ${found(text)}` });
    else if (new URL(text).password !== '')
      context.addIssue({
        code: 'custom',
        message:
          'expected an address without a password, which would end up in the log; use headers: { Authorization: { env: … } }',
      });
  })
  .meta({ description: 'Where the request goes.', examples: ['https://ci.example/smoke'] });

/** Headers of a request, by name; secrets are named. */
export const httpHeaders = z
  .record(
    z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, { error: 'expected the name of a header such as Content-Type' }),
    orNamedSecret(
      z
        .string()
        .max(8_000)
        .regex(/^[^\x00-\x08\x0a-\x1f\x7f]*$/, { error: 'expected text without control characters' }),
    ),
  )
  .superRefine(refuseSecrets)
  .default({})
  .describe('Request headers. A secret is named: { env: NAME, prefix: "Bearer " }, or { file: PATH }.');

const http = z
  .strictObject({
    url: httpUrl,
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST').describe('HTTP method.'),
    headers: httpHeaders,
    body: z.string().max(100_000).optional().describe('Body of the request, as text.'),
    expect: expect
      .prefault('2xx')
      .meta({ description: 'Status that means done: a class such as 2xx, or one number.', examples: ['2xx', 204] }),
  })
  .describe('An HTTP request instead of a program.');

/** A program or a request by itself. */
const callSchemas = { command: z.strictObject({ command }), http: z.strictObject({ http }) };

/** A program or a request by itself, such as the way down of a migration. */
export const call = byKey('a call', callSchemas).transform(actionOf);

const parts = {
  name: z.string().min(1).max(100).optional().describe('What people read; default: the program, or method and host.'),
  timeout: duration({ minMs: 1, maxMs: 86_400_000 })
    .optional()
    .describe('How long one attempt may take; default: `release.deadlines.hook`.'),
  attempts: z.int().min(1).max(10).default(1).describe('How often it is tried before the release goes back.'),
  compensate: byKey('a compensation', callSchemas)
    .optional()
    .describe('Undoes the hook when the release goes back after it ran: `command` or `http`.'),
};

/** Something of the user's own that runs as part of a release. */
export const hook = byKey('a hook', {
  command: z.strictObject({ command, ...parts }),
  http: z.strictObject({ http, ...parts }),
}).transform((draft): HookDraft => {
  const action = actionOf(draft);
  return {
    name: draft.name ?? nameOf(action),
    action,
    timeoutMs: draft.timeout ?? null,
    attempts: draft.attempts,
    compensate: draft.compensate ? actionOf(draft.compensate) : null,
  };
});

function actionOf(draft: { command: string[] } | { http: z.output<typeof http> }): CallAction {
  if ('command' in draft) return { kind: 'command', command: draft.command };
  const { url, method, headers, body, expect } = draft.http;
  const statusMin = typeof expect === 'number' ? expect : Number(expect[0]) * 100;
  return {
    kind: 'http',
    url,
    method,
    headers,
    body: body ?? null,
    statusMin,
    statusMax: typeof expect === 'number' ? expect : statusMin + 99,
  };
}

function nameOf(action: CallAction): string {
  if (action.kind === 'http') return `${action.method} ${new URL(action.url).host}`;
  return (action.command[0] ?? '').replace(/^.*[\\/](?=.)/, '').slice(0, 100);
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}
