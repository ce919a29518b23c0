import { z } from 'zod';
import type { RunProgressView } from '../../runtime/readiness/readiness-keeper.ts';
import { versionName } from '../../spec/service.ts';
import type { ReportJson } from '../../views/readiness/json.ts';
import { answer } from './answer.ts';
import { LanguageQuery } from './requests.ts';

const checklist = z
  .string()
  .min(1)
  .max(500)
  .optional()
  .describe('A built-in checklist, or a file; default: that of the document, else `production`.');
const version = versionName.optional().describe('Default: the candidate of the release under way, else the stable version.');
const name = z.string().min(1).max(200);
const comment = z.string().max(2_000).optional();
const itemId = z.string().regex(/^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}$/, 'expected phase.item, such as code.tests');
const by = name.optional().describe('Who, for the token of the data folder; everybody else acts under their own name.');

export const ReadinessQuery = LanguageQuery.extend({
  checklist,
  version,
  run: name.optional().describe('The report of this run as it ended; default: as it is now.'),
  against: name.optional().describe('An earlier run to compare with.'),
});
export const ReportQuery = ReadinessQuery.extend({
  format: z.enum(['text', 'md', 'html', 'json', 'junit']).default('html'),
});
export const RunParams = z.object({ name, run: name });
export const ItemParams = z.object({ name, item: itemId });
export const EvidenceParams = z.object({ name, sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex') });
export const ChecklistParams = z.object({ checklist: name });

export const RunBody = z.strictObject({
  checklist,
  version,
  phases: z.array(name).max(50).optional().describe('Ids of phases; default: all.'),
  items: z.array(itemId).max(500).optional().describe('Ids of items.'),
  again: z.boolean().default(false).describe('Whether also what is proven is looked at.'),
  why: z.string().max(1_000).default(''),
  by,
});
export const ConfirmationBody = z.strictObject({
  checklist,
  item: itemId,
  comment,
  link: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .describe('Address that proves it.'),
  file: z
    .strictObject({ name, base64: z.base64().max(14_000_000) })
    .optional()
    .describe('File that proves it.'),
  by,
});
export const WithdrawalQuery = z.object({ checklist, why: z.string().max(1_000).default(''), by });
export const ExemptionBody = z.strictObject({
  checklist,
  item: itemId,
  reason: z.string().min(1).max(1_000),
  untilMs: z.number().int().positive().describe('First moment at which it counts again, in Unix ms.'),
  by,
});
export const SignOffBody = z.strictObject({
  checklist,
  version,
  role: name.describe('Role of the team that signs.'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex')
    .describe('Of the report that was read: with any other nothing is signed.'),
  comment,
  by,
});

const verdict = z.enum(['ready', 'ready-with-risks', 'not-ready']);
const status = z.enum(['pass', 'warn', 'fail', 'unproven', 'skipped', 'exempt']);
const score = z.number().nullable().describe('Out of 10; null: nothing applies.');
const evidence = z.union([
  z.object({ kind: z.literal('link'), url: z.string() }),
  z.object({ kind: z.literal('file'), name: z.string(), bytes: z.number(), sha256: z.string() }),
]);

const Item = z
  .object({
    id: z.string(),
    title: z.string(),
    role: z.string(),
    severity: z.enum(['blocker', 'warning']),
    status,
    why: z.string(),
    fix: z.string().nullable(),
    result: z
      .object({
        item: z.string(),
        kind: z.string(),
        asked: z.string(),
        startedMs: z.number(),
        tookMs: z.number(),
        status: z.enum(['pass', 'warn', 'fail', 'unproven', 'skipped']),
        lookedAt: z.string(),
        found: z.string(),
        expected: z.string(),
        fix: z.string().nullable(),
        evidence: z.array(z.string()),
        figures: z.record(z.string(), z.number()),
      })
      .nullable(),
    confirmation: z
      .object({
        item: z.string(),
        by: z.string(),
        comment: z.string().nullable(),
        evidence: evidence.nullable(),
        atMs: z.number(),
        untilMs: z.number(),
      })
      .nullable(),
    exemption: z
      .object({ item: z.string(), by: z.string(), reason: z.string(), atMs: z.number(), untilMs: z.number() })
      .nullable(),
    asks: z.object({ role: z.string(), text: z.string(), evidence: z.enum(['required', 'optional']) }).nullable(),
    expiresMs: z.number().nullable(),
  })
  .meta({ id: 'ReadinessItem' });

const head = z.object({ atMs: z.number(), score, verdict });

const Report = z
  .object({
    verdict,
    score,
    service: z.string(),
    version: z.string().nullable(),
    checklist: z.string(),
    title: z.string(),
    atMs: z.number(),
    summary: z.string(),
    formula: z.object({ points: z.number(), of: z.number(), text: z.string() }),
    phases: z.array(z.object({ id: z.string(), title: z.string(), verdict, score, items: z.array(Item) })),
    hash: z.string().describe('SHA-256 of what is signed.'),
    roles: z.array(z.object({ role: z.string(), title: z.string(), by: z.array(z.string()).nullable() })),
    signOffs: z.array(
      z.object({
        role: z.string(),
        by: z.string(),
        comment: z.string().nullable(),
        atMs: z.number(),
        hash: z.string(),
      }),
    ),
    unsigned: z.array(z.string()),
    comparison: z
      .object({
        before: head,
        after: head,
        changes: z.array(
          z.object({
            item: z.string(),
            title: z.string(),
            kind: z.enum(['better', 'worse', 'new', 'gone']),
            before: status.nullable(),
            after: status.nullable(),
          }),
        ),
        figures: z.array(z.object({ item: z.string(), figure: z.string(), before: z.number(), after: z.number() })),
      })
      .nullable(),
    language: z.enum(['en', 'ru']),
  })
  .meta({ id: 'ReadinessReport', description: 'How ready a service is. Times are Unix ms.' });

export const ReportAnswer = answer<ReportJson>()(Report);

const Progress = answer<RunProgressView>()(
  z.object({
    run: z.string(),
    total: z.number(),
    done: z.number(),
    now: z.array(z.object({ item: z.string(), said: z.string().nullable() })),
  }),
);

export const ReadinessAnswer = z.object({
  report: ReportAnswer,
  running: z.array(Progress).describe('Runs that are under way.'),
});

/** A run in a list. */
export const RunAnswer = z
  .object({
    id: z.string(),
    version: z.string().nullable(),
    checklist: z.string(),
    phases: z.array(z.string()).nullable(),
    items: z.array(z.string()).nullable(),
    by: z.string(),
    why: z.string(),
    startedMs: z.number(),
    endedMs: z.number().nullable(),
    verdict: verdict.nullable(),
    score,
    progress: Progress.nullable().describe('Null: it is not under way.'),
  })
  .meta({ id: 'ReadinessRun' });
export const RunsAnswer = z.object({ runs: z.array(RunAnswer) });
export const StartedAnswer = z.object({ run: z.string() });
export const ChecklistsAnswer = z.object({
  checklists: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      phases: z.array(z.object({ id: z.string(), title: z.string(), items: z.number() })),
    }),
  ),
});
export const ChecklistAnswer = z.object({ document: z.unknown().describe('As a document of kind Checklist.') });
