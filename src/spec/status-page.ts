import { z } from 'zod';
import { timeZone } from './calendar-time.ts';
import { found } from './issue-text.ts';
import { nearest } from './nearest.ts';
import { notifierName } from './person.ts';
import { apiVersion, serviceName } from './service.ts';
import { type Text, textOf } from './text.ts';
import { uniqueNames } from './unique-names.ts';
import { percentText } from './unit-text.ts';
import { duration, listenAddress, percent } from './units.ts';

/** A part of what users use: what it is made of, and from when on it counts as broken. */
export type StatusComponentSpec = {
  /** Id in addresses and in the API: small letters, digits and dashes. */
  readonly name: string;
  readonly title: Text;
  readonly description: Text | null;
  /** Name of its group; null: it stands by itself. */
  readonly group: string | null;
  /** Services whose users it is about: as bad as the worst of them. */
  readonly services: readonly string[];
  /** Shares of failed requests, parts per million: above `partialPpm` it is a partial outage, above `majorPpm` a major one. */
  readonly partialPpm: number;
  readonly majorPpm: number;
  readonly onlyShowIfDegraded: boolean;
};

/** A `StatusPage` document, checked. */
export type StatusPageSpec = {
  readonly name: string;
  readonly title: Text;
  /** Where customers find it, without a slash at the end; null: at `/status` of the controller. */
  readonly url: string | null;
  /** IANA name: whose days the history has. */
  readonly timeZone: string;
  /** The first one is shown to whoever asks for none of them. */
  readonly languages: readonly ('en' | 'ru')[];
  /** `automatic`: a drafted text is published as soon as users are hurt. `by-hand`: somebody publishes it. */
  readonly publish: 'automatic' | 'by-hand';
  /** Colour of the page's own marks, `#rrggbb`; null: none of its own. */
  readonly colour: string | null;
  readonly groups: readonly { readonly name: string; readonly title: Text }[];
  readonly components: readonly StatusComponentSpec[];
  /** Where it is served beside the controller's API, by a thread of its own; null: under `/status` of the API only. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Who may be told of it by mail; null: nobody. */
  readonly subscribers: {
    /** Name of the Notifier that sends. */
    readonly notifier: string;
    readonly max: number;
    readonly confirmWithinMs: number;
    readonly suspendAfter: number;
    /** Whether planned releases are told, too. */
    readonly releases: boolean;
  } | null;
};

const componentsMax = 200;
const id = serviceName.meta({ description: 'At most 63 small letters, digits and dashes.', examples: ['checkout'] });

const component = z
  .strictObject({
    name: id,
    title: textOf(100).optional().describe('What customers call it. Left out: its name.'),
    description: textOf(500).optional().describe('What it does, for customers.'),
    group: z.string().optional().describe('Name of one of the groups.'),
    services: z.array(serviceName).min(1).max(50).describe('Services that it is made of: it is as bad as the worst of them.'),
    outage: z
      .strictObject({
        partial: percent({ minPpm: 1, maxPpm: 999_999, example: '5%' })
          .prefault('5%')
          .describe('Failed requests above this: a partial outage.'),
        major: percent({ minPpm: 2, maxPpm: 1_000_000, example: '50%' })
          .prefault('50%')
          .describe('Failed requests above this: a major outage.'),
      })
      .prefault({})
      .describe('From which share of failed requests on it is called an outage.'),
    onlyShowIfDegraded: z.boolean().default(false).describe('Not shown while all is well.'),
  })
  .superRefine(({ outage: { partial, major } }, context) => {
    if (major <= partial)
      context.addIssue({
        code: 'custom',
        message: `expected less than outage.major, which is ${percentText(major)}`,
        path: ['outage', 'partial'],
      });
  });

