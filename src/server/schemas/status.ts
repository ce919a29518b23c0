import { z } from 'zod';
import type { SubscriberEntry } from '../../runtime/status/subscriber-keeper.ts';
import { type AnnouncedWork, componentStates, type Post, postStates } from '../../status/types.ts';
import type { StatusBoard } from '../../views/status/board.ts';
import { answer } from './answer.ts';
import { VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;
const text = z.union([
  z.string().min(1).max(4_000),
  z.strictObject({ en: z.string().min(1).max(4_000), ru: z.string().min(1).max(4_000) }),
]);
/** What a person tells customers. */
const words = z.string().max(4_000).regex(/\S/, 'expected a text that can be read');
const given = z.union([words, z.strictObject({ en: words, ru: words })]);

export const StatusPostParams = z.object({ id: z.string().max(300).describe('Id of a post, such as `p-checkout-20261129-1`.') });
export const StatusPublishBody = z.strictObject({
  by,
  state: z.enum(postStates).optional().describe('Left out: that of the draft.'),
  title: given.optional().describe('In one language, or in both. Left out: that of the draft, else as it is.'),
  body: given.optional().describe('What customers read. Left out: that of the draft.'),
});
export const StatusDeclineBody = z.strictObject({ by, why: why.unwrap().min(1).describe('Why it is not told, for the record.') });

const PostAnswer = z
  .object({
    id: z.string(),
    incident: z.string().nullable(),
    title: text,
    state: z.enum(postStates),
    startedAtMs: z.number(),
    publishedAtMs: z.number().nullable().describe('Null: customers do not see it.'),
    resolvedAtMs: z.number().nullable(),
    components: z.array(z.string()),
    worst: z.enum(componentStates),
    updates: z.array(
      z.object({
        id: z.string(),
        atMs: z.number(),
        by: z.string(),
        state: z.enum(postStates),
        body: text,
        components: z.array(z.object({ name: z.string(), from: z.enum(componentStates), to: z.enum(componentStates) })),
      }),
    ),
    draft: z
      .object({ state: z.enum(postStates), title: text, body: text, draftedAtMs: z.number() })
      .nullable()
      .describe('What waits to be published by a person.'),
    declined: z.enum(postStates).nullable().describe('State whose draft was not wanted last.'),
  })
  .meta({ id: 'StatusPost', description: 'What customers are told of an incident.' });

const moment = z.int().min(0).max(8_640_000_000_000_000);
const told = given.optional().describe('What customers read of it, in one language or in both. Left out: the usual words.');
export const MaintenanceBody = z.strictObject({
  by,
  title: given.optional().describe('What it is called. Left out: the names of its components.'),
  body: told,
  components: z
    .array(z.string().max(100))
    .min(1, 'expected at least one component')
    .max(200)
    .describe('Names of components of the page.'),
  fromMs: moment.describe('When it begins, in unix milliseconds.'),
  untilMs: moment.describe('When it ends.'),
});
export const MaintenanceMoveBody = z.strictObject({
  by,
  fromMs: moment.optional().describe('Left out: as it was.'),
  untilMs: moment.optional().describe('Left out: it takes as long as before.'),
  body: told,
});
export const MaintenanceEndBody = z.strictObject({ by, body: told });
export const MaintenanceCancelBody = z.strictObject({
  by,
  why: why.unwrap().describe('Why, for the record.').default(''),
  body: told,
});

const maintenanceStates = z.enum(['scheduled', 'in_progress', 'completed', 'cancelled']);
const Maintenance = z
  .object({
    id: z.string(),
    title: text,
    components: z.array(z.string()),
    state: maintenanceStates,
    plannedAtMs: z.number(),
    fromMs: z.number(),
    untilMs: z.number(),
    begunAtMs: z.number().nullable(),
    endedAtMs: z.number().nullable(),
    updates: z.array(z.object({ id: z.string(), atMs: z.number(), by: z.string(), state: maintenanceStates, body: text })),
  })
  .meta({ id: 'StatusMaintenance', description: 'Maintenance that a person has announced.' });

export const SubscribersQuery = z.strictObject({
  after: z.string().max(100).optional().describe('Id of the last one that was read.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000).describe('How many at most.'),
});
const subscriberLanguage = z.enum(['en', 'ru']);
const subscribed = z.array(z.string().max(100)).max(200);
export const SubscribersAnswer = answer<{ subscribers: SubscriberEntry[]; next: string | null }>()(
  z
    .object({
      subscribers: z.array(
        z.object({
          id: z.string(),
          address: z.string().nullable().describe('Null: it is lost with the file that it was in.'),
          state: z
            .enum(['confirmed', 'waiting', 'suspended'])
            .describe('`waiting`: not confirmed yet. `suspended`: the address was refused too often.'),
          language: subscriberLanguage,
          components: z.array(z.string()).nullable().describe('Null: all.'),
          sinceMs: z.number(),
          bounces: z.number().describe('Mails in a row that were refused because there is nobody at the address.'),
        }),
      ),
      next: z.string().nullable().describe('What to give as `after` for the rest; null: there is none.'),
    })
    .meta({ id: 'StatusSubscribers' }),
);
export const SubscriberImportBody = z.strictObject({
  by,
  subscribers: z
    .array(
      z.strictObject({
        address: z.string().max(254),
        language: subscriberLanguage.default('en'),
        components: subscribed.nullable().optional().describe('Null, or left out: all.'),
      }),
    )
    .min(1)
    .max(1_000),
});
export const SubscriberImportAnswer = answer<{
  added: number;
  changed: number;
  refused: { index: number; why: string }[];
}>()(
  z
    .object({
      added: z.number(),
      changed: z.number(),
      refused: z.array(z.object({ index: z.number().describe('Place in what was sent, from 0.'), why: z.string() })),
    })
    .meta({ id: 'StatusSubscribersImported' }),
);
export const SubscriberRemoveBody = z.strictObject({ by, subscriber: z.string().min(1).max(254).describe('Address, or id.') });
export const SubscriberRemoveAnswer = answer<{ id: string }>()(z.object({ id: z.string() }));

export const MaintenanceAnswer = answer<AnnouncedWork>()(Maintenance);
export const StatusPostAnswer = answer<Post>()(PostAnswer);
export const StatusBoardAnswer = answer<StatusBoard>()(
  z
    .object({
      url: z.string().nullable().describe('Where customers find the page; null: there is none.'),
      components: z.array(
        z.object({
          name: z.string(),
          title: text,
          state: z.enum(componentStates),
          changedAtMs: z.number(),
          isMaintained: z.boolean(),
        }),
      ),
      provenAtMs: z.number().nullable().describe('Until when what is shown is measured; null: not all of it is.'),
      unmeasured: z.array(z.string()).describe('Services of the page of whose users nothing is known now.'),
      posts: z.array(PostAnswer),
      maintenances: z.array(Maintenance).describe('Announced ones, the newest first.'),
      subscribers: z
        .object({
          confirmed: z.number(),
          waiting: z.number().describe('Not confirmed yet.'),
          suspended: z.number().describe('Their addresses were refused too often.'),
        })
        .nullable()
        .describe('How many are told by mail; null: nobody can subscribe.'),
    })
    .meta({
      id: 'StatusBoard',
      description: 'The status page for those who run it: what customers see, and what waits to be published.',
    }),
);
