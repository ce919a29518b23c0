import { z } from 'zod';
import { found } from './issue-text.ts';

/** Version of the document format. */
export const apiVersion = 'rampart/v1';

/** Name of a service: an RFC 1123 label, because it becomes part of file names, host names and Kubernetes objects. */
export const serviceName = z
  .string()
  .superRefine((text, context) => {
    if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return;
    const expected = 'expected a name of at most 63 small letters, digits and dashes, such as checkout';
    context.addIssue({ code: 'custom', message: `${expected}, found ${found(text)}` });
  })
  .meta({
    description: 'Name of the service: at most 63 small letters, digits and dashes.',
    examples: ['checkout'],
    pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  });
