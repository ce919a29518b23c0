import { z } from 'zod';
import { groupOutcomes } from '../../groups/types.ts';
import { versionName } from '../../spec/service.ts';
import { type GroupReleaseView, type GroupView, groupPhases, type MemberView, memberStates } from '../../views/group-view.ts';
import { answer } from './answer.ts';
import { PlanAnswer } from './plan.ts';
import { PlanBody, ReleaseBody, VerbBody } from './requests.ts';

const ofDocument = PlanBody.options[1].shape;
const ofRelease = ReleaseBody.options[1].shape;

const documents = {
  document: ofDocument.document.describe('The file with the ReleaseGroup document, as it is.'),
  file: ofDocument.file,
  folder: ofDocument.folder,
  files: z
    .array(z.strictObject({ name: z.string().min(1).max(1_000), document: ofDocument.document }))
    .max(20)
    .default([])
    .describe('The files of Service documents that it names: `name` as it writes it, `document` as the file holds it.'),
  version: versionName,
  versions: z.record(z.string().max(63), versionName).default({}).describe('Members that get another version, by service.'),
};

export const GroupPlanBody = z.strictObject(documents);
export const GroupReleaseBody = z.strictObject({ ...documents, by: ofRelease.by, why: ofRelease.why });
export const GroupVerbBody = z.strictObject({ by: VerbBody.shape.by, why: VerbBody.shape.why, verb: z.literal('abort') });
export const GroupParams = z.object({ name: z.string().max(300) });

export const GroupPlanAnswer = z
  .object({
    group: z.string(),
    barrierMs: z.number(),
    warnings: z.array(z.string()).describe('Why a release would be refused.'),
    members: z.array(z.object({ service: z.string(), after: z.array(z.string()), skipped: z.boolean(), plan: PlanAnswer })),
  })
  .meta({ id: 'GroupPlan', description: 'What a release of a group would do, in order.' });

const MemberAnswer = answer<MemberView>()(
  z
    .object({
      service: z.string(),
      version: z.string(),
      before: z.string().nullable(),
      after: z.array(z.string()),
      state: z.enum(memberStates),
      release: z.string().nullable(),
    })
    .meta({ id: 'GroupMember' }),
);

const GroupReleaseAnswer = answer<GroupReleaseView>()(
  z
    .object({
      id: z.string(),
      group: z.string(),
      by: z.string(),
      why: z.string(),
      startedAtMs: z.number(),
      endedAtMs: z.number().nullable(),
      state: z.enum(groupPhases),
      doing: z.string(),
      verdict: z.enum(['pass', 'fail']).nullable(),
      cause: z.object({ service: z.string().nullable(), sentence: z.string() }).nullable(),
      outcome: z.enum(groupOutcomes).nullable(),
      members: z.array(MemberAnswer),
    })
    .meta({ id: 'GroupRelease', description: 'One release of a group. Times are unix milliseconds.' }),
);

export const GroupAnswer = answer<GroupView>()(
  z
    .object({ name: z.string(), live: GroupReleaseAnswer.nullable(), ended: z.array(GroupReleaseAnswer) })
    .meta({ id: 'Group', description: 'Services that are released together.' }),
);
export const GroupsAnswer = z.object({ groups: z.array(GroupAnswer) });
export const GroupStartedAnswer = z
  .object({
    release: z.string().describe('Id of the release of the group.'),
    group: z.string(),
    members: z.array(z.object({ service: z.string(), version: z.string(), skipped: z.boolean() })),
  })
  .meta({ id: 'GroupStarted', description: 'A release of a group that is on record and has begun.' });
