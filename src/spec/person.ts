import { z } from 'zod';
import { timeZone } from './calendar-time.ts';
import { found } from './issue-text.ts';
import { apiVersion, serviceName } from './service-name.ts';

/** How urgent an incident may be, the most urgent first. */
export const severities = ['P0', 'P1', 'P2'] as const;

/** A way to reach a person. */
export type Contact = {
  /** Name of the Notifier document. */
  readonly notifier: string;
  /** Their number, address or id there; null: the receiver that the notifier has of its own. */
  readonly to: string | null;
  /** What it is used for. */
  readonly severities: readonly (typeof severities)[number][];
};

/** A `Person` document, checked and with every default filled in. */
export type PersonSpec = {
  readonly name: string;
  readonly fullName: string;
  /** What messages to them are written in. */
  readonly language: 'en' | 'ru';
  /** IANA name; null: that of the schedule. */
  readonly timeZone: string | null;
  /** The preferred first; all that are for the severity are used. */
  readonly contacts: readonly Contact[];
  /** By name of the Notifier document: their id there, by which a pressed button or a reply is known to be theirs. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Their name in Rampart's own access; null: they have none. */
  readonly user: string | null;
};

const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected one line of text' });

/** Name of a `Notifier` document. */
export const notifierName = serviceName.meta({ description: 'Name of a Notifier document.', examples: ['payments-slack'] });
/** Name of a `Person` document. */
export const personName = serviceName.meta({ description: 'Name of a Person document.', examples: ['anna'] });
/** Name of a `Schedule` document. */
export const scheduleName = serviceName.meta({ description: 'Name of a Schedule document.', examples: ['payments'] });

/** Some of the severities, each once. */
export const someSeverities = z
  .array(z.enum(severities))
  .min(1)
  .superRefine((given, context) => {
    for (const [index, severity] of given.entries())
      if (given.indexOf(severity) !== index)
        context.addIssue({
          code: 'custom',
          message: `expected each severity once, found ${found(severity)} again`,
          path: [index],
        });
  });

const contact = z
  .strictObject({
    notifier: notifierName,
    to: line.optional().meta({ description: 'Number, address or id there.', examples: ['+4915112345678'] }),
    severities: someSeverities.default([...severities]).describe('What it is used for; left out: everything.'),
  })
  .transform(({ notifier, to, severities: given }): Contact => ({ notifier, to: to ?? null, severities: given }));

/** The schema of a whole `Person` document: somebody who may be called. Parses to a `PersonSpec`. */
export const personDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('Person').describe('Kind of the document.'),
    metadata: z.strictObject({ name: personName }).describe('What the person is called in other documents.'),
    spec: z
      .strictObject({
        fullName: line.optional().meta({ description: 'What people call them.', examples: ['Anna Petrova'] }),
        language: z.enum(['en', 'ru']).default('en').describe('What messages to them are written in.'),
        timeZone: timeZone
          .optional()
          .describe('Where they are: times in messages to them are by their clocks; left out: where the schedule is.'),
        contacts: z
          .array(contact)
          .max(20)
          .default([])
          .describe('How they are reached, the preferred way first. All that are for the severity are used.'),
        accounts: z
          .record(serviceName, line)
          .default({})
          .describe('Their ids at notifiers, so that their buttons and replies act as theirs: { payments-slack: U024BE7LH }.'),
        user: line.optional().describe('Their name when they sign in to Rampart.'),
      })
      .prefault({})
      .describe('The person.'),
  })
  .meta({ title: 'Rampart person', description: 'Somebody who may be called, and how.' })
  .transform(
    ({ metadata: { name }, spec }): PersonSpec => ({
      name,
      fullName: spec.fullName ?? name,
      language: spec.language,
      timeZone: spec.timeZone ?? null,
      contacts: spec.contacts,
      accounts: spec.accounts,
      user: spec.user ?? null,
    }),
  );
