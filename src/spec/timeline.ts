import { z } from 'zod';
import { checklistName, phaseIds } from './checklist-gate.ts';
import { byKey, choice } from './choice.ts';
import { type HookDraft, hook } from './hook.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { noticeTargets } from './release-notices.ts';
import { textOf } from './text.ts';
import type { TimelineDeed, TimelineEntry } from './timeline-types.ts';
import type { Hook } from './types.ts';
import { durationMs, durationText } from './unit-text.ts';
import { duration } from './units.ts';

const day = 86_400_000;
const offsetMaxMs = 31 * day;

/** A time relative to the start: `T-24h`, `T-0`, `T+30m`, in milliseconds; `undefined` when the text is not one. */
export function offsetMs(text: string): number | undefined {
  if (/^T[+-]?0$/.test(text)) return 0;
  const parts = /^T([+-])(.+)$/.exec(text);
  const ms = parts ? durationMs(parts[2] ?? '') : undefined;
  if (ms === undefined || ms > offsetMaxMs) return undefined;
  return parts?.[1] === '-' && ms > 0 ? -ms : ms;
}

/** Writes it the way that `offsetMs` reads back. */
export function offsetText(ms: number): string {
  if (ms === 0) return 'T-0';
  return `T${ms < 0 ? '-' : '+'}${durationText(Math.abs(ms)).replace(/^(\d+)d$/, (_, days) => `${Number(days) * 24}h`)}`;
}

const at = z
  .string({ error: ({ input }) => `expected a time such as T-24h${input === undefined ? '' : `, found ${found(input)}`}` })
  .transform((text, context) => {
    const ms = offsetMs(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `expected a time such as T-24h, T-0 or T+30m, found ${found(text)}` });
    return z.NEVER;
  })
  .meta({
    description: 'When, relative to the start; after it, relative to the moment in which it has really begun.',
    pattern: '^T([+-]?0|[+-](\\d+(ms|s|m|h|d|w))+)$',
    examples: ['T-24h'],
  });

const common = {
  at,
  title: textOf(200).describe('What people read.'),
  role: z.string().min(1).max(63).default('release-manager').describe('Role that answers for it.'),
};

/**
 * The entries of a timeline.
 *
 * @param hookMs - How long a hook may take that does not say so.
 */
const entry = byKey('an entry', {
  checklist: z.strictObject({ ...common, checklist: checklistName, phases: phaseIds.optional() }),
  check: z.strictObject({
    ...common,
    check: z
      .record(z.string(), z.unknown())
      .refine((one) => Object.keys(one).length === 1, { error: 'expected one kind of check, such as { http: … }' })
      .describe('One check: its kind and what it is told, as in a checklist.'),
    timeout: duration({ minMs: 1, maxMs: 3_600_000 }).optional().describe('Longest that it may take.'),
  }),
  hook: z.strictObject({ ...common, hook: hook.describe('A command or a request.') }),
  notify: z.strictObject({
    ...common,
    notify: choice([z.literal(true), noticeTargets, hook], (value, refuse) => {
      if (value === true) return z.literal(true);
      if (Array.isArray(value)) return noticeTargets;
      return isMapping(value) ? hook : refuse({ message: `expected true, a list of receivers or a hook, found ${found(value)}` });
    }).describe(
      'Who is told: names of notifiers, { person: … } or { schedule: … }; `true`: whoever is told of releases of the service; or a hook that tells people.',
    ),
  }),
  start: z.strictObject({
    ...common,
    title: textOf(200).optional().describe('What people read.'),
    start: z.literal(true).describe('The release begins, if what came before allows it.'),
  }),
});

type Entry = z.output<typeof entry>;

/** An entry as parsed, before the release's own deadline fills in the timeouts that were left out. */
export type TimelineDraft = readonly Entry[];

const entries = z
  .array(entry)
  .min(1)
  .max(100)
  .superRefine((list, context) => {
    const starts = list.flatMap((one, index) => ('start' in one ? [index] : []));
    if (starts.length > 1) context.addIssue({ code: 'custom', message: 'one entry starts the release', path: [starts[1] ?? 0] });
    for (const index of starts)
      if (list[index]?.at !== 0) context.addIssue({ code: 'custom', message: 'a release starts at T-0', path: [index, 'at'] });
  });

/** `standard`, or the entries of one's own. */
export const timeline = choice([z.literal('standard'), entries], (value, refuse) => {
  if (value === 'standard') return z.literal('standard');
  if (Array.isArray(value)) return entries;
  return refuse({ message: `expected standard or a list of entries, found ${found(value)}` });
});

