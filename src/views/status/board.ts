import type { Text } from '../../spec/text.ts';
import type { AnnouncedWork, ComponentState, Post } from '../../status/types.ts';
import type { StatusPageView } from './page-view.ts';

/** The status page for those who run it: what customers see, and what waits to be published. Answer of `GET /api/v1/status-page`. */
export type StatusBoard = {
  /** Where customers find the page; null: there is none. */
  readonly url: string | null;
  readonly components: readonly {
    readonly name: string;
    readonly title: Text;
    readonly state: ComponentState;
    readonly changedAtMs: number;
    readonly isMaintained: boolean;
  }[];
  /** Until when what is shown is measured, in unix milliseconds; null: not all of it is. */
  readonly provenAtMs: number | null;
  /** Services of the page of whose users nothing is known at the moment. */
  readonly unmeasured: readonly string[];
  /** The newest first. */
  readonly posts: readonly Post[];
  /** Announced ones, the newest first. */
  readonly maintenances: readonly AnnouncedWork[];
  /** How many are told by mail; null: nobody can subscribe. */
  readonly subscribers: { readonly confirmed: number; readonly waiting: number; readonly suspended: number } | null;
};

export function statusBoard(
  view: StatusPageView | null,
  unmeasured: readonly string[],
  posts: readonly Post[],
  maintenances: readonly AnnouncedWork[],
  subscribers: StatusBoard['subscribers'],
): StatusBoard {
  return {
    url: view?.url ?? null,
    components: (view?.components ?? []).map(({ spec: { name, title }, state, changedAtMs, isMaintained }) => ({
      name,
      title,
      state,
      changedAtMs,
      isMaintained,
    })),
    provenAtMs: view?.provenAtMs ?? null,
    unmeasured,
    posts,
    maintenances,
    subscribers,
  };
}
