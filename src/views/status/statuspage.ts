import { textIn } from '../../spec/text.ts';
import { gravity, worstOf } from '../../status/impact.ts';
import type { ComponentState, MaintenanceState, Post } from '../../status/types.ts';
import { type ComponentView, componentsOf, type MaintenanceView, maintenanceTitle, type StatusPageView } from './page-view.ts';

/** The files of Statuspage's public API, version 2, under `/api/v2/`. */
export const statuspageFiles = [
  'summary.json',
  'status.json',
  'components.json',
  'incidents.json',
  'incidents/unresolved.json',
  'scheduled-maintenances.json',
  'scheduled-maintenances/upcoming.json',
  'scheduled-maintenances/active.json',
] as const;
export type StatuspageFile = (typeof statuspageFiles)[number];

/** Incidents in a list at most, as at Statuspage. */
const incidentsMax = 50;

/** Impact of an incident by the worst that its components were. */
const impacts: Readonly<Record<ComponentState, 'none' | 'minor' | 'major' | 'critical'>> = {
  operational: 'none',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
};

const descriptions: Readonly<Record<string, string>> = {
  none: 'All Systems Operational',
  minor: 'Partially Degraded Service',
  major: 'Partial System Outage',
  critical: 'Major Service Outage',
  maintenance: 'Service Under Maintenance',
};

/**
 * One file as Statuspage's API v2 answers it (shared/formats.md; keys and their order are those of its payloads). In the page's first
 * language; states are Statuspage's own words.
 */
