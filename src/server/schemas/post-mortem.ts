import { z } from 'zod';
import type { Cause } from '../../diagnosis/types.ts';
import type { ChangePoint, Help, ObjectiveImpact, SpanCounts, SuspectRelease } from '../../incidents/impact/types.ts';
import type { Judged, Learned } from '../../incidents/learning/types.ts';
import type { OwedItem } from '../../incidents/open-items.ts';
import { type ActionItem, type Review, reviewFields } from '../../incidents/review.ts';
import { itemTextMax, nameMax, reviewTextMax } from '../../incidents/review-asked.ts';
import { severities } from '../../incidents/severity.ts';
import { detectionCaseFile } from '../../spec/detection-case.ts';
import type { Text } from '../../spec/text.ts';
import { postMortemForms } from '../../views/post-mortem/forms.ts';
import type { Clock, Detection, ImpactLine, Offer, PostMortem, Proposal, TimelineEntry } from '../../views/post-mortem/types.ts';
import { VersionShareAnswer } from './alerts.ts';
import { answer } from './answer.ts';
import { actionShape, paragraphs, toldShape } from './incidents.ts';
import { NarrationAnswer } from './narration.ts';
import { BurnTierAnswer } from './objectives.ts';
import { LanguageQuery, line, VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;
const forms = Object.keys(postMortemForms) as [keyof typeof postMortemForms];

export const PostMortemQuery = z.strictObject({
  format: z.enum(forms, `expected one of ${forms.join(', ')}`).default('md'),
  lang: LanguageQuery.shape.lang,
});

const written = z.union([z.literal(''), paragraphs.max(reviewTextMax)]);

export const PostMortemBody = z.strictObject({
  by,
  why,
  authors: z.array(line.max(nameMax)).max(50).exactOptional().describe('Who writes it. Left out: as before.'),
  texts: z
    .strictObject(
      Object.fromEntries(reviewFields.map((field) => [field, written.exactOptional()])) as Record<
        (typeof reviewFields)[number],
        z.ZodExactOptional<typeof written>
      >,
    )
    .exactOptional()
    .describe('What only people can say. What is left out stays; an empty text takes it back.'),
});

const itemState = z.enum(['open', 'done', 'dropped']);

export const ActionItemBody = z.strictObject({
  by,
  why,
  item: z.string().max(nameMax).nullable().default(null).describe('Id of the item to change; null: a new one.'),
  text: line.max(itemTextMax).exactOptional(),
  owner: line.max(nameMax).exactOptional().describe('Who does it.'),
  due: z.string().max(nameMax).exactOptional().describe('A day, such as 2026-12-11.'),
  state: itemState.exactOptional(),
  proposal: z.string().max(nameMax).nullable().exactOptional().describe('Id of the proposal that it takes up.'),
});

export const ActionItemAnswer = z
  .object({ done: z.boolean().describe('Whether it changed anything.'), said: z.string(), item: z.string() })
  .meta({ id: 'ActionItemResult' });

const text = answer<Text>()(
  z
    .union([z.string(), z.object({ en: z.string(), ru: z.string() })])
    .meta({ id: 'Text', description: 'The same in every language, or a sentence in each.' }),
);
const counts = z.object({ fromMs: z.number(), toMs: z.number(), bad: z.number(), total: z.number() });
const spanCounts = answer<SpanCounts>()(
  counts.meta({ id: 'SpanCounts', description: 'Bad events of all in some time. Times are unix milliseconds.' }),
);
const changePoint = answer<ChangePoint>()(
  z
    .object({ atMs: z.number(), lowMs: z.number(), highMs: z.number(), before: spanCounts, after: spanCounts })
    .meta({ id: 'ChangePoint', description: 'When the share of bad events has changed, and the time in which that lies.' }),
);
const helpShape = {
  action: z.string(),
  tier: z.string(),
  factor: z.number(),
  shortMs: z.number(),
  before: spanCounts,
  after: spanCounts,
  verdict: z.enum(['helped', 'no-help', 'not-needed']).nullable().describe('Null: nothing was counted.'),
};
const help = answer<Help>()(z.object(helpShape).meta({ id: 'ActionHelp', description: 'What an action did to the burn.' }));
const impactCounts = answer<ObjectiveImpact>()(
  z
    .object({
      id: z.string(),
      name: z.string(),
      targetPpm: z.number(),
      windowMs: z.number(),
      expected: z.number().describe('Events of a whole period.'),
      during: spanCounts,
      versions: z.array(VersionShareAnswer),
      baseline: spanCounts.nullable().describe('The time before, which says what is usual.'),
      beforeDetected: spanCounts,
      knownMs: z.number(),
      missedMs: z.number().describe('Time in which more events were bad than the objective allows.'),
      cellS: z.number(),
      leftOut: z.object({ bad: z.number(), total: z.number() }),
      help: z.array(help),
      series: z.array(spanCounts),
    })
    .meta({ id: 'ObjectiveImpact', description: 'What users of one objective have suffered, in integers.' }),
);
const release = answer<SuspectRelease>()(
  z
    .object({
      id: z.string(),
      version: z.string(),
      stable: z.string().nullable(),
      percentMax: z.number().nullable(),
      safeAtMs: z.number().nullable(),
      backBy: z.string().nullable(),
    })
    .meta({ id: 'SuspectRelease', description: 'The release that an incident is attributed to.' }),
);
const clock = answer<Clock>()(
  z
    .object({
      name: z.enum(['started', 'detected', 'told', 'acknowledged', 'mitigated', 'ended']),
      atMs: z.number().nullable(),
      lagMs: z.number().nullable().describe('From the beginning.'),
      basis: z.enum(['counts', 'record', 'person']).nullable().describe('What says so: counts, the record, or a person.'),
      change: changePoint.nullable(),
      seq: z.number().nullable(),
    })
    .meta({ id: 'IncidentClock' }),
);
const share = z.number().nullable();
const impactLine = answer<ImpactLine>()(
  z
    .object({
      counts: impactCounts,
      expectedBad: share.describe('Bad events that would be usual for so many.'),
      excessBad: share,
      allowed: z.number(),
      ofBudget: share.describe('Part of the budget of a whole period.'),
      excessOfBudget: share,
      byVersion: z.array(z.object({ version: z.string(), bad: z.number(), total: z.number(), ofBudget: share })),
    })
    .meta({ id: 'ImpactLine' }),
);
const detection = answer<Detection>()(
  z
    .object({
      alert: z.string(),
      said: z.string(),
      origin: z.string(),
      latencyMs: z.number().nullable(),
      before: spanCounts.nullable(),
      ofBudget: share,
    })
    .meta({ id: 'Detection' }),
);
const cause = answer<Cause>()(
  z
    .object({
      id: z.string(),
      kind: z.enum(['release', 'no-release', 'dependency', 'instances', 'saturation', 'similar']),
      strength: z.enum(['strong', 'some', 'weak', 'against']),
      said: text,
      evidence: z.array(z.object({ text, seq: z.number().nullable() })),
      refutedBy: text.describe('What one would have to see for it not to be the cause.'),
    })
    .meta({ id: 'Cause', description: 'A possible cause: evidence, never a judgement.' }),
);
const offer = answer<Offer>()(
  z
    .object({ side: z.enum(['well', 'wrong', 'lucky']), text, seqs: z.array(z.number()) })
    .meta({ id: 'PostMortemOffer', description: 'A fact that people may find good, bad or lucky.' }),
);
const proposal = answer<Proposal>()(
  z
    .object({
      id: z.string(),
      kind: z.enum(['detection', 'missing-alert', 'unreachable-person', 'rollback-drill', 'automatic-rollback']),
      said: text,
      proof: text,
      seqs: z.array(z.number()),
      diff: z.string().nullable().describe('A change of configuration, ready to be applied.'),
    })
    .meta({ id: 'PostMortemProposal', description: 'Something to be done that follows from the record alone.' }),
);
const item = answer<ActionItem>()(
  z
    .object({
      id: z.string(),
      text: z.string(),
      owner: z.string(),
      due: z.string(),
      state: itemState,
      proposal: z.string().nullable(),
      by: z.string(),
      createdAtMs: z.number(),
      closedAtMs: z.number().nullable(),
    })
    .meta({ id: 'ActionItem' }),
);
export const OpenItemsAnswer = z
  .object({
    items: z.array(
      answer<OwedItem>()(
        z
          .object({
            incident: z.string(),
            title: z.string(),
            service: z.string().nullable(),
            id: z.string(),
            text: z.string(),
            owner: z.string(),
            due: z.string(),
            isLate: z.boolean(),
          })
          .meta({ id: 'OpenActionItem', description: 'An action item that is to be done. `isLate`: its day is over.' }),
      ),
    ),
  })
  .meta({ id: 'OpenActionItems' });
const writtenText = z.object({ text: z.string(), by: z.string(), atMs: z.number() });
const review = answer<Review>()(
  z
    .object({
      authors: z.array(z.string()),
      texts: z.object(
        Object.fromEntries(reviewFields.map((field) => [field, writtenText.exactOptional()])) as Record<
          (typeof reviewFields)[number],
          z.ZodExactOptional<typeof writtenText>
        >,
      ),
      items: z.array(item),
      accepted: z.object({ by: z.string(), atMs: z.number() }).nullable(),
    })
    .meta({ id: 'Review', description: 'What people have made of an incident.' }),
);
const entry = answer<TimelineEntry>()(
  z
    .object({
      seq: z.number(),
      atMs: z.number(),
      source: z.enum(['incident', 'release', 'alert', 'message']),
      kind: z.string(),
      who: z.string(),
      text,
      url: z.string().nullable(),
      isNote: z.boolean(),
    })
    .meta({ id: 'PostMortemEntry', description: 'A row of the timeline: an event of the log.' }),
);

export const PostMortemAnswer = answer<PostMortem>()(
  z
    .object({
      incident: z.string(),
      title: z.string(),
      severity: z.enum(severities),
      service: z.string().nullable(),
      state: z.enum(['open', 'acknowledged', 'mitigated', 'resolved', 'reviewed']),
      asOfMs: z.number(),
      clocks: z.array(clock),
      impact: z.array(impactLine),
      detection: detection.nullable(),
      actions: z.array(
        z.object({
          ...actionShape,
          help: z.array(z.object({ ...helpShape, objective: z.string() })),
          seq: z.number().nullable(),
        }),
      ),
      responders: z.array(z.object({ ...toldShape, lagMs: z.number() })),
      ackedMs: z.number().nullable(),
      updates: z.array(z.object({ seq: z.number().nullable(), atMs: z.number(), by: z.string(), text, lagMs: z.number() })),
      release: release.nullable(),
      causes: z.array(cause),
      offers: z.array(offer),
      proposals: z.array(proposal),
      review,
      narration: NarrationAnswer.nullable().describe('What a model has made of the events: checked, not proven.'),
      entries: z.array(entry),
      entriesLeftOut: z.number(),
    })
    .meta({
      id: 'PostMortem',
      description: 'What is known of an incident from the record, and what people wrote. Null and empty mean: not known.',
    }),
);

const judged = answer<Judged>()(
  z
    .object({
      tier: BurnTierAnswer,
      detectedMs: z.number().nullable().describe('After the beginning; null: it would not have fired.'),
      falseAlarms: z.number(),
      judgedMs: z.number().describe('How long a record the false alarms are of.'),
    })
    .meta({ id: 'JudgedTier', description: 'What a burn-rate alert would have done.' }),
);

export const LessonsAnswer = answer<Learned>()(
  z
    .object({
      lessons: z.array(
        z.object({
          id: z.string(),
          objective: z.string(),
          change: text,
          now: judged,
          then: judged,
          earlierMs: z.number(),
          extraFalseAlarms: z.number(),
          diff: z.string(),
        }),
      ),
      cases: z.array(detectionCaseFile).describe('The test that each lesson becomes when it is taken.'),
    })
    .meta({
      id: 'Lessons',
      description: 'Alerts that would have told of an incident earlier, and at what price in false alarms.',
    }),
);
