import { z } from 'zod';
import { durationText } from '../../spec/unit-text.ts';
import { longDurationMs } from '../long-duration.ts';
import type { ProgramClient } from '../program-client.ts';
import { type Finding, sentence } from '../sentences.ts';

const answer = z.object({ data: z.object({ storageRetention: z.string().default('') }) });

/** How long data is kept (`GET /api/v1/status/runtimeinfo`). */
export async function retentionFinding(minMs: number, { json }: ProgramClient): Promise<Finding> {
  const { storageRetention: said } = (await json(answer, '/api/v1/status/runtimeinfo')).data;
  const keptMs = retentionMs(said);
  const wanted = durationText(minMs);
  if (keptMs === null)
    return {
      status: 'unproven',
      text: sentence('it does not say how long data is kept ($)', 'срок хранения данных не указан ($)', said || '—'),
      fix: sentence('start it with --storage.tsdb.retention.time=$', 'запустите его с --storage.tsdb.retention.time=$', wanted),
    };
  const text = sentence('data is kept for $', 'данные хранятся $', said);
  if (keptMs < minMs)
    return {
      status: 'fail',
      text,
      fix: sentence('start it with --storage.tsdb.retention.time=$', 'запустите его с --storage.tsdb.retention.time=$', wanted),
    };
  if (!said.includes(' or ')) return { status: 'pass', text };
  return {
    status: 'warn',
    text: sentence('data is kept for $: it may go earlier', 'данные хранятся $: могут удалиться раньше', said),
    fix: { en: 'give it enough space that time ends data first', ru: 'выделите столько места, чтобы данные удалялись по сроку' },
  };
}

/** `15d`, `1y2w` or `15d or 10GiB`, in milliseconds; null when it says no time. */
export function retentionMs(text: string): number | null {
  return longDurationMs(/^[0-9a-z]+/.exec(text)?.[0] ?? '');
}
