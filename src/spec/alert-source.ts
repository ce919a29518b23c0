import { z } from 'zod';
import { byKey } from './choice.ts';
import { apiVersion, serviceName } from './service.ts';
import type { Plugged } from './types.ts';
import { duration } from './units.ts';

/** What is known of each kind of sender: the schema of its configuration. */
export type AlertSourceKinds = Readonly<Record<string, { readonly schema: z.ZodType }>>;

/** An `AlertSource` document, checked and with every default filled in: a program that tells of alerts. */
export type AlertSourceSpec = {
  readonly name: string;
  readonly sender: Plugged;
  /** Put on every alert of it, in place of what it says there itself. */
  readonly labels: Readonly<Record<string, string>>;
  /** Services whose alerts it may tell of. */
  readonly services: '*' | readonly string[];
  /** An alert that is not told of again for so long is over, in milliseconds; null: `receivedAlerts.webhookTimeout`. */
  readonly lastsMs: number | null;
  /** Most messages in a minute. */
  readonly perMinute: number;
  /** Most alerts of it that are open at once. */
  readonly max: number;
};

const shared = {
  labels: z
    .record(z.string().min(1).max(200), z.string().min(1).max(2_000))
    .default({})
    .describe('Put on every alert of it, in place of what it says there itself.'),
  services: z
    .union([z.literal('*'), z.array(serviceName).min(1).max(500)])
    .default('*')
    .describe('Services whose alerts it may tell of; with a list, not those of none either.'),
  lasts: duration({ minMs: 60_000, maxMs: 2_592_000_000, example: '12h' })
    .optional()
    .describe(
      'An alert that it does not tell of again for so long is over; left out: receivedAlerts.webhookTimeout of the Controller.',
    ),
  perMinute: z.int().min(1).max(6_000).default(600).describe('Most messages in a minute.'),
  max: z.int().min(1).max(4_000).default(500).describe('Most alerts of it that are open at once.'),
};

/** The schema of a whole `AlertSource` document. Parses to an `AlertSourceSpec`. */
export function alertSourceDocument(kinds: AlertSourceKinds) {
  const branches = Object.fromEntries(
    Object.entries(kinds).map(([kind, { schema }]) => [
      kind,
      z.strictObject({ [kind]: schema, ...shared }).transform((given): Omit<AlertSourceSpec, 'name'> => {
        const { labels, services, lasts, perMinute, max, ...held } = given as Shared & Readonly<Record<string, unknown>>;
        return { sender: { kind, config: held[kind] }, labels, services, lastsMs: lasts ?? null, perMinute, max };
      }),
    ]),
  );
  return z
    .strictObject({
      apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
      kind: z.literal('AlertSource').describe('Kind of the document.'),
      metadata: z
        .strictObject({
          name: serviceName.meta({ description: 'Its name: it sends to /inbound/alerts/NAME.', examples: ['grafana'] }),
        })
        .describe('What it is called.'),
      spec: byKey('a sender', branches).describe('The sender: one kind, how it shows who it is, and what is taken of it.'),
    })
    .meta({ title: 'Rampart alert source', description: 'A program whose alerts come in.' })
    .transform(({ metadata: { name }, spec }): AlertSourceSpec => ({ name, ...spec }));
}

type Shared = { readonly [Key in keyof typeof shared]: z.output<(typeof shared)[Key]> };
