import { z } from 'zod';
import { type AnnouncedWork, componentStates, type Post, postStates } from '../../status/types.ts';
import type { StatusBoard } from '../../views/status/board.ts';
import { answer } from './answer.ts';
import { VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;
const text = z.union([
  z.string().min(1).max(4_000),
  z.strictObject({ en: z.string().min(1).max(4_000), ru: z.string().min(1).max(4_000) }),
]);

export const StatusPostParams = z.object({ id: z.string().max(300).describe('Id of a post, such as `p-checkout-20261129-1`.') });
export const StatusPublishBody = z.strictObject({
  by,
  state: z.enum(postStates).optional().describe('Left out: that of the draft.'),
  title: text.optional().describe('In one language, or in both. Left out: that of the draft, else as it is.'),
  body: text.optional().describe('What customers read. Left out: that of the draft.'),
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
const told = text.optional().describe('What customers read of it, in one language or in both. Left out: the usual words.');
export const MaintenanceBody = z.strictObject({
  by,
  title: text.optional().describe('What it is called. Left out: the names of its components.'),
  body: told,
  components: z.array(z.string().max(100)).min(1).max(200).describe('Names of components of the page.'),
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
      posts: z.array(PostAnswer),
      maintenances: z.array(Maintenance).describe('Announced ones, the newest first.'),
    })
    .meta({
      id: 'StatusBoard',
      description: 'The status page for those who run it: what customers see, and what waits to be published.',
    }),
);