/**
 * The entries of a document in their order. One without a start gets one: a plan that never starts anything is none.
 *
 * @param hookMs - How long a hook may take that does not say so.
 */
export function timelineEntries(drafts: TimelineDraft, hookMs: number): readonly TimelineEntry[] {
  const filled = (draft: HookDraft): Hook => ({ ...draft, timeoutMs: draft.timeoutMs ?? hookMs });
  const doing = (one: Entry): TimelineDeed => {
    if ('checklist' in one) return { kind: 'checklist', checklist: one.checklist, phases: one.phases ?? null };
    if ('check' in one) {
      const [kind = '', config] = Object.entries(one.check)[0] ?? [];
      return { kind: 'check', check: { kind, config }, timeoutMs: one.timeout ?? null };
    }
    if ('hook' in one) return { kind: 'hook', hook: filled(one.hook) };
    if ('notify' in one) {
      if (one.notify === true) return note;
      return 'action' in one.notify
        ? { kind: 'notify', hook: filled(one.notify) }
        : { kind: 'notify', hook: null, to: one.notify };
    }
    return { kind: 'start' };
  };
  const given = drafts.map((one) => ({
    offsetMs: one.at,
    title: one.title ?? startTitle,
    role: one.role,
    does: doing(one),
  }));
  const start = { offsetMs: 0, title: startTitle, role: 'release-manager', does: { kind: 'start' as const } };
  return named(given.some(({ does }) => does.kind === 'start') ? given : [...given, start]);
}

const startTitle = { en: 'Start of the release', ru: 'Начало выпуска' };

/** In the order of their times, what starts the release last among those of T-0, each with a name of its own. */
function named(given: readonly Omit<TimelineEntry, 'id'>[]): readonly TimelineEntry[] {
  const rank = ({ does }: Omit<TimelineEntry, 'id'>): number => (does.kind === 'start' ? 1 : 0);
  const seen = new Map<string, number>();
  return given
    .toSorted((a, b) => a.offsetMs - b.offsetMs || rank(a) - rank(b))
    .map((one) => {
      const time = offsetText(one.offsetMs);
      const count = (seen.get(time) ?? 0) + 1;
      seen.set(time, count);
      return { id: count === 1 ? time : `${time}-${count}`, ...one };
    });
}

const h = 3_600_000;
const m = 60_000;
const asked = (checklist: string, phases: readonly string[] | null = null): TimelineDeed => ({
  kind: 'checklist',
  checklist,
  phases,
});
const note: TimelineDeed = { kind: 'notify', hook: null };

/**
 * The usual timeline of a release, with the built-in checklists.
 *
 * @param checklist - What has to be ready a day before; null: the built-in one.
 */
export function standardTimeline(checklist: string | null): readonly TimelineEntry[] {
  const asksOwn = standard.findIndex(({ does }) => does.kind === 'checklist' && does.checklist === 'production');
  const entry = standard[asksOwn];
  return checklist === null || !entry ? standard : standard.with(asksOwn, { ...entry, does: asked(checklist) });
}

const standard: readonly TimelineEntry[] = named([
  line(-24 * h, 'Final check of readiness', 'Финальная проверка готовности', 'release-manager', asked('production')),
  line(-12 * h, 'The team is told of the release', 'Уведомление команды о выпуске', 'release-manager', note),
  line(-6 * h, 'Check of the backups', 'Проверка бэкапов', 'devops', asked('preflight', ['backups'])),
  line(-2 * h, 'Final tests in staging', 'Финальные тесты в staging', 'qa', asked('preflight', ['application'])),
  line(-1 * h, 'The release is prepared', 'Подготовка к выпуску', 'devops', asked('preflight')),
  line(-30 * m, 'Users are told of the release', 'Уведомление пользователей', 'product', note),
  { offsetMs: 0, title: startTitle, role: 'release-manager', does: { kind: 'start' } },
  line(5 * m, 'Health of the services', 'Проверка здоровья сервисов', 'devops', asked('post-deploy', ['health'])),
  line(15 * m, 'Golden signals', 'Мониторинг метрик', 'devops', asked('post-deploy', ['signals'])),
  line(30 * m, 'Final check', 'Финальная проверка', 'release-manager', asked('post-deploy')),
  line(24 * h, 'End of the first day', 'Итог первых суток', 'devops', asked('post-deploy')),
]);

function line(offset: number, en: string, ru: string, role: string, does: TimelineDeed): Omit<TimelineEntry, 'id'> {
  return { offsetMs: offset, title: { en, ru }, role, does };
}
