import type { Origin } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import type { Incident } from '../../incidents/types.ts';
import type { StatusPageSpec } from '../../spec/status-page.ts';
import type { Text } from '../../spec/text.ts';
import { decideStatus } from '../../status/decide.ts';
import { impactOf } from '../../status/impact.ts';
import {
  type AnnouncedWork,
  itself,
  type Post,
  type PostState,
  type ServiceReading,
  type StatusEvent,
} from '../../status/types.ts';
import { type Announcement, announceWork, changeWork, type WorkVerb } from '../../status/work-verbs.ts';
import { type ReleaseWork, type StatusPageView, statusPageView } from '../../views/status/page-view.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { StatusRecorded } from './status-records.ts';

/** How often what is measured is looked at. */
const lookMs = 5_000;

export type StatusKeeperOptions = {
  /** Caught up. */
  readonly records: StatusRecorded;
  /** The page as it is described now; null: there is none. */
  readonly page: () => StatusPageSpec | null;
  /** What is known of services' users at a moment. */
  readonly readings: (services: readonly string[], nowMs: number) => readonly ServiceReading[];
  readonly incidents: () => readonly Incident[];
  readonly releases: (nowMs: number) => readonly ReleaseWork[];
  /** Where the page is when its document does not say so, without a slash at the end. */
  readonly url: () => string;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** Who asks for something, and from where. */
export type Asker = { readonly by: string; readonly from?: Origin };

/** What a person tells customers. */
export type Publication = { readonly state: PostState; readonly title: Text; readonly body: Text };

/**
 * The status page of one controller: looks at what is measured, puts what becomes of components and posts on record, and keeps the view
 * that customers are served, so that none of them waits for anything.
 */
export class StatusKeeper {
  readonly #options: StatusKeeperOptions;
  readonly #loop: Loop;
  readonly #listeners = new Set<(view: StatusPageView | null) => void>();
  #calmerSince: ReadonlyMap<string, number> = new Map();
  #view: StatusPageView | null = null;
  #unmeasured: readonly string[] = [];

  constructor(options: StatusKeeperOptions) {
    this.#options = options;
    const { clock, warn } = options;
    const turn = async (): Promise<number> => {
      await this.#look();
      return lookMs;
    };
    this.#loop = new Loop({ what: 'status page', turn, failedMs: lookMs, clock, warn });
  }

  /** What customers see; null: there is no page. */
  get view(): StatusPageView | null {
    return this.#view;
  }

  /** Services of the page of whose users nothing is known at the moment: their components are shown as they were. */
  get unmeasured(): readonly string[] {
    return this.#view === null ? [] : this.#unmeasured;
  }

  /** All posts, also those that are drafted only, the newest first. */
  get posts(): readonly Post[] {
    return [...this.#options.records.state.posts.values()].toReversed();
  }

  /** Announced maintenance, the newest first. */
  get works(): readonly AnnouncedWork[] {
    return [...this.#options.records.state.works.values()].toReversed();
  }

  /** Tells of each new view from now on, and of the present one at once. Answers how to stop. */
  listen(listener: (view: StatusPageView | null) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#view);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks at once: the page or an incident has changed. */
  wake(): void {
    this.#loop.wake();
  }

  /**
   * Publishes a text, in the name of a person.
   *
   * @throws UserError `E_UNKNOWN_POST`; `E_REFUSED` when there is no page.
   */
  async publish(id: string, asker: Asker, { state, title, body }: Publication): Promise<void> {
    await this.#change(id, asker, (post, nowMs) => [
      { kind: 'status-post-published', data: { id: post.id, update: `${post.id}/${nowMs}`, state, title, body } },
    ]);
  }

  /** Drops a draft: it does not come again for the same state. */
  async decline(id: string, asker: Asker, why: string): Promise<void> {
    await this.#change(id, asker, (post) => {
      if (!post.draft) throw new UserError('E_REFUSED', `${id} has no draft`, { where: 'post', fix: 'see rampart status-page' });
      return [{ kind: 'status-post-draft-dropped', data: { id: post.id, state: post.draft.state, why } }];
    });
  }

  /**
   * Announces maintenance, in the name of a person. Answers its id.
   *
   * @throws UserError as `announceWork`; `E_REFUSED` when there is no page.
   */
  async announce(given: Announcement, asker: Asker): Promise<string> {
    const page = this.#options.page();
    if (!page)
      throw new UserError('E_REFUSED', 'there is no status page', { where: 'status page', fix: 'apply a StatusPage document' });
    let id = '';
    await this.#options.records.change((state, nowMs) => {
      const event = announceWork(page, state, given, nowMs);
      id = event.data.id;
      return [askedBy(asker, event)];
    });
    this.#loop.wake();
    return id;
  }

  /** Moves, ends or cancels maintenance. @throws UserError as `changeWork`. */
  async changeWork(id: string, asker: Asker, given: WorkVerb): Promise<void> {
    await this.#options.records.change((state, nowMs) => [askedBy(asker, changeWork(state, id, given, nowMs))]);
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #change(id: string, asker: Asker, build: (post: Post, nowMs: number) => readonly StatusEvent[]): Promise<void> {
    await this.#options.records.change((state, nowMs) => {
      const post = state.posts.get(id);
      if (!post)
        throw new UserError('E_UNKNOWN_POST', `there is no post ${id} on the status page`, {
          where: 'post',
          fix: `the last ones are ${[...state.posts.keys()].slice(-5).join(', ') || 'none'}`,
        });
      return build(post, nowMs).map((event) => askedBy(asker, event));
    });
    this.#loop.wake();
  }

  async #look(): Promise<void> {
    const { records, clock, incidents, releases, url } = this.#options;
    const page = this.#options.page();
    if (!page) {
      this.#show(null);
      return;
    }
    const nowMs = clock.now();
    const readings = this.#options.readings([...new Set(page.components.flatMap(({ services }) => services))], nowMs);
    const input = { page, state: records.state, readings, incidents: incidents(), calmerSince: this.#calmerSince, nowMs };
    const { events, calmerSince } = decideStatus(input);
    this.#calmerSince = calmerSince;
    if (events.length > 0)
      // People may have changed it meanwhile: then it is looked at anew.
      await records.change((state) => (state === input.state ? events.map((event) => ({ ...event, actor: itself })) : []));
    this.#unmeasured = readings.filter(({ knownAtMs }) => knownAtMs === null).map(({ service }) => service);
    const proofs = page.components.map((component) => impactOf(component, readings, null).provenAtMs);
    const known = proofs.filter((at) => at !== null);
    this.#show(
      statusPageView({
        page,
        url: page.url ?? url(),
        state: records.state,
        releases: releases(nowMs),
        provenAtMs: known.length === proofs.length && known.length > 0 ? Math.min(...known) : null,
        nowMs,
      }),
    );
  }

  #show(view: StatusPageView | null): void {
    if (view === null && this.#view === null) return;
    this.#view = view;
    for (const listener of this.#listeners) listener(view);
  }
}

function askedBy({ by, from }: Asker, event: StatusEvent): StatusEvent & { readonly actor: string } {
  return { ...event, data: { ...event.data, ...(from && { from }) }, actor: by } as StatusEvent & { readonly actor: string };
}
