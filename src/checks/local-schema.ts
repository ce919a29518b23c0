import { z } from 'zod';
import { duration } from '../spec/units.ts';

/** Path of a file or folder; a relative one starts at the folder of the document. */
export const path = z
  .string()
  .min(1)
  .max(4_000)
  .regex(/^[^\0]+$/, { error: 'expected a path without NUL' });

/** How old something may be. */
export const age = (example: string) => duration({ minMs: 1_000, maxMs: 3_660 * 86_400_000, example });

/** Why something is let through. */
export const reason = z.string().min(1).max(1_000).describe('Why.');

/** A pattern of paths, as shells write it. */
export const glob = z
  .string()
  .min(1)
  .max(1_000)
  .meta({ examples: ['test/**'] });

/** A regular expression of JavaScript, as text. */
export const pattern = z
  .string()
  .min(1)
  .max(1_000)
  .superRefine((text, context) => {
    try {
      new RegExp(text, 'u');
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a regular expression, such as ^https://' });
    }
  });
