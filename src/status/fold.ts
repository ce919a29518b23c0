import { gravity, worstOf } from './impact.ts';
import {
  type ComponentRecord,
  type ComponentSpan,
  type ComponentState,
  itself,
  type Post,
  type StatusRecord,
  type StatusState,
} from './types.ts';
import { takeWork } from './works.ts';

/** Days of history that customers see. */
export const historyDays = 90;
/** A day more, as days are those of a time zone. */
const keptMs = (historyDays + 2) * 86_400_000;
/** Changes of one component and posts that are kept in mind at most; older ones are in the log. */
const spansMax = 2_000;
const postsMax = 500;
/** Updates of one post. */
const updatesMax = 200;

export const noStatus: StatusState = { components: new Map(), posts: new Map(), works: new Map() };

/** A status page after an event. Pure: the state is a fold over the stream `status-page`. */
export function takeStatus(state: StatusState, record: StatusRecord): StatusState {
  switch (record.kind) {
    case 'status-component-changed':
      return grown({ ...state, components: changed(state, record) }, record.data.component);
    case 'status-component-removed': {
      const components = new Map(state.components);
      components.delete(record.data.component);
      return { ...state, components };
    }
    case 'status-post-drafted':
      return { ...state, posts: drafted(state, record) };
    case 'status-post-published':
      return withPost(state, record.data.id, (post) => published(state, post, record));
    case 'status-post-draft-dropped':
      // What the page has dropped by itself nobody has declined: when its incident comes back it is drafted anew.
      return withPost(state, record.data.id, (post) => ({
        ...post,
        draft: null,
        declined: record.actor === itself ? null : record.data.state,
      }));
    case 'status-post-components':
      return withPost(state, record.data.id, (post) => {
        const after = { ...post, components: record.data.components };
        return { ...after, worst: worstNow(state, after) };
      });
    case 'status-work-announced':
    case 'status-work-moved':
    case 'status-work-begun':
    case 'status-work-ended':
    case 'status-work-cancelled':
      return { ...state, works: takeWork(state.works, record, keptMs) };
  }
}

function changed(
  { components }: StatusState,
  { at, data }: Extract<StatusRecord, { kind: 'status-component-changed' }>,
): StatusState['components'] {
  const before = components.get(data.component);
  const span: ComponentSpan = { fromMs: at, state: data.state };
  const record: ComponentRecord = {
    createdAtMs: before?.createdAtMs ?? at,
    state: data.state,
    said: data.said,
    changedAtMs: at,
    spans: recent([...(before?.spans ?? []), span], at),
  };
  return new Map(components).set(data.component, record);
}

/** Posts that are going on are as bad as their components have ever been. */
function grown(state: StatusState, component: string): StatusState {
  const posts = [...state.posts].map(([id, post]) =>
    isGoingOn(post.state) && post.components.includes(component)
      ? ([id, { ...post, worst: worstNow(state, post) }] as const)
      : ([id, post] as const),
  );
  return { ...state, posts: new Map(posts) };
}

/** The last changes, and the one before them: it says how the first day began. */
function recent(spans: readonly ComponentSpan[], nowMs: number): readonly ComponentSpan[] {
  const first = spans.findLastIndex(({ fromMs }) => fromMs <= nowMs - keptMs);
  return spans.slice(Math.max(first, 0, spans.length - spansMax));
}

function drafted(state: StatusState, { at, data }: Extract<StatusRecord, { kind: 'status-post-drafted' }>): StatusState['posts'] {
  const { id, incident, startedAtMs, components, ...draft } = data;
  const before = state.posts.get(id);
  const post: Post = {
    ...(before ?? {
      id,
      incident,
      title: draft.title,
      state: draft.state,
      startedAtMs,
      publishedAtMs: null,
      resolvedAtMs: null,
      worst: 'operational',
      updates: [],
      declined: null,
    }),
    components: before?.components ?? components,
    draft: { ...draft, draftedAtMs: at },
  };
  const posts = new Map(state.posts).set(id, { ...post, worst: worstNow(state, post) });
  for (const [old, { resolvedAtMs }] of posts) {
    if (posts.size <= postsMax) break;
    if (resolvedAtMs !== null) posts.delete(old);
  }
  return posts;
}

function published(state: StatusState, post: Post, record: Extract<StatusRecord, { kind: 'status-post-published' }>): Post {
  const { at, actor, data } = record;
  if (post.updates.length >= updatesMax || post.updates.some(({ id }) => id === data.update)) return post;
  const told = (name: string): ComponentState =>
    post.updates
      .findLast(({ components }) => components.some((one) => one.name === name))
      ?.components.find((one) => one.name === name)?.to ?? 'operational';
  const components = post.components
    .map((name) => ({ name, from: told(name), to: stateOf(state, name) }))
    .filter(({ from, to }) => from !== to);
  return {
    ...post,
    title: data.title,
    state: data.state,
    publishedAtMs: post.publishedAtMs ?? at,
    resolvedAtMs: isGoingOn(data.state) ? null : (post.resolvedAtMs ?? at),
    worst: worstNow(state, post),
    updates: [...post.updates, { id: data.update, atMs: at, by: actor, state: data.state, body: data.body, components }],
    draft: null,
    declined: null,
  };
}

/** Whether a post in this state is about something that still happens. */
export function isGoingOn(state: Post['state']): boolean {
  return state !== 'resolved' && state !== 'postmortem';
}

function worstNow(state: StatusState, { worst, components }: Pick<Post, 'worst' | 'components'>): ComponentState {
  const now = worstOf(components.map((name) => stateOf(state, name)));
  return gravity(now) > gravity(worst) ? now : worst;
}

function stateOf({ components }: StatusState, name: string): ComponentState {
  return components.get(name)?.state ?? 'operational';
}

function withPost(state: StatusState, id: string, change: (post: Post) => Post): StatusState {
  const post = state.posts.get(id);
  return post ? { ...state, posts: new Map(state.posts).set(id, change(post)) } : state;
}
