import type { StatusComponentSpec, StatusPageSpec } from '../../spec/status-page.ts';
import { type Text, textIn } from '../../spec/text.ts';
import { type ComponentHistory, historyOf } from '../../status/history.ts';
import { gravity, worstOf } from '../../status/impact.ts';
import type {
  AnnouncedWork,
  ComponentState,
  MaintenanceState,
  MaintenanceUpdate,
  Post,
  StatusState,
} from '../../status/types.ts';
import { maintained, workSpans } from '../../status/works.ts';

/** A time in which something is planned to be worked on. */
export type Maintenance = {
  readonly id: string;
  /** Null: only what it concerns is told. */
  readonly title: Text | null;
  readonly state: MaintenanceState;
  readonly plannedAtMs: number;
  readonly updatedAtMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** What customers were told of it, oldest first; empty for a planned release. */
  readonly updates: readonly MaintenanceUpdate[];
};

/** A planned release, as work that customers may notice. */
export type ReleaseWork = Maintenance & { readonly service: string };

/** Work on components of the page. `isAnnounced`: by a person, for these components; else it is a planned release. */
export type MaintenanceView = Maintenance & { readonly components: readonly string[]; readonly isAnnounced: boolean };

/** What was called off is shown among what is planned for so long. */
const shownMs = 7 * 86_400_000;

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
  /** By the moment at which they begin. */
  readonly maintenances: readonly MaintenanceView[];
  /** Until when what it says of components is proven, in unix milliseconds; null: it is not. */
  readonly provenAtMs: number | null;
};

export type StatusPageInput = {
  readonly page: StatusPageSpec;
  readonly url: string;
  readonly state: StatusState;
  readonly releases: readonly ReleaseWork[];
  readonly provenAtMs: number | null;
  readonly nowMs: number;
};

/** What customers see at a moment. Components that were not looked at yet are not there. */
export function statusPageView({ page, url, state, releases, provenAtMs, nowMs }: StatusPageInput): StatusPageView {
  const works = [
    ...releases.map(({ service, ...one }) => ({ ...one, components: componentsWith(page, service), isAnnounced: false })),
    ...[...state.works.values()].map((work) => announced(page, work)),
  ]
    .filter((one) => one.components.length > 0)
    .toSorted((a, b) => a.fromMs - b.fromMs);
  const underWork = maintained(state.works, nowMs);
  const components = page.components.flatMap((spec): ComponentView[] => {
    const record = state.components.get(spec.name);
    if (!record) return [];
    return [
      {
        spec,
        // Customers know that it is worked on, and that it may not work meanwhile.
        state: underWork.has(spec.name) ? 'operational' : record.state,
        isMaintained:
          underWork.has(spec.name) || works.some((one) => one.state === 'in_progress' && one.components.includes(spec.name)),
        createdAtMs: record.createdAtMs,
        changedAtMs: record.changedAtMs,
        history: historyOf(record, page.timeZone, nowMs, workSpans(state.works, spec.name, nowMs)),
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

function componentsWith(page: StatusPageSpec, service: string): readonly string[] {
  return page.components.filter(({ services }) => services.includes(service)).map(({ name }) => name);
}

function announced(page: StatusPageSpec, work: AnnouncedWork): MaintenanceView {
  const { id, title, state, plannedAtMs, fromMs, untilMs, begunAtMs, endedAtMs, updates } = work;
  return {
    id,
    title,
    state,
    plannedAtMs,
    updatedAtMs: updates.at(-1)?.atMs ?? plannedAtMs,
    fromMs: begunAtMs ?? fromMs,
    untilMs: state === 'completed' ? (endedAtMs ?? untilMs) : untilMs,
    updates,
    components: page.components.filter(({ name }) => work.components.includes(name)).map(({ name }) => name),
    isAnnounced: true,
  };
}

/** What a maintenance is called in a language. */
export function maintenanceTitle({ page }: StatusPageView, one: MaintenanceView, language: 'en' | 'ru'): string {
  if (one.title !== null) return textIn(one.title, language);
  return page.components
    .filter(({ name }) => one.components.includes(name))
    .map(({ title }) => textIn(title, language))
    .join(', ');
}

/** Whether it is still to come, goes on, or was called off not long ago. */
export function isCurrent({ state, updatedAtMs }: MaintenanceView, nowMs: number): boolean {
  if (state === 'scheduled' || state === 'in_progress') return true;
  return state === 'cancelled' && nowMs - updatedAtMs < shownMs;
}

/** Components of a group in their order, or those without one (null). */
export function componentsOf(view: StatusPageView, group: string | null): readonly ComponentView[] {
  return view.components.filter(({ spec }) => spec.group === group);
}

/** Whether customers see it: some are shown only while something is wrong. */
export function isShown({ spec, state, isMaintained }: ComponentView): boolean {
  return !spec.onlyShowIfDegraded || gravity(state) > 0 || isMaintained;
}