export function statuspageJson(view: StatusPageView, file: StatuspageFile): Record<string, unknown> {
  const page = pageOf(view);
  const incidents = (posts: readonly Post[]) => posts.slice(0, incidentsMax).map((post) => incidentOf(view, post));
  const works = (states: readonly MaintenanceState[]) =>
    view.maintenances
      .filter(({ state }) => states.includes(state))
      .slice(-incidentsMax)
      .map((one) => maintenanceOf(view, one));
  const unresolved = view.posts.filter(({ resolvedAtMs }) => resolvedAtMs === null);
  switch (file) {
    case 'summary.json':
      return {
        page,
        components: componentList(view),
        incidents: incidents(unresolved),
        scheduled_maintenances: works(['scheduled', 'in_progress']),
        status: statusOf(view),
      };
    case 'status.json':
      return { page, status: statusOf(view) };
    case 'components.json':
      return { page, components: componentList(view) };
    case 'incidents.json':
      return { page, incidents: incidents(view.posts) };
    case 'incidents/unresolved.json':
      return { page, incidents: incidents(unresolved) };
    case 'scheduled-maintenances.json':
      return { page, scheduled_maintenances: works(['scheduled', 'in_progress', 'completed', 'cancelled']).toReversed() };
    case 'scheduled-maintenances/upcoming.json':
      return { page, scheduled_maintenances: works(['scheduled']) };
    case 'scheduled-maintenances/active.json':
      return { page, scheduled_maintenances: works(['in_progress']) };
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

function pageOf({ page, url, updatedAtMs }: StatusPageView) {
  return {
    id: page.name,
    name: textIn(page.title, first(page.languages)),
    url,
    time_zone: page.timeZone === 'UTC' ? 'Etc/UTC' : page.timeZone,
    updated_at: iso(updatedAtMs),
  };
}

function first(languages: readonly ('en' | 'ru')[]): 'en' | 'ru' {
  return languages[0] ?? 'en';
}

function statusOf(view: StatusPageView) {
  const indicator =
    view.worst === 'operational' && view.components.some(({ isMaintained }) => isMaintained)
      ? 'maintenance'
      : impacts[view.worst];
  return { indicator, description: descriptions[indicator] ?? '' };
}

function shownState({ state, isMaintained }: ComponentView): string {
  return isMaintained && gravity(state) === 0 ? 'under_maintenance' : state;
}

/** Components of groups come before their group, as at Statuspage. */
function componentList(view: StatusPageView): readonly Record<string, unknown>[] {
  const grouped = view.page.groups.flatMap((group, index) => {
    const own = componentsOf(view, group.name);
    if (own.length === 0) return [];
    const worst = worstOf(own.map(({ state }) => state));
    const states = own.map(shownState);
    return [
      ...own.map((component, place) => componentOf(view, component, place + 1)),
      {
        id: group.name,
        name: textIn(group.title, first(view.page.languages)),
        status: gravity(worst) === 0 ? (states.find((state) => state === 'under_maintenance') ?? 'operational') : worst,
        created_at: iso(Math.min(...own.map(({ createdAtMs }) => createdAtMs))),
        updated_at: iso(Math.max(...own.map(({ changedAtMs }) => changedAtMs))),
        position: index + 1,
        description: null,
        showcase: false,
        start_date: null,
        group_id: null,
        page_id: view.page.name,
        group: true,
        only_show_if_degraded: false,
        components: own.map(({ spec }) => spec.name),
      },
    ];
  });
  const groups = view.page.groups.length;
  return [...grouped, ...componentsOf(view, null).map((component, place) => componentOf(view, component, groups + place + 1))];
}

function componentOf({ page }: StatusPageView, component: ComponentView, position: number): Record<string, unknown> {
  const { spec, createdAtMs, changedAtMs } = component;
  const language = first(page.languages);
  return {
    id: spec.name,
    name: textIn(spec.title, language),
    status: shownState(component),
    created_at: iso(createdAtMs),
    updated_at: iso(changedAtMs),
    position,
    description: spec.description === null ? null : textIn(spec.description, language),
    showcase: false,
    start_date: null,
    group_id: spec.group,
    page_id: page.name,
    group: false,
    only_show_if_degraded: spec.onlyShowIfDegraded,
  };
}

function named(view: StatusPageView, names: readonly string[]): readonly Record<string, unknown>[] {
  const shown = componentList(view);
  return names.flatMap((name) => shown.filter(({ id }) => id === name));
}

function incidentOf(view: StatusPageView, post: Post): Record<string, unknown> {
  const { page, url } = view;
  const language = first(page.languages);
  const titleOf = (name: string): string => {
    const spec = page.components.find((one) => one.name === name);
    return spec ? textIn(spec.title, language) : name;
  };
  return {
    id: post.id,
    name: textIn(post.title, language),
    status: post.state,
    created_at: iso(post.publishedAtMs ?? post.startedAtMs),
    updated_at: iso(post.updates.at(-1)?.atMs ?? post.startedAtMs),
    monitoring_at: isoOrNull(post.updates.findLast(({ state }) => state === 'monitoring')?.atMs ?? null),
    resolved_at: isoOrNull(post.resolvedAtMs),
    impact: impacts[post.worst],
    shortlink: `${url}/i/${post.id}`,
    started_at: iso(post.startedAtMs),
    page_id: page.name,
    incident_updates: post.updates.toReversed().map((update) => ({
      id: update.id,
      status: update.state,
      body: textIn(update.body, language),
      incident_id: post.id,
      created_at: iso(update.atMs),
      updated_at: iso(update.atMs),
      display_at: iso(update.atMs),
      affected_components:
        update.components.length === 0
          ? null
          : update.components.map(({ name, from, to }) => ({
              code: name,
              name: titleOf(name),
              old_status: from,
              new_status: to,
            })),
      deliver_notifications: true,
      custom_tweet: null,
      tweet_id: null,
    })),
    components: named(view, post.components),
  };
}

/** Statuspage has no word for what was called off: it is over, and its last message says so. */
const shownMaintenance = (state: MaintenanceState): string => (state === 'cancelled' ? 'completed' : state);

function maintenanceOf(view: StatusPageView, one: MaintenanceView): Record<string, unknown> {
  const { page, url } = view;
  const language = first(page.languages);
  const isOver = one.state === 'completed' || one.state === 'cancelled';
  return {
    page_id: page.name,
    id: one.id,
    name: maintenanceTitle(view, one, language),
    status: shownMaintenance(one.state),
    created_at: iso(one.plannedAtMs),
    updated_at: iso(one.updatedAtMs),
    monitoring_at: null,
    resolved_at: isOver ? iso(one.state === 'cancelled' ? one.updatedAtMs : one.untilMs) : null,
    impact: 'maintenance',
    shortlink: `${url}/i/${one.id}`,
    started_at: iso(one.plannedAtMs),
    incident_updates: one.updates.toReversed().map((update) => ({
      id: update.id,
      status: shownMaintenance(update.state),
      body: textIn(update.body, language),
      incident_id: one.id,
      created_at: iso(update.atMs),
      updated_at: iso(update.atMs),
      display_at: iso(update.atMs),
      affected_components: null,
      deliver_notifications: true,
      custom_tweet: null,
      tweet_id: null,
    })),
    components: named(view, one.components),
    scheduled_for: iso(one.fromMs),
    scheduled_until: iso(one.untilMs),
  };
}
