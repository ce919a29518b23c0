import type { Origin } from '../access/types.ts';
import type { Text } from '../spec/text.ts';

/** How a component is, in the words of Statuspage, from well to bad. */
export const componentStates = ['operational', 'degraded_performance', 'partial_outage', 'major_outage'] as const;
export type ComponentState = (typeof componentStates)[number];

/** What is known of one service's users at a moment. */
export type ServiceReading = {
  readonly service: string;
  /** Requests and failed ones of the last `spanMs`; null: nothing is known of its requests. */
  readonly requests: { readonly all: number; readonly failed: number; readonly spanMs: number } | null;
  /** Whether a version is there that could answer; null: that is not known. */
  readonly isServing: boolean | null;
  /** Whether an objective about its speed is being missed so fast that somebody is told. */
  readonly isSlow: boolean;
  /** Whether an objective about its answers is being missed so fast that somebody is told. */
  readonly isFailing: boolean;
  /** Until when that is known, in unix milliseconds; null: never. */
  readonly knownAtMs: number | null;
};

/** How a component is, and what shows it. */
export type Impact = {
  readonly state: ComponentState;
  /** With numbers. */
  readonly said: { readonly en: string; readonly ru: string };
  /** How old the oldest of its proofs is, as a moment in unix milliseconds; null: there is none. */
  readonly provenAtMs: number | null;
};

/** How far a published incident is, in the words of Statuspage. */
export const postStates = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'] as const;
export type PostState = (typeof postStates)[number];

/** One message of a published incident. */
export type PostUpdate = {
  readonly id: string;
  readonly atMs: number;
  readonly by: string;
  readonly state: PostState;
  readonly body: Text;
  /** What became of components with it. */
  readonly components: readonly { readonly name: string; readonly from: ComponentState; readonly to: ComponentState }[];
};

/** Text that is drafted and waits for a person. */
export type PostDraft = { readonly state: PostState; readonly title: Text; readonly body: Text; readonly draftedAtMs: number };

/** What customers are told of an incident. */
export type Post = {
  /** Unique on the page: `p-checkout-20261129-1`. */
  readonly id: string;
  /** Incident that it follows; null: a person has written it. */
  readonly incident: string | null;
  readonly title: Text;
  readonly state: PostState;
  /** When users were hurt first. */
  readonly startedAtMs: number;
  /** Null: it is not published yet. */
  readonly publishedAtMs: number | null;
  readonly resolvedAtMs: number | null;
  readonly components: readonly string[];
  /** The worst that its components were while it was open. */
  readonly worst: ComponentState;
  /** Oldest first. */
  readonly updates: readonly PostUpdate[];
  readonly draft: PostDraft | null;
  /** State whose draft was not wanted last; null: none. */
  readonly declined: PostState | null;
};

/** How a component was, from a moment on. */
export type ComponentSpan = { readonly fromMs: number; readonly state: ComponentState };

export type ComponentRecord = {
  readonly createdAtMs: number;
  readonly state: ComponentState;
  readonly said: { readonly en: string; readonly ru: string };
  readonly changedAtMs: number;
  /** Changes of the last days that the history shows, oldest first; the first one may be older. */
  readonly spans: readonly ComponentSpan[];
};

/** How far work is that customers were told of. */
export type MaintenanceState = 'scheduled' | 'in_progress' | 'completed' | 'cancelled';

/** One message about it. */
export type MaintenanceUpdate = {
  readonly id: string;
  readonly atMs: number;
  readonly by: string;
  readonly state: MaintenanceState;
  readonly body: Text;
};

/** Work that a person has announced: while it is under way its components are in maintenance, whatever is measured of them. */
export type AnnouncedWork = {
  /** Unique on the page: `m-20261201-1`. */
  readonly id: string;
  readonly title: Text;
  readonly components: readonly string[];
  readonly state: MaintenanceState;
  readonly plannedAtMs: number;
  /** As it is planned now. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** When it began and ended; null: it has not. */
  readonly begunAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Oldest first. */
  readonly updates: readonly MaintenanceUpdate[];
};

/** Everything that is on record of a status page. */
export type StatusState = {
  readonly components: ReadonlyMap<string, ComponentRecord>;
  /** By id, oldest first. */
  readonly posts: ReadonlyMap<string, Post>;
  /** By id, in the order in which they were announced. */
  readonly works: ReadonlyMap<string, AnnouncedWork>;
};

/** What the page does by itself is recorded under this name. */
export const itself = 'status-page';

/** From where a person has asked for it. Absent: nobody has, or it was not kept yet. */
type Asked = { readonly from?: Origin };

/** What is on record of a status page, one stream for all of it. */
export type StatusEvent =
  | { readonly kind: 'status-component-changed'; readonly data: { readonly component: string } & Pick<Impact, 'state' | 'said'> }
  | { readonly kind: 'status-component-removed'; readonly data: { readonly component: string } }
  | {
      readonly kind: 'status-post-drafted';
      readonly data: Pick<Post, 'id' | 'incident' | 'startedAtMs' | 'components'> & Pick<PostDraft, 'state' | 'title' | 'body'>;
    }
  | {
      readonly kind: 'status-post-published';
      readonly data: {
        readonly id: string;
        readonly update: string;
        readonly state: PostState;
        readonly title: Text;
        readonly body: Text;
      } & Asked;
    }
  | {
      readonly kind: 'status-post-draft-dropped';
      readonly data: { readonly id: string; readonly state: PostState; readonly why: string } & Asked;
    }
  | { readonly kind: 'status-post-components'; readonly data: { readonly id: string; readonly components: readonly string[] } }
  | {
      readonly kind: 'status-work-announced';
      readonly data: Pick<AnnouncedWork, 'id' | 'title' | 'components' | 'fromMs' | 'untilMs'> & { readonly said: Text } & Asked;
    }
  /** `said`: what customers read of it; so below. */
  | {
      readonly kind: 'status-work-moved';
      readonly data: Pick<AnnouncedWork, 'id' | 'fromMs' | 'untilMs'> & { readonly said: Text } & Asked;
    }
  /** `atMs`: when it was to begin or end, where its time has come; the moment itself, where a person has said so. */
  | { readonly kind: 'status-work-begun'; readonly data: { readonly id: string; readonly atMs: number; readonly said: Text } }
  | {
      readonly kind: 'status-work-ended';
      readonly data: { readonly id: string; readonly atMs: number; readonly said: Text } & Asked;
    }
  | {
      readonly kind: 'status-work-cancelled';
      readonly data: { readonly id: string; readonly why: string; readonly said: Text } & Asked;
    };

export type StatusRecord = StatusEvent & { readonly actor: string; readonly at: number };
