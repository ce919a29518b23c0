import { z } from 'zod';
import type { ExportedRecord } from '../../runtime/log-export.ts';
import type { ChainReport } from '../../stores/log.ts';
import { type AuditEntry, auditKinds } from '../read-model/audit/entry.ts';
import { answer } from './answer.ts';
import { next, paging } from './lists.ts';
import { LanguageQuery } from './requests.ts';

const text = z.string().max(300).optional();

export const AuditQuery = z.strictObject({
  service: text,
  actor: text.describe('Who did it.'),
  kind: z.enum(auditKinds, `expected one of ${auditKinds.join(', ')}`).optional(),
  ...paging,
  lang: LanguageQuery.shape.lang,
});

const OriginAnswer = z
  .object({
    address: z.string(),
    via: z.enum(['owner', 'session', 'token']),
    credential: z.string().nullable().describe('Id of the session or token, never its secret.'),
  })
  .meta({ id: 'Origin', description: 'From where something was asked.' });

const AuditEntryAnswer = answer<AuditEntry>()(
  z
    .object({
      seq: z.number(),
      at: z.number(),
      actor: z.string(),
      kind: z.string(),
      service: z.string().nullable(),
      release: z.string().nullable(),
      subject: z
        .string()
        .nullable()
        .describe('The version that was asked for, the verb, the user, token, setting, flag or set of flags.'),
      why: z.string(),
      from: OriginAnswer.nullable().describe('Null in records of before it was kept.'),
      before: z.unknown(),
      after: z.unknown(),
      said: z.string().nullable(),
      hash: z.string().describe('Hash of the record in the chain.'),
    })
    .meta({ id: 'AuditEntry', description: 'What somebody has asked for or done. `at` is unix milliseconds.' }),
);

export const AuditAnswer = z
  .object({ entries: z.array(AuditEntryAnswer), next })
  .meta({ id: 'Audit', description: 'Entries of the audit, newest first.' });

export const ChainAnswer = answer<ChainReport>()(
  z
    .union([
      z.object({ kind: z.literal('intact'), events: z.number(), head: z.string() }),
      z.object({ kind: z.literal('broken'), seq: z.number(), reason: z.string() }),
    ])
    .meta({ id: 'ChainReport', description: 'Whether the hash chain is intact, or its first broken link.' }),
);

export const ExportQuery = z.strictObject({
  service: text.describe('Only records of this service.'),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(8_640_000_000_000_000)
    .default(0)
    .describe('Only records of this moment (unix milliseconds) or later.'),
});

export const ExportedAnswer = answer<ExportedRecord>()(
  z
    .object({
      seq: z.number(),
      stream: z.string(),
      version: z.number(),
      at: z.number(),
      kind: z.string(),
      release: z.string().nullable(),
      actor: z.string(),
      data: z.string().describe('The text that is hashed, as JSON in a string.'),
      hidden: z.boolean().describe('Whether a secret was left out of `data`.'),
      previous: z.string().describe('Hash of the record before this one in the log.'),
      hash: z.string(),
    })
    .meta({ id: 'ExportedRecord', description: 'A record of the log, with all that is hashed.' }),
);
