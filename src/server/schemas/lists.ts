import { z } from 'zod';
import type { Dora } from '../../views/dora.ts';
import type { ReleaseRow } from '../read-model/release-list.ts';
import { answer } from './answer.ts';
import { Outcome, PhaseAnswer } from './release.ts';
import { LanguageQuery } from './requests.ts';

const moment = z.coerce.number().int().min(0).max(8_640_000_000_000_000).optional();
const text = z.string().max(300).optional();

/** What every list takes beside its own filters. */
export const paging = {
  after: moment.describe('Only what was asked for at this moment (unix milliseconds) or later.'),
  before: moment.describe('Only what was asked for before this moment (unix milliseconds).'),
  cursor: z.string().max(100).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

export const next = z.string().nullable().describe('Cursor of the page after this one; null: this is the last.');

export const ReleasesQuery = z.strictObject({
  service: text,
  state: z.enum(['live', 'ended']).optional().describe('`live`: those that have not ended.'),
  outcome: Outcome.optional(),
  by: text.describe('Who asked for it.'),
  version: text,
  ...paging,
  lang: LanguageQuery.shape.lang,
});

export const ReleaseRowAnswer = answer<ReleaseRow>()(
  z
    .object({
      id: z.string(),
      service: z.string(),
      version: z.string(),
      by: z.string(),
      why: z.string(),
      state: PhaseAnswer,
      requestedAtMs: z.number(),
      endedAtMs: z.number().nullable(),
      outcome: Outcome.nullable(),
      reason: z.string().nullable().describe('Null while it lives.'),
      secondsToSafety: z.number().nullable().describe('Null when nobody was hurt, or while it lives.'),
      failedRequests: z.number().nullable(),
      candidateRequests: z.number().nullable(),
      restore: z.boolean().describe('Whether it brings an earlier version back.'),
    })
    .meta({ id: 'ReleaseRow', description: 'A release in a list. Times are unix milliseconds.' }),
);

export const ReleasesAnswer = z
  .object({ releases: z.array(ReleaseRowAnswer), next })
  .meta({ id: 'Releases', description: 'Releases, newest first.' });

export const DoraQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(30).describe('Length of the window that ends now.'),
  lang: LanguageQuery.shape.lang,
});

export const DoraAnswer = answer<Dora>()(
  z
    .object({
      days: z.number(),
      deployments: z.number().describe('Changes that became the stable version.'),
      perDay: z.number(),
      leadTimeMs: z
        .object({ median: z.number().nullable(), known: z.number() })
        .describe('From commit to stable version; `known`: of how many the time of the commit was given.'),
      changeFailure: z
        .object({ rate: z.number().nullable(), failed: z.number(), total: z.number() })
        .describe('Changes that reached users, and those of them that had to be taken back.'),
      restoreMs: z
        .object({ median: z.number().nullable(), count: z.number() })
        .describe('From users being hurt, or from when the restore was asked for, to service as it was.'),
    })
    .meta({ id: 'Dora', description: 'The four keys of DORA for one service. docs/guides/audit.md says what counts.' }),
);