const subscribers = z.strictObject({
  notifier: notifierName.describe('Name of the Notifier document that sends: one of kind email.'),
  max: z.int().min(1).max(20_000).default(5_000).describe('Subscribers at most.'),
  confirmWithin: duration({ minMs: 600_000, maxMs: 7 * 86_400_000, example: '24h' })
    .prefault('24h')
    .describe('A subscription that nobody has confirmed by then is forgotten, with its address.'),
  suspendAfter: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('Mails in a row that were refused because there is nobody at the address; then nobody writes to it any more.'),
  plannedReleases: z.boolean().default(true).describe('Whether planned releases are announced to them, too.'),
});

/** The schema of a whole `StatusPage` document: what customers see. Parses to a `StatusPageSpec`. */
export const statusPageDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('StatusPage').describe('Kind of the document.'),
    metadata: z.strictObject({ name: id }).describe('What the page is called here.'),
    spec: z.strictObject({
      title: textOf(100).describe('Name on the page: that of your product.'),
      url: z
        .url({ protocol: /^https?$/, error: 'expected a URL, such as https://status.example.com' })
        .optional()
        .describe('Where customers find it.'),
      timeZone: timeZone.default('UTC').describe('Whose days the history has.'),
      languages: z
        .array(z.enum(['en', 'ru']))
        .min(1)
        .max(2)
        .refine((all) => new Set(all).size === all.length, { error: 'expected each language once' })
        .default(['en'])
        .describe('The first one is shown to whoever asks for none of them.'),
      publish: z
        .enum(['automatic', 'by-hand'])
        .default('by-hand')
        .describe('`automatic`: what is drafted is published as soon as users are hurt.'),
      colour: z
        .string()
        .regex(/^#[0-9a-fA-F]{6}$/, 'expected a colour, such as #0a54b0')
        .optional()
        .describe('Colour of the page’s own marks.'),
      groups: z
        .array(z.strictObject({ name: id, title: textOf(100).optional() }))
        .max(50)
        .superRefine(uniqueNames('group'))
        .default([])
        .describe('Components that belong together, in their order.'),
      components: z.array(component).min(1).max(componentsMax).superRefine(uniqueNames('component')),
      listen: listenAddress()
        .optional()
        .describe('Where it is served by a thread of its own, so that it answers while the controller is busy.'),
      subscribers: subscribers.optional().describe('Customers may subscribe by e-mail. Left out: they cannot.'),
    }),
  })
  .superRefine(({ spec: { groups, components } }, context) => {
    const names = groups.map(({ name }) => name);
    for (const [index, { name }] of components.entries())
      if (names.includes(name))
        context.addIssue({
          code: 'custom',
          message: `expected another name than that of a group, found ${found(name)}`,
          path: ['spec', 'components', index, 'name'],
        });
    for (const [index, { group }] of components.entries())
      if (group !== undefined && !names.includes(group))
        context.addIssue({
          code: 'custom',
          message: `expected the name of a group, found ${found(group)}${hint(group, names)}`,
          path: ['spec', 'components', index, 'group'],
        });
  })
  .meta({ title: 'Rampart status page', description: 'What customers see of services, and of what happens to them.' })
  .transform(
    ({ metadata, spec }): StatusPageSpec => ({
      name: metadata.name,
      title: spec.title,
      url: spec.url?.replace(/\/+$/, '') ?? null,
      timeZone: spec.timeZone,
      languages: spec.languages,
      publish: spec.publish,
      colour: spec.colour ?? null,
      groups: spec.groups.map(({ name, title }) => ({ name, title: title ?? name })),
      components: spec.components.map(({ name, title, description, group, services, outage, onlyShowIfDegraded }) => ({
        name,
        title: title ?? name,
        description: description ?? null,
        group: group ?? null,
        services,
        partialPpm: outage.partial,
        majorPpm: outage.major,
        onlyShowIfDegraded,
      })),
      listen: spec.listen ?? null,
      subscribers: spec.subscribers
        ? {
            notifier: spec.subscribers.notifier,
            max: spec.subscribers.max,
            confirmWithinMs: spec.subscribers.confirmWithin,
            suspendAfter: spec.subscribers.suspendAfter,
            releases: spec.subscribers.plannedReleases,
          }
        : null,
    }),
  );

function hint(given: string, names: readonly string[]): string {
  const near = nearest(given, names);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
