import { z } from 'zod';
import { choice } from '../spec/choice.ts';
import { type Connection, credentials, programUrl, refuseTwoCredentials } from '../spec/connection.ts';
import { found } from '../spec/issue-text.ts';
import { isMapping } from '../spec/mapping.ts';
import { duration } from '../spec/units.ts';

/** Address of something that is asked over HTTP. */
export const httpUrl = programUrl('an http or https URL, such as https://shop.example/health');

/** Longest until an answer is there as a whole. */
export const within = duration({ minMs: 1, maxMs: 120_000, example: '5s' })
  .prefault('5s')
  .describe('Longest until the whole answer is there.');

export const method = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** First and last status that counts. */
export type StatusRange = { readonly min: number; readonly max: number };

const statusClass = z
  .string()
  .regex(/^[1-5]xx$/, 'expected a class such as 2xx')
  .transform((text): StatusRange => ({ min: Number(text[0]) * 100, max: Number(text[0]) * 100 + 99 }));
const statusNumber = z
  .int()
  .min(100)
  .max(599)
  .transform((status): StatusRange => ({ min: status, max: status }));
const oneStatus = choice([statusNumber, statusClass], (value, refuse) => {
  if (typeof value === 'number') return statusNumber;
  if (typeof value === 'string') return statusClass;
  return refuse({ message: `expected a status such as 200, or a class such as 2xx, found ${found(value)}` });
});
const someStatuses = z.array(oneStatus).min(1).max(50);
const alone = oneStatus.transform((range): StatusRange[] => [range]);

/** `200`, `2xx`, or a list of them. */
export const statuses = choice([alone, someStatuses], (value) => (Array.isArray(value) ? someStatuses : alone));

const jsonMapping = z.record(z.string(), z.unknown());
const jsonList = z.array(z.unknown());
const plainBody = z.string().max(100_000);

/** Text as it is, or a mapping or list that is sent as JSON. */
export const body = choice([plainBody, jsonMapping, jsonList], (value, refuse) => {
  if (typeof value === 'string') return plainBody;
  if (Array.isArray(value)) return jsonList;
  if (isMapping(value)) return jsonMapping;
  return refuse({ message: `expected text, or a mapping that is sent as JSON, found ${found(value)}` });
});

const pemFile = z
  .string()
  .min(1)
  .max(4_000)
  .regex(/^[^\0]*$/, 'expected the path of a PEM file, such as certificates/ca.pem');

/** Certificates of addresses with https://. Paths are from the folder of the document. */
const trust = z
  .strictObject({
    ca: pemFile.optional().describe('File with the authorities (CA) that are trusted, in place of the usual ones.'),
    cert: pemFile.optional().describe('File with the certificate by which the check is known there.'),
    key: pemFile.optional().describe('File with its key.'),
    serverName: z.string().min(1).max(253).optional().describe('Name in the certificate, where the address has another.'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    error: 'expected cert and key together',
    path: ['cert'],
  });

/** How one signs in at an address. */
export const signIn = { headers: credentials.headers, basic: credentials.basic };
/** Certificates of it. */
export const tls = trust.optional().describe('Certificates of an address with https://.');

/**
 * A check of one address: `url`, how one signs in there, how long it may take, and what else the check wants to know.
 *
 * @param shape - Its own keys.
 */
export function httpCheck<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z
    .strictObject({ url: httpUrl.describe('Address that is asked.'), ...signIn, tls, within, ...shape })
    .superRefine((given, context) => {
      const connection = given as unknown as Connection;
      refuseTwoCredentials(connection, context);
    });
}

/** `https://shop.example`: what a browser says of where a page is from. */
export const origin = z
  .string()
  .max(300)
  .regex(/^https?:\/\/[^/?#@\s]+$/, 'expected an origin such as https://shop.example, without a path');
