import { z } from 'zod';
import { byKey, choice } from './choice.ts';
import type { NotifyTarget } from './escalation-policy.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { notifierName, personName, scheduleName } from './person.ts';
import { apiVersion, serviceName } from './service-name.ts';
import { isLike } from './star-pattern.ts';

/** What people and programs may be told of a release, in the order in which it usually comes. */
export const noticeEvents = ['planned', 'started', 'step', 'held', 'rolled-back', 'succeeded', 'failed'] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

/** What a person, or a receiver that interrupts one, is told of: what somebody has to do something about. */
export const importantNotices: readonly NoticeEvent[] = ['held', 'rolled-back', 'failed'];

/** Somebody who is told of releases. */
export type ReleaseNotice = {
  readonly to: NotifyTarget;
  /** Of what; null: of what suits the receiver. */
  readonly events: readonly NoticeEvent[] | null;
  /** Null: that of the person, of a channel English. */
  readonly language: 'en' | 'ru' | null;
};

/** The same in a `ReleaseNotices` document. */
export type ServicesNotice = ReleaseNotice & {
  /** Names, with `*` for any part of one; null: of all services. */
  readonly services: readonly string[] | null;
};

/** A `ReleaseNotices` document, checked and with every default filled in. */
export type ReleaseNoticesSpec = { readonly name: string; readonly tell: readonly ServicesNotice[] };

const noticesMax = 100;

const common = {
  events: z
    .array(z.enum(noticeEvents))
    .min(1)
    .superRefine((given, context) => {
      for (const [index, event] of given.entries())
        if (given.indexOf(event) !== index)
          context.addIssue({ code: 'custom', message: `expected each event once, found ${found(event)} again`, path: [index] });
    })
    .optional()
    .describe('Of what; left out: what suits the receiver (see docs/guides/notifications.md).'),
  language: z.enum(['en', 'ru']).optional().describe('Left out: that of the person, of a channel English.'),
};

const targets = <More extends z.ZodRawShape>(more: More) => ({
  schedule: z.strictObject({ schedule: scheduleName.describe('Whoever is on call.'), ...more }),
  person: z.strictObject({ person: personName, ...more }),
  notifier: z.strictObject({ notifier: notifierName.describe('A channel, as its Notifier document has it.'), ...more }),
});

const own = byKey('somebody', targets(common));
const channel = notifierName.describe('A channel, by its name alone.');

/** Who is told of the releases of one service: names of notifiers, or a mapping with more about it. */
export const ownNotices = z
  .array(choice([channel, own], (value) => (isMapping(value) ? own : channel)))
  .min(1)
  .max(noticesMax)
  .transform((all) => all.map((one) => noticeOf(typeof one === 'string' ? { notifier: one } : one)));

const plain = byKey('somebody', targets({}));

/** Who is told of one thing: names of notifiers, or who else. */
export const noticeTargets = z
  .array(choice([channel, plain], (value) => (isMapping(value) ? plain : channel)))
  .min(1)
  .max(noticesMax)
  .transform((all) => all.map((one): NotifyTarget => (typeof one === 'string' ? { notifier: one } : one)));

const servicePattern = z
  .string()
  .regex(/^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/, { error: 'expected the name of a service, with * for any part of it' })
  .meta({ description: 'Name of a service; * stands for any part of it.', examples: ['payments-*'] });

const ofServices = byKey(
  'somebody',
  targets({
    ...common,
    services: z.array(servicePattern).min(1).max(500).optional().describe('Of which services; left out: of all.'),
  }),
);

/** The schema of a whole `ReleaseNotices` document: who is told of releases. Parses to a `ReleaseNoticesSpec`. */
export const releaseNoticesDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('ReleaseNotices').describe('Kind of the document.'),
    metadata: z
      .strictObject({ name: serviceName.meta({ description: 'What it is called.', examples: ['releases'] }) })
      .describe('What it is called.'),
    spec: z
      .strictObject({ tell: z.array(ofServices).min(1).max(noticesMax).describe('Who is told of what.') })
      .describe('Who is told of releases.'),
  })
  .meta({ title: 'Rampart release notices', description: 'Who is told of releases, and of what.' })
  .transform(
    ({ metadata: { name }, spec }): ReleaseNoticesSpec => ({
      name,
      tell: spec.tell.map((one) => ({ ...noticeOf(one), services: one.services ?? null })),
    }),
  );

type Written = NotifyTarget & {
  readonly events?: readonly NoticeEvent[] | undefined;
  readonly language?: 'en' | 'ru' | undefined;
};

function noticeOf(given: Written): ReleaseNotice {
  const to: NotifyTarget =
    'schedule' in given
      ? { schedule: given.schedule }
      : 'person' in given
        ? { person: given.person }
        : { notifier: given.notifier };
  return { to, events: given.events ?? null, language: given.language ?? null };
}

/** Whether a notice is of a service. */
export function isOfService({ services }: ServicesNotice, service: string): boolean {
  return services === null || services.some((pattern) => isLike(service, pattern));
}
