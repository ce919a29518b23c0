import type { StatusComponentSpec } from '../spec/status-page.ts';
import { type Text, textIn } from '../spec/text.ts';
import type { WorkSpan } from './history.ts';
import type { AnnouncedWork, MaintenanceState, StatusEvent, StatusRecord, StatusState } from './types.ts';

/** Works that are kept in mind at most, and messages about one; older ones are in the log. */
const worksMax = 500;
const updatesMax = 100;

/** Announced works that may be to come at once, and the longest that one may take. */
export const worksToComeMax = 100;
export const workMaxMs = 14 * 86_400_000;

type WorkRecord = Extract<StatusRecord, { kind: `status-work-${string}` }>;

/** Announced works after an event. Pure. @param keptMs - One that has ended so long ago is forgotten. */
export function takeWork(works: StatusState['works'], record: WorkRecord, keptMs: number): StatusState['works'] {
  const { at, actor } = record;
  const before = works.get(record.data.id);
  const told = (work: AnnouncedWork, state: MaintenanceState, atMs = at): AnnouncedWork => {
    // Not by how many are kept: subscribers are told of each id once.
    const number = Number(work.updates.at(-1)?.id.split('/').at(-1) ?? 0) + 1;
    const update = { id: `${work.id}/${number}`, atMs, by: actor, state, body: record.data.said };
    return { ...work, state, updates: [...work.updates, update].slice(-updatesMax) };
  };
  switch (record.kind) {
    case 'status-work-announced': {
      if (before) return works;
      const { said: _said, ...data } = record.data;
      const fresh = { ...data, state: 'scheduled', plannedAtMs: at, begunAtMs: null, endedAtMs: null, updates: [] } as const;
      const all = new Map(works).set(data.id, told(fresh, 'scheduled'));
      for (const [id, work] of all)
        if (isOver(work) && (all.size > worksMax || at - (work.endedAtMs ?? at) > keptMs)) all.delete(id);
      return all;
    }
    case 'status-work-moved':
      if (!before || isOver(before)) return works;
      return new Map(works).set(
        before.id,
        told({ ...before, fromMs: record.data.fromMs, untilMs: record.data.untilMs }, before.state),
      );
    case 'status-work-begun':
      if (before?.state !== 'scheduled') return works;
      return new Map(works).set(before.id, told({ ...before, begunAtMs: record.data.atMs }, 'in_progress', record.data.atMs));
    case 'status-work-ended':
      if (before?.state !== 'in_progress') return works;
      return new Map(works).set(before.id, told({ ...before, endedAtMs: record.data.atMs }, 'completed', record.data.atMs));
    case 'status-work-cancelled':
      if (before?.state !== 'scheduled') return works;
      return new Map(works).set(before.id, told({ ...before, endedAtMs: at }, 'cancelled'));
  }
}

/** Whether nothing comes of it any more. */
export function isOver({ state }: Pick<AnnouncedWork, 'state'>): boolean {
  return state === 'completed' || state === 'cancelled';
}

/** What begins and ends at a moment, because its time has come. One whose whole time has passed unseen begins and ends at once. */
export function dueWorks(works: StatusState['works'], nowMs: number): readonly StatusEvent[] {
  return [...works.values()].flatMap(({ id, state, fromMs, untilMs }): StatusEvent[] => {
    const begins = state === 'scheduled' && fromMs <= nowMs;
    const ends = (begins || state === 'in_progress') && untilMs <= nowMs;
    return [
      ...(begins ? [{ kind: 'status-work-begun', data: { id, atMs: fromMs, said: workSaid.begun } } as const] : []),
      ...(ends ? [{ kind: 'status-work-ended', data: { id, atMs: untilMs, said: workSaid.ended } } as const] : []),
    ];
  });
}

/** Names of components that are being worked on at a moment, as customers were told. */
export function maintained(works: StatusState['works'], nowMs: number): ReadonlySet<string> {
  return new Set(
    [...works.values()]
      .filter(
        ({ state, fromMs, untilMs }) => state === 'in_progress' || (state === 'scheduled' && fromMs <= nowMs && nowMs < untilMs),
      )
      .flatMap(({ components }) => components),
  );
}

/** When a component was worked on, up to a moment. */
export function workSpans(works: StatusState['works'], component: string, nowMs: number): readonly WorkSpan[] {
  return [...works.values()].flatMap(({ components, begunAtMs, endedAtMs }) =>
    begunAtMs !== null && components.includes(component) ? [{ fromMs: begunAtMs, untilMs: endedAtMs ?? nowMs }] : [],
  );
}

/** What customers read where nobody has written anything else. */
export const workSaid = {
  announced: { en: 'Work is planned that you may notice.', ru: 'Запланированы работы, которые могут быть заметны.' },
  begun: { en: 'The planned work has begun.', ru: 'Плановые работы начались.' },
  ended: { en: 'The planned work is done.', ru: 'Плановые работы завершены.' },
  cancelled: { en: 'The planned work does not take place.', ru: 'Плановые работы отменены.' },
  moved: { en: 'The planned work takes place at another time.', ru: 'Плановые работы перенесены на другое время.' },
} as const satisfies Readonly<Record<string, Text>>;

/** What announced work is called where nobody has given it a name. */
export function workTitle(components: readonly Pick<StatusComponentSpec, 'title'>[]): Text {
  const names = (language: 'en' | 'ru') => components.map(({ title }) => textIn(title, language)).join(', ');
  return { en: `${names('en')}: maintenance`, ru: `${names('ru')}: плановые работы` };
}

/** Id of the next work that is announced on a day, `m-20261201-1`. */
export function nextWorkId(works: StatusState['works'], nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '');
  let number = 1;
  while (works.has(`m-${day}-${number}`)) number += 1;
  return `m-${day}-${number}`;
}
