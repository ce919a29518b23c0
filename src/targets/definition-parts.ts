import { z } from 'zod';
import { templateProblem } from './template.ts';

/** Text in which `{name}` stands for one of these placeholders. */
export function templateText(max: number, placeholders: readonly string[]) {
  return z
    .string()
    .max(max)
    .superRefine((value, context) => {
      const problem = value.includes('\0') ? 'expected text without a NUL character' : templateProblem(value, placeholders);
      if (problem) context.addIssue({ code: 'custom', message: problem });
    });
}

/** Path of a check over HTTP. */
export const checkPath = z
  .string()
  .regex(/^\/[\x21-\x7e]*$/, 'expected a path that starts with a slash, such as /health')
  .max(2_000);
