import type { StatusComponentSpec, StatusPageSpec } from '../../spec/status-page.ts';
import type { Text } from '../../spec/text.ts';
import { type ComponentHistory, historyOf } from '../../status/history.ts';
import { gravity, worstOf } from '../../status/impact.ts';
import type { ComponentState, Post, StatusState } from '../../status/types.ts';

/** A time in which something is planned to be worked on. */
export type Maintenance = {
  readonly id: string;
  readonly service: string;
  /** Null: only what it concerns is told. */
  readonly title: Text | null;
  readonly state: 'scheduled' | 'in_progress' | 'completed';
  readonly plannedAtMs: number;
  readonly updatedAtMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
};

/** A component as customers see it. */
export type ComponentView = {
  readonly spec: StatusComponentSpec;
  readonly state: ComponentState;
  readonly isMaintained: boolean;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly history: ComponentHistory;
};

/** A whole status page at a moment. */
export type StatusPageView = {
  readonly page: StatusPageSpec;
  /** Where it is, without a slash at the end. */
  readonly url: string;
  readonly nowMs: number;
  /** When something on it has changed last. */
  readonly updatedAtMs: number;
  /** The worst of its components. */
  readonly worst: ComponentState;
  readonly components: readonly ComponentView[];
  /** Published ones, the newest first. */
  readonly posts: readonly Post[];
  readonly maintenances: readonly (Maintenance & { readonly components: readonly string[] })[];
  /** Until when what it says of components is proven, in unix milliseconds; null: it is not. */
  readonly provenAtMs: number | null;
};

export type StatusPageInput = {
  readonly page: StatusPageSpec;
  readonly url: string;
  readonly state: StatusState;
  readonly maintenances: readonly Maintenance[];
  readonly provenAtMs: number | null;
  readonly nowMs: number;
};

/** What customers see at a moment. Components that were not looked at yet are not there. */
export function statusPageView({ page, url, state, maintenances, provenAtMs, nowMs }: StatusPageInput): StatusPageView {
  const works = maintenances
    .map((one) => ({
      ...one,
      components: page.components.filter(({ services }) => services.includes(one.service)).map(({ name }) => name),
    }))
    .filter((one) => one.components.length > 0);
  const components = page.components.flatMap((spec): ComponentView[] => {
    const record = state.components.get(spec.name);
    if (!record) return [];
    return [
      {
        spec,
        state: record.state,
        isMaintained: works.some((one) => one.state === 'in_progress' && one.components.includes(spec.name)),
        createdAtMs: record.createdAtMs,
        changedAtMs: record.changedAtMs,
        history: historyOf(record, page.timeZone, nowMs),
      },
    ];
  });
  const posts = [...state.posts.values()]
    .filter(({ publishedAtMs }) => publishedAtMs !== null)
    .toSorted((a, b) => (b.publishedAtMs ?? 0) - (a.publishedAtMs ?? 0));
  const changes = [
    ...components.map(({ changedAtMs }) => changedAtMs),
    ...posts.map((post) => post.updates.at(-1)?.atMs ?? 0),
    ...works.map(({ updatedAtMs }) => updatedAtMs),
  ];
  return {
    page,
    url,
    nowMs,
    updatedAtMs: changes.length === 0 ? nowMs : Math.max(...changes),
    worst: worstOf(components.map((component) => component.state)),
    components,
    posts,
    maintenances: works,
    provenAtMs,
  };
}

/** Components of a group in their order, or those without one (null). */
export function componentsOf(view: StatusPageView, group: string | null): readonly ComponentView[] {
  return view.components.filter(({ spec }) => spec.group === group);
}

/** Whether customers see it: some are shown only while something is wrong. */
export function isShown({ spec, state, isMaintained }: ComponentView): boolean {
  return !spec.onlyShowIfDegraded || gravity(state) > 0 || isMaintained;
}
