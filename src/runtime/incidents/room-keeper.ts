import type { IncidentRecorded } from '../../incidents/events.ts';
import type { RunbookRun } from '../../incidents/runbooks/types.ts';
import type { Incident } from '../../incidents/types.ts';
import { roomNews } from '../../notifications/room-news.ts';
import { gapMs, type Rooming, type RoomNews, roomWork } from '../../notifications/room-tasks.ts';
import type { RoomPolicy } from '../../notifiers/notifier.ts';
import type { Post } from '../../status/types.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { MessagesRecorded } from '../notifications/outbox-records.ts';
import { type NotifierPlugins, pluginOf } from '../notifications/receivers.ts';
import type { SetupInForce } from '../notifications/setup-keeper.ts';
import { recordFollowing } from '../what-follows.ts';
import type { IncidentsRecorded } from './incident-records.ts';
import type { RoomsRecorded } from './room-records.ts';

/** It is looked at least so often: the clock may jump, and somebody may have come on call. */
const idleMs = 15_000;
/** Not more often than this, however much happens: what happens in between is told together. */
const restMs = 200;
/** Events that are read in one go. */
const eventsMax = 500;
/** Pages of them that are passed over in one turn. */
const pagesMax = 20;

export type RoomKeeperOptions = {
  /** Caught up, all. */
  readonly records: IncidentsRecorded;
  readonly rooms: RoomsRecorded;
  readonly messages: MessagesRecorded;
  readonly setup: SetupInForce;
  readonly plugins: NotifierPlugins;
  /** Which incidents nobody is to hear of at a moment. */
  readonly quiet: (nowMs: number) => (incident: Incident) => boolean;
  /** Names of receivers that routing tells of an incident at once. */
  readonly channelsOf: (incident: Incident) => readonly string[];
  /** Events of an incident after a position in the log, oldest first. */
  readonly events: (incident: string, after: number, limit: number) => Promise<readonly LoggedEvent[]>;
  readonly runs: (incident: string) => readonly RunbookRun[];
  readonly posts: () => readonly Post[];
  readonly consoleUrl: string | null;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * Has war rooms made, told and archived. It only queues messages; the outbox sends them in their order, and notes in the incident what
 * has become of its room. All of it follows from what is on record, so the next controller goes on with it.
 */
export class RoomKeeper {
  readonly #options: RoomKeeperOptions;
  readonly #loop: Loop;
  /** Position in the log up to which there was nothing to tell, by incident. */
  readonly #seen = new Map<string, number>();

  constructor(options: RoomKeeperOptions) {
    this.#options = options;
    const { records, messages, setup, clock, warn } = options;
    const hears = [records, messages, setup].map((one) => (wake: () => void) => one.listen(wake));
    this.#loop = new Loop({ what: 'war rooms', turn: () => this.#turn(), hears, minRestMs: restMs, clock, warn });
  }

  /** Looks at once: something has happened. */
  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #turn(): Promise<number> {
    const { records, rooms, messages, clock } = this.#options;
    const policies = this.#policies();
    if (policies.size === 0 && rooms.state.size === 0) return idleMs;
    const news = await this.#news();
    const nextMs = await recordFollowing(rooms, messages, clock, (state, outbox, atMs) => {
      const work = roomWork(records.state, state, outbox, this.#rooming(policies, news, atMs), atMs);
      return { events: [work.rooms, work.messages], nextMs: work.nextMs };
    });
    return Math.max(gapMs / 10, Math.min(idleMs, nextMs - clock.now()));
  }

  #rooming(policies: ReadonlyMap<string, RoomPolicy>, news: ReadonlyMap<string, RoomNews>, nowMs: number): Rooming {
    const { setup, channelsOf, quiet, consoleUrl } = this.#options;
    const { people, schedules } = setup.setup;
    return { policies, people, schedules, channelsOf, isQuiet: quiet(nowMs), consoleUrl, news };
  }

  /** Notifiers of the setup that have war rooms. */
  #policies(): ReadonlyMap<string, RoomPolicy> {
    const { setup, plugins } = this.#options;
    return new Map(
      setup.setup.notifiers.flatMap((spec) => {
        const policy = pluginOf(plugins, spec)?.roomPolicy?.(spec.receiver.config) ?? null;
        return policy === null ? [] : [[spec.name, policy] as const];
      }),
    );
  }

  /** What rooms have not been told that could be told now. */
  async #news(): Promise<ReadonlyMap<string, RoomNews>> {
    const { records, rooms, messages, events, runs, posts } = this.#options;
    const found = new Map<string, RoomNews>();
    for (const room of rooms.state.values()) {
      const incident = records.state.incidents.get(room.incident);
      const { channel = null, number, state } = incident?.room ?? {};
      if (channel === null || number !== room.number || state !== 'open' || room.isClosing) continue;
      if (messages.state.pending.has(room.last)) continue;
      const own = posts().filter((post) => post.incident === room.incident);
      // What nobody is told in the room may be more than one page.
      for (let page = 0; page < pagesMax; page += 1) {
        const upto = Math.max(room.upto, this.#seen.get(room.incident) ?? 0);
        const logged = await events(room.incident, upto, eventsMax);
        const placed = logged.map(({ seq, kind, actor, data }) => ({ seq, event: { kind, actor, data } as IncidentRecorded }));
        const news = roomNews({ ...room, upto }, channel, placed, runs(room.incident), own);
        found.set(room.incident, news);
        if (news.lines.length > 0) break;
        this.#seen.set(room.incident, news.upto);
        if (logged.length < eventsMax) break;
      }
    }
    for (const incident of this.#seen.keys()) if (!found.has(incident)) this.#seen.delete(incident);
    return found;
  }
}
