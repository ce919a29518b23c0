import type { ReleaseNews } from '../release/news.ts';

/** Something that a service's stream of the log says of a release. `seq`: position of its event in the whole log. */
export type NewsEntry = {
  readonly seq: number;
  readonly service: string;
  readonly atMs: number;
  readonly news: ReleaseNews;
};

/** A release that goes back and forth between held and not. */
export type Flapping = {
  /** When people were told of that last, oldest first. */
  readonly toldAtMs: readonly number[];
  /** Changes since then that nobody was told of. */
  readonly untold: number;
  /** The last of them; null: there is none. */
  readonly last: NewsEntry | null;
};

/** Fold of the stream `release-notices`. */
export type NoticesState = {
  /** What the log says up to here was told, or nobody wants to hear of it. */
  readonly seq: number;
  /** By release, the one that was told of longest ago first. */
  readonly flapping: ReadonlyMap<string, Flapping>;
};

/** What the stream records; what people are told is in the stream `messages`, in the same append. */
export type NoticesEvent =
  | { readonly kind: 'release-notices-read'; readonly data: { readonly seq: number } }
  | {
      readonly kind: 'release-told';
      readonly data: { readonly seq: number; readonly release: string; readonly news: ReleaseNews['kind'] };
    }
  /** One of too many in a short time: it is told later, together with others. */
  | { readonly kind: 'release-untold'; readonly data: NewsEntry }
  /** How it stands after many changes was told. */
  | { readonly kind: 'release-caught-up'; readonly data: { readonly release: string } };

export type NoticesRecorded = NoticesEvent & { readonly actor: string };

/** Every kind of event of the stream. */
export const noticesEventKinds: Readonly<Record<NoticesEvent['kind'], true>> = {
  'release-notices-read': true,
  'release-told': true,
  'release-untold': true,
  'release-caught-up': true,
};

/** Nothing was told. */
export const noNotices: NoticesState = { seq: 0, flapping: new Map() };

/** Releases of which it is remembered that they were held. */
const flappingMax = 500;
/** So many changes between held and not are told one by one, within so long; of more only how it stands, so often. */
const flapsMax = 6;
const flapWindowMs = 10 * 60_000;
const catchUpMs = 5 * 60_000;

const isFlap = (kind: ReleaseNews['kind']): boolean => kind === 'held' || kind === 'resumed';

/** A release that has ended does nothing any more. */
const isLast = (kind: ReleaseNews['kind']): boolean => kind === 'succeeded' || kind === 'rolled-back' || kind === 'failed';

/** The notices after an event. Pure. */
export function takeNotices(state: NoticesState, { at, ...event }: NoticesRecorded & { readonly at: number }): NoticesState {
  switch (event.kind) {
    case 'release-notices-read':
      return { ...state, seq: Math.max(state.seq, event.data.seq) };
    case 'release-told': {
      const { seq, release, news } = event.data;
      if (isLast(news)) return { seq: Math.max(state.seq, seq), flapping: withFlapping(state, release, null) };
      const known = state.flapping.get(release);
      const toldAtMs = isFlap(news) ? [...(known?.toldAtMs ?? []), at].slice(-flapsMax) : (known?.toldAtMs ?? []);
      const flapping = withFlapping(state, release, toldAtMs.length === 0 ? null : { toldAtMs, untold: 0, last: null });
      return { seq: Math.max(state.seq, seq), flapping };
    }
    case 'release-untold': {
      const { seq, news } = event.data;
      const known = state.flapping.get(news.release);
      const after = { toldAtMs: known?.toldAtMs ?? [], untold: (known?.untold ?? 0) + 1, last: event.data };
      return { seq: Math.max(state.seq, seq), flapping: withFlapping(state, news.release, after) };
    }
    case 'release-caught-up': {
      const { release } = event.data;
      const toldAtMs = [...(state.flapping.get(release)?.toldAtMs ?? []), at].slice(-flapsMax);
      return { ...state, flapping: withFlapping(state, release, { toldAtMs, untold: 0, last: null }) };
    }
  }
}

function withFlapping({ flapping }: NoticesState, release: string, after: Flapping | null): NoticesState['flapping'] {
  const all = new Map(flapping);
  all.delete(release);
  if (after) all.set(release, after);
  for (const old of all.keys()) {
    if (all.size <= flappingMax) break;
    all.delete(old);
  }
  return all;
}

/** Whether a piece of news waits to be told together with others. */
export function isTooMuch({ flapping }: NoticesState, { kind, release, end }: ReleaseNews, nowMs: number): boolean {
  const known = flapping.get(release);
  if (!known || end || !isFlap(kind)) return false;
  return known.last !== null || recent(known, nowMs).length >= flapsMax;
}

/** When it is told how a release stands that has gone back and forth; infinity: nothing waits for that. */
export function catchUpAtMs({ toldAtMs, last }: Flapping): number {
  return last === null ? Number.POSITIVE_INFINITY : (toldAtMs.at(-1) ?? 0) + catchUpMs;
}

/** A clock that was set back must not hold anything up. */
function recent({ toldAtMs }: Flapping, nowMs: number): readonly number[] {
  return toldAtMs.filter((ms) => ms > nowMs - flapWindowMs && ms <= nowMs + flapWindowMs);
}
