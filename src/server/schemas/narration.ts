import { z } from 'zod';
import type { NarrationStory } from '../../diagnosis/narration/story.ts';
import { type DropReason, dropReasons } from '../../diagnosis/narration/types.ts';
import type { NarrationView } from '../../views/narration-view.ts';
import { answer } from './answer.ts';
import { VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;
const language = z.enum(['en', 'ru']);

export const NarrationBody = z.strictObject({
  by,
  why,
  language: language.exactOptional().describe('What it is to be written in; left out: as the document says.'),
});

const count = z.number().exactOptional();

/** A narration, in the post-mortem and by itself. */
export const NarrationAnswer = answer<NonNullable<NarrationStory['last']>>()(
  z
    .object({
      model: z.string(),
      language,
      sentences: z.array(
        z.object({ text: z.string(), seqs: z.array(z.number()).describe('Events that it cites, by position in the log.') }),
      ),
      dropped: z
        .object(Object.fromEntries(dropReasons.map((reason) => [reason, count])) as Record<DropReason, typeof count>)
        .describe('How many sentences were left out, and why.'),
      facts: z.number().describe('Events that it was written from.'),
      uptoSeq: z.number().describe('Position of the newest of them in the log.'),
      atMs: z.number(),
    })
    .meta({
      id: 'Narration',
      description:
        'What a model has made of the events of an incident: each sentence cites events and was checked against them. Not proven.',
    }),
);

export const NarrationStoryAnswer = answer<NarrationView>()(
  z
    .object({
      model: z.string().nullable().describe('Who narrates; null: nothing is set up for it.'),
      pending: z
        .object({ by: z.string(), atMs: z.number(), model: z.string() })
        .nullable()
        .describe('One that is being written.'),
      narration: NarrationAnswer.nullable().describe('The last one.'),
      failure: z.object({ atMs: z.number(), why: z.string() }).nullable().describe('Why the one asked for last is not there.'),
      leftOut: z.string().describe('Which sentences were left out, in words; empty: none.'),
    })
    .meta({ id: 'NarrationStory', description: 'What was narrated of an incident.' }),
);
