import type { Incident } from '../incidents/types.ts';
import type { StatusPageSpec } from '../spec/status-page.ts';
import { type Text, textIn } from '../spec/text.ts';
import { type DraftText, draftOf, postStateOf } from './drafts.ts';
import { isGoingOn } from './fold.ts';
import { gravity, impactOf, worstOf } from './impact.ts';
import {
  type ComponentState,
  itself,
  type Post,
  type PostState,
  postStates,
  type ServiceReading,
  type StatusEvent,
  type StatusState,
} from './types.ts';
import { dueWorks, maintained } from './works.ts';

/** How long a component has to be well (or less bad) before customers are told so: what flaps is not well. */
export const calmMs = 120_000;

export type StatusInput = {
  readonly page: StatusPageSpec;
  readonly state: StatusState;
  readonly readings: readonly ServiceReading[];
  /** All that are not forgotten. */
  readonly incidents: readonly Incident[];
  /** Since when each component would be less bad than it is said to be, in unix milliseconds: what this answered before. */
  readonly calmerSince: ReadonlyMap<string, number>;
  readonly nowMs: number;
};

export type StatusDecision = {
  readonly events: readonly StatusEvent[];
  readonly calmerSince: ReadonlyMap<string, number>;
};

/**
 * What becomes of a status page: states of components follow what is measured, worse at once and better after a while of calm; posts follow
 * incidents that hurt its components. Pure.
 */
export function decideStatus(input: StatusInput): StatusDecision {
  const { page, state, readings, nowMs } = input;
  const calmerSince = new Map<string, number>();
  const events: StatusEvent[] = [];
  const now = new Map<string, ComponentState>();
  for (const component of page.components) {
    const before = state.components.get(component.name) ?? null;
    const impact = impactOf(component, readings, before?.state ?? null);
    const isCalmer = before !== null && gravity(impact.state) < gravity(before.state);
    const since = isCalmer ? (input.calmerSince.get(component.name) ?? nowMs) : nowMs;
    if (isCalmer) calmerSince.set(component.name, since);
    const waits = isCalmer && nowMs - since < calmMs;
    now.set(component.name, waits ? before.state : impact.state);
    if (before?.state === impact.state || waits) continue;
    events.push({
      kind: 'status-component-changed',
      data: { component: component.name, state: impact.state, said: impact.said },
    });
  }
  for (const name of state.components.keys())
    if (!page.components.some((component) => component.name === name))
      events.push({ kind: 'status-component-removed', data: { component: name } });
  events.push(...dueWorks(state.works, nowMs));
  // What was announced is no incident: customers know already that it does not work.
  for (const name of maintained(state.works, nowMs)) if (now.has(name)) now.set(name, 'operational');
  for (const incident of input.incidents) events.push(...postEvents(input, incident, now));
  return { events, calmerSince };
}

/** Posts of an incident: opened when it hurts customers, and carried on until it is over. */
function postEvents(
  { page, state, nowMs }: StatusInput,
  incident: Incident,
  now: ReadonlyMap<string, ComponentState>,
): readonly StatusEvent[] {
  const id = `p-${incident.id}`;
  const post = state.posts.get(id);
  const concerned = page.components.filter(
    ({ name, services }) =>
      post?.components.includes(name) ||
      (incident.service !== null && services.includes(incident.service) && gravity(now.get(name) ?? 'operational') > 0),
  );
  const isOver = incident.resolvedAtMs !== null;
  // What has hurt nobody is nobody's business; of what was told customers hear the end, also when its components are on the page no more.
  if (isOver ? !post : concerned.length === 0) return [];
  const events: StatusEvent[] = [];
  const names = concerned.map(({ name }) => name);
  if (post && names.some((name) => !post.components.includes(name)))
    events.push({ kind: 'status-post-components', data: { id, components: names } });
  if (isOver && post && post.publishedAtMs === null) {
    const why = 'it was over before it was published';
    return post.draft ? [...events, { kind: 'status-post-draft-dropped', data: { id, state: post.draft.state, why } }] : events;
  }
  const next = postStateOf(incident);
  const isHurt = names.some((name) => gravity(now.get(name) ?? 'operational') > 0);
  const worst = worstOf([post?.worst ?? 'operational', ...names.map((name) => now.get(name) ?? 'operational')]);
  const wentBack = incident.actions.some(({ kind, outcome }) => kind === 'rollback' && outcome === 'helped');
  const drafted = draftOf(next, concerned, worst, wentBack);
  const text = post && concerned.length === 0 ? { ...drafted, title: post.title } : drafted;
  if (post && !comesAfter(next, post, isHurt) && !isOutgrown(next, post, text)) return events;
  const { id: of, startedAtMs } = incident;
  events.push({ kind: 'status-post-drafted', data: { id, incident: of, startedAtMs, components: names, state: next, ...text } });
  if (page.publish === 'automatic')
    events.push({ kind: 'status-post-published', data: { id, update: `${id}/${nowMs}`, state: next, ...text } });
  return events;
}

/**
 * Whether more is hurt than a text of this page's own says, at the same state: one that waits, or the last one that customers were told. What
 * a person has written is theirs to change.
 */
function isOutgrown(next: PostState, { draft, state, title, updates }: Post, text: DraftText): boolean {
  if (draft) return draft.state === next && !isSame(draft.title, text.title);
  const isOurs = updates.at(-1)?.by === itself;
  return isOurs && state === next && isGoingOn(next) && next !== 'monitoring' && !isSame(title, text.title);
}

function isSame(one: Text, other: Text): boolean {
  return textIn(one, 'en') === textIn(other, 'en') && textIn(one, 'ru') === textIn(other, 'ru');
}

/** Whether an incident has gone on since its post said how far it is, or was drafted or declined for the last time. */
function comesAfter(next: PostState, post: Post, isHurt: boolean): boolean {
  if (post.draft?.state === next || post.declined === next) return false;
  if (post.publishedAtMs === null) return true;
  // It was said to be over, and is not.
  if (!isGoingOn(post.state)) return isGoingOn(next) && isHurt;
  return postStates.indexOf(next) > postStates.indexOf(post.state);
}
