import { z } from 'zod';
import { type Connection, credentials, programUrl, refuseTwoCredentials } from '../spec/connection.ts';

/**
 * The schema of a program that is asked over HTTP: its address, how one signs in, and what else a check wants to know.
 *
 * @param what - What is expected, with an example: `the address of Loki, such as http://loki:3100`.
 */
export function program<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  return z
    .strictObject({ url: programUrl(what).describe(`${capital(what)}.`), ...credentials, ...shape })
    .superRefine((given, context) => {
      const connection = given as unknown as Connection;
      refuseTwoCredentials(connection, context);
      if (connection.tls && !/^https:/i.test(connection.url))
        context.addIssue({ code: 'custom', message: 'expected an address with https:// beside tls', path: ['tls'] });
    });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
