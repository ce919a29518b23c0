import { z } from 'zod';
import { byKey } from './choice.ts';
import type { Match } from './types.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/;

/** Name of an HTTP header or cookie. */
export function httpName(what: 'header' | 'cookie', example: string) {
  return z
    .string()
    .regex(token, { error: `expected the name of a ${what} such as ${example}` })
    .meta({ description: `Name of the ${what}.`, examples: [example] });
}

const compared = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected text without control characters' });

const pattern = z
  .string()
  .min(1)
  .max(200)
  .superRefine((text, context) => {
    const problem = patternProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `expected a regular expression: ${problem}` });
  })
  .meta({
    description: 'JavaScript regular expression that the value matches somewhere, with case.',
    examples: ['Canary', '^beta-[0-9]+$'],
  });

const byHeader = z
  .strictObject({
    header: httpName('header', 'X-Canary'),
    equals: compared.describe('The whole value, with case.').optional(),
    contains: compared.describe('Text that occurs somewhere in the value, with case.').optional(),
    pattern: pattern.optional(),
  })
  .meta({ title: 'by header', examples: [{ header: 'X-Canary', equals: 'yes' }] })
  .transform((match, context): Match => {
    const { header } = match;
    const given = (['equals', 'contains', 'pattern'] as const).filter((key) => match[key] !== undefined);
    if (given[1] !== undefined)
      context.addIssue({
        code: 'custom',
        message: `a match has one of equals, contains or pattern: ${given[0]} is already given, so ${given[1]} cannot be`,
        path: [given[1]],
        at: 'key',
      } as never);
    if (match.equals !== undefined) return { header, equals: match.equals };
    if (match.contains !== undefined) return { header, contains: match.contains };
    if (match.pattern !== undefined) return { header, pattern: match.pattern };
    context.addIssue({ code: 'custom', message: 'expected equals, contains or pattern beside header' });
    return z.NEVER;
  });

const byCookie = z
  .strictObject({ cookie: httpName('cookie', 'beta'), equals: compared.describe('The whole value, with case.') })
  .meta({ title: 'by cookie', examples: [{ cookie: 'beta', equals: '1' }] });

/** Requests that go to the candidate whatever the weight is: any match of the list is enough. */
export const matches = z
  .array(byKey('a match', { header: byHeader, cookie: byCookie }))
  .min(1)
  .max(20)
  .describe('Requests that go to the candidate whatever its weight: any item of the list is enough.');

function patternProblem(text: string): string | undefined {
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}
