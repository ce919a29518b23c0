import { z } from 'zod';
import { byKey } from './choice.ts';
import { notifierName } from './person.ts';
import { apiVersion } from './service.ts';
import type { Plugged } from './types.ts';
import { duration } from './units.ts';

/** What is known of each kind of receiver: the schema of its configuration, and what another address of it looks like. */
export type NotifierKinds = Readonly<
  Record<
    string,
    {
      readonly schema: z.ZodType;
      readonly addressed?: {
        readonly to: z.ZodType<string>;
        readonly subscribers?: true;
        /** @throws UserError where this configuration has one address alone. Left out: none has. */
        at?(config: unknown, to: string): unknown;
      };
    }
  >
>;

/** How messages are handed to a receiver. Times are milliseconds. */
export type NotifierDelivery = {
  /** Most messages in a minute; null: what the kind allows. */
  readonly perMinute: number | null;
  /** Messages that are under way at once. */
  readonly inFlight: number;
  /** Longest that one sending may take. */
  readonly timeoutMs: number;
  /** What was not taken for so long after it was queued is given up; an end of what was begun is tried for a week. */
  readonly giveUpAfterMs: number;
  /** Whether what has to wait becomes one message; null: where people read it. */
  readonly bundle: boolean | null;
};

/** A `Notifier` document, checked and with every default filled in. */
export type NotifierSpec = {
  readonly name: string;
  readonly receiver: Plugged;
  readonly delivery: NotifierDelivery;
};

const delivery = z
  .strictObject({
    perMinute: z.int().min(1).max(100_000).optional().describe('Most messages in a minute; left out: what the receiver takes.'),
    inFlight: z.int().min(1).max(50).default(4).describe('Messages that are under way at once.'),
    timeout: duration({ minMs: 100, maxMs: 120_000, example: '15s' })
      .prefault('15s')
      .describe('Longest that one sending may take.'),
    giveUpAfter: duration({ minMs: 60_000, maxMs: 7 * 86_400_000, example: '4h' })
      .prefault('4h')
      .describe('What was not taken for so long is given up, and the incident says so.'),
    bundle: z
      .boolean()
      .optional()
      .describe('Whether what has to wait becomes one message; left out: where people read it, and not where a program does.'),
  })
  .transform(
    ({ perMinute, inFlight, timeout, giveUpAfter, bundle }): NotifierDelivery => ({
      perMinute: perMinute ?? null,
      inFlight,
      timeoutMs: timeout,
      giveUpAfterMs: giveUpAfter,
      bundle: bundle ?? null,
    }),
  );

/** The schema of a whole `Notifier` document: a receiver of messages. Parses to a `NotifierSpec`. */
export function notifierDocument(kinds: NotifierKinds) {
  const branches = Object.fromEntries(
    Object.entries(kinds).map(([kind, { schema }]) => [
      kind,
      z
        .strictObject({ [kind]: schema, delivery: delivery.prefault({}).describe('How messages are handed to it.') })
        .transform((given): Omit<NotifierSpec, 'name'> => {
          const held = given as Readonly<Record<string, unknown>> & { readonly delivery: NotifierDelivery };
          return { receiver: { kind, config: held[kind] }, delivery: held.delivery };
        }),
    ]),
  );
  return z
    .strictObject({
      apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
      kind: z.literal('Notifier').describe('Kind of the document.'),
      metadata: z.strictObject({ name: notifierName }).describe('What the receiver is called in other documents.'),
      spec: byKey('a receiver', branches).describe('The receiver: one kind, and how messages are handed to it.'),
    })
    .meta({ title: 'Rampart notifier', description: 'A receiver of messages: a channel, a mailbox, a program.' })
    .transform(({ metadata: { name }, spec }): NotifierSpec => ({ name, ...spec }));
}
