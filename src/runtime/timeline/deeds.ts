import type { CheckPlugin } from '../../checks/check.ts';
import type { OwnView } from '../../checks/own-view.ts';
import { checks } from '../../checks/registry.ts';
import { messageOf } from '../../errors.ts';
import type { NotifyTarget } from '../../spec/escalation-policy.ts';
import type { Text } from '../../spec/text.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import type { TimelineDeed } from '../../spec/timeline-types.ts';
import type { Hook } from '../../spec/types.ts';
import type { PlannedEntry, PlannedRelease } from '../../timeline/types.ts';
import type { Ports } from '../ports.ts';
import { checkOnce } from '../readiness/check-once.ts';
import { blockerReasons, joined } from '../readiness/gates.ts';
import type { ReadinessRuns } from '../readiness/ports.ts';

/** What came of an entry. */
export type Done = { readonly ok: boolean; readonly detail: Text; readonly run: string | null };

/** Does what an entry is for. Never rejects but for the signal; the same entry may be done again after a crash. */
export type TimelineDeeds = (planned: PlannedRelease, entry: PlannedEntry, signal: AbortSignal) => Promise<Done>;

export type DeedsWorld = {
  /** null: nobody runs checklists, so none passes. */
  readonly runs: ReadinessRuns | null;
  readonly runHook: Ports['runHook'];
  readonly environment: NodeJS.ProcessEnv;
  readonly own: (service: string) => OwnView | null;
  /** Sends a note to whoever is to hear of it, and waits for what the receivers answer. */
  readonly tell: TellNote;
  /** Unix ms. */
  readonly now: () => number;
};

/**
 * Tells people of an entry. The same entry that is begun again is told under the same keys.
 *
 * @param to - Who; null: whoever is told of releases of the service.
 */
export type TellNote = (
  planned: PlannedRelease,
  entry: PlannedEntry,
  to: readonly NotifyTarget[] | null,
  signal: AbortSignal,
) => Promise<Omit<Done, 'run'>>;

const plugins: Readonly<Record<string, CheckPlugin>> = checks;

/** The deeds of entries in the real world. What cannot be done has failed, and says why. */
export function timelineDeeds(world: DeedsWorld): TimelineDeeds {
  return async (planned, entry, signal) => {
    try {
      return await perform(world, planned, entry, signal);
    } catch (error) {
      signal.throwIfAborted();
      return { ok: false, detail: messageOf(error), run: null };
    }
  };
}

async function perform(world: DeedsWorld, planned: PlannedRelease, entry: PlannedEntry, signal: AbortSignal): Promise<Done> {
  const { id, does } = entry;
  switch (does.kind) {
    case 'checklist':
      return await askChecklist(world, planned, entry, does, signal);
    case 'check':
      return await check(world, planned, does, signal);
    case 'hook':
      return await hook(world, planned, id, does.hook, signal);
    case 'notify':
      if (does.hook) return await hook(world, planned, id, does.hook, signal);
      return { ...(await world.tell(planned, entry, does.to ?? null, signal)), run: null };
    case 'start':
      throw new Error('the start is no deed');
  }
}

async function askChecklist(
  { runs }: DeedsWorld,
  { id, service, version, spec }: PlannedRelease,
  { id: entry, offsetMs }: PlannedEntry,
  { checklist, phases }: Extract<TimelineDeed, { kind: 'checklist' }>,
  signal: AbortSignal,
): Promise<Done> {
  if (!runs)
    return { ok: false, detail: { en: 'nobody runs checklists here', ru: 'чек-листы здесь никто не выполняет' }, run: null };
  const why = `${entry} of ${id}`;
  // What was found before the start says nothing of what runs after it.
  const again = offsetMs > 0;
  const answer = await runs.run({ service, version, spec, checklist, phases, again, by: 'timeline', why }, signal);
  const reasons = blockerReasons(answer);
  if (reasons.length > 0) return { ok: false, detail: joined(reasons), run: answer.run };
  const { score, summary } = answer.report;
  return { ok: true, detail: score === null ? summary : readyText(score, answer.report.verdict === 'ready'), run: answer.run };
}

function readyText(score: number, isReady: boolean): Text {
  return isReady
    ? { en: `ready, ${score} of 10`, ru: `готово, ${score} из 10` }
    : { en: `ready with risks, ${score} of 10`, ru: `готово с рисками, ${score} из 10` };
}

async function check(
  world: DeedsWorld,
  { service, version, spec }: PlannedRelease,
  { check: { kind, config }, timeoutMs }: Extract<TimelineDeed, { kind: 'check' }>,
  signal: AbortSignal,
): Promise<Done> {
  const plugin = Object.hasOwn(plugins, kind) ? plugins[kind] : undefined;
  if (!plugin) return { ok: false, detail: { en: `there is no check of kind ${kind}`, ru: `проверки ${kind} нет` }, run: null };
  const read = plugin.schema.safeParse(config);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${[kind, ...path].join('.')}: ${message}`);
    return { ok: false, detail: problems.join('; '), run: null };
  }
  const place = {
    service,
    version,
    folder: spec.folder ?? process.cwd(),
    environment: world.environment,
    readSecret: readSecretFile,
    own: world.own(service),
    now: world.now,
  };
  const resolved = { kind, config: read.data, written: config, timeoutMs };
  const { status, found } = await checkOnce(plugin, resolved, place, () => {}, signal);
  return { ok: status === 'pass' || status === 'warn' || status === 'skipped', detail: found, run: null };
}

async function hook(
  { runHook }: DeedsWorld,
  { id, service, version, startMs, spec }: PlannedRelease,
  entry: string,
  given: Hook,
  signal: AbortSignal,
): Promise<Done> {
  const variables = {
    RAMPART_SERVICE: service,
    RAMPART_VERSION: version,
    RAMPART_TIMELINE: id,
    RAMPART_ENTRY: entry,
    RAMPART_START: new Date(startMs).toISOString(),
    RAMPART_IDEMPOTENCY_KEY: `${id}:${entry}`,
  };
  for (let attempt = 1; ; attempt += 1) {
    const { ok, detail } = await runHook(given, { ...variables, RAMPART_ATTEMPT: String(attempt) }, spec.folder, signal);
    signal.throwIfAborted();
    if (ok || attempt >= given.attempts) return { ok, detail, run: null };
  }
}
