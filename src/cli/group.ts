import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { durationText } from '../spec/unit-text.ts';
import type { GroupReleaseView, GroupView } from '../views/group-view.ts';
import type { PlanView } from '../views/plan-view.ts';
import type { ApiClient } from './api-client.ts';
import { planText } from './plan-text.ts';
import { type EventLine, timeText } from './screen.ts';
import { table } from './table.ts';

/** What is new about a group is asked for this often. */
const askEveryMs = 500;

/** What a release of a group would do, as the API says it. */
export type GroupPlan = {
  readonly group: string;
  readonly barrierMs: number;
  readonly warnings: readonly string[];
  readonly members: readonly {
    readonly service: string;
    readonly after: readonly string[];
    readonly skipped: boolean;
    readonly plan: PlanView;
  }[];
};

/** The group of that name; null where there is none. */
export async function groupNamed(api: ApiClient, name: string): Promise<GroupView | null> {
  try {
    return await api.get<GroupView>(`/groups/${encodeURIComponent(name)}`);
  } catch (error) {
    if (error instanceof UserError && error.code === 'E_UNKNOWN_GROUP') return null;
    throw error;
  }
}

/** Versions of single members: `api=2.1.0` → `{ api: '2.1.0' }`. */
export function memberVersions(given: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, service, version] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (service !== undefined && version !== undefined) return [service, version] as const;
      throw new UserError('E_INPUT', `--member ${text} names no member and its version`, {
        where: '--member',
        fix: 'write it as --member api=2.1.0',
      });
    }),
  );
}

/** Tells what happens in a group until its live release ends; answers with how. `tell` gets each line of its timeline. */
export async function followGroup(
  api: ApiClient,
  name: string,
  id: string,
  tell: (line: EventLine) => void,
  signal?: AbortSignal,
): Promise<GroupReleaseView | null> {
  const path = `/groups/${encodeURIComponent(name)}`;
  let after = 0;
  while (!signal?.aborted) {
    const { live, ended } = await api.get<GroupView>(path);
    const { events } = await api.get<{ events: readonly EventLine[] }>(`${path}/events?after=${after}&limit=1000`);
    for (const line of events) tell(line);
    after = events.at(-1)?.seq ?? after;
    const end = ended.find((release) => release.id === id);
    if (end) return end;
    if (live?.id !== id)
      throw new UserError('E_UNREACHABLE', `nothing more is heard of ${id}`, { where: name, fix: 'see `rampart status`' });
    await delay(askEveryMs);
  }
  return null;
}

/** A line of the timeline for people. */
export function tellLine({ at, said }: EventLine): void {
  if (said !== null) process.stdout.write(`${timeText(at)}  ${said}\n`);
}

/** A group in full. */
export function groupText({ name, live, ended }: GroupView): string {
  const release = live ?? ended[0];
  if (!release) return `group ${name}: nothing was released yet`;
  const { members } = release;
  const rows = members.map(({ service, before, version, state, release: id }) => [
    service,
    `${before ?? '–'} → ${version}`,
    state,
    id ?? '',
  ]);
  return [
    `group ${name}: ${release.state}, ${release.id} by ${release.by}${release.why ? `: ${release.why}` : ''}`,
    release.doing,
    '',
    table(rows),
  ].join('\n');
}

/** The plan of a group for a terminal: who is after whom, then each member's own plan. */
export function groupPlanText({ group, barrierMs, members, warnings }: GroupPlan): string {
  const order = members.map(({ service, after, skipped }) => {
    const place =
      after.length === 0
        ? 'starts at once'
        : `starts once ${after.join(' and ')} ${after.length === 1 ? 'waits' : 'wait'} at the barrier`;
    return `  ${service}: ${skipped ? 'has the version as stable already, left out' : place}`;
  });
  const taking = members.filter(({ skipped }) => !skipped);
  return [
    `group ${group}: ${members.map(({ service, plan }) => `${service} ${plan.candidate}`).join(', ')}`,
    ...order,
    `  all wait for each other before all traffic and before they become stable, at most ${durationText(barrierMs)} each`,
    '  when one goes back, all go back, last ones first',
    ...warnings.map((text) => `warning: ${text}: its release will be refused`),
    ...taking.flatMap(({ plan }) => ['', planText(plan)]),
  ].join('\n');
}
