import { simulatedService } from '../../test/simulation/spec.ts';
import { effectsOf } from '../release/levels.ts';
import { Story, startMs } from '../release/story.fixture.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { actionsOf, isNews, nextWakeMs } from './actions.ts';
import { decide, newGroup } from './decide.ts';
import { isNewSight, sightOf } from './sight.ts';
import type { GroupAction, GroupEvent, GroupRelease, GroupState, MemberRequest, Sight } from './types.ts';

export const groupId = 'g1';
const tag = { name: 'group', id: groupId, barrierMs: 600_000 };

/** A group over real service cores, in a world that does what it is told to, one small thing at a time. */
export class Play {
  state: GroupState = newGroup('group');
  at = startMs;
  readonly events: GroupEvent[] = [];
  /** What the group has asked for, in its order: `abort api`. */
  readonly done: string[] = [];
  /** Called before each thing that is done. */
  before: (action: string) => void = () => {};
  readonly stories = new Map<string, Story>();
  readonly members: readonly MemberRequest[];
  #releases = 0;

  /** `after`: for each member those in front of it. All have 1.0.0 as their stable version, and shall get 2.0.0. */
  constructor(after: Readonly<Record<string, readonly string[]>>, spec: ServiceSpec = simulatedService()) {
    this.members = Object.entries(after).map(([service, names]) => ({
      service,
      version: '2.0.0',
      spec: { ...spec, name: service },
      after: names,
      before: '1.0.0',
    }));
    for (const { service } of this.members) {
      const story = new Story().install();
      this.stories.set(service, story);
      this.at = Math.max(this.at, story.at);
    }
    for (const story of this.stories.values()) story.at = this.at;
  }

  get release(): GroupRelease {
    const release = this.state.live ?? this.state.ended[0];
    if (!release) throw new Error('nothing was asked for');
    return release;
  }

  story(service: string): Story {
    const story = this.stories.get(service);
    if (!story) throw new Error(`no ${service}`);
    story.at = Math.max(story.at, this.at);
    return story;
  }

  tell(event: GroupEvent): void {
    const { state } = decide(this.state, event);
    if (state === this.state) return;
    this.state = state;
    this.events.push(event);
  }

  begin(): this {
    const { members, at } = this;
    this.tell({ kind: 'requested', at, id: groupId, members, barrierMs: tag.barrierMs, by: 'anna', why: '' });
    return this;
  }

  abort(): this {
    this.tell({ kind: 'aborted', at: this.at, id: groupId, by: 'anna', why: '' });
    return this;
  }

  sight(member: MemberRequest): Sight {
    return sightOf(this.story(member.service).state, member, groupId);
  }

  /** Whether a member's new version was let past the barrier before all traffic. */
  isPast({ service, version }: MemberRequest): boolean {
    const { live, stable } = this.story(service).state;
    return stable?.version === version || (live?.version === version && live.exposure.weight === 100);
  }

  /** The group hears how its members stand. */
  hear(): this {
    for (const member of this.state.live?.members ?? []) {
      const sight = this.sight(member);
      if (isNewSight(sight, member)) this.tell({ kind: 'seen', at: this.at, id: groupId, service: member.service, sight });
    }
    if (nextWakeMs(this.state) <= this.at) this.tell({ kind: 'woke', at: this.at });
    return this;
  }

  /** What the group wants now, and has not been done yet. */
  get wanted(): readonly GroupAction[] {
    return actionsOf(this.state, this.at).filter((action) => isNews(action, this.sight(this.#member(action))));
  }

  /** Does one thing that the group wants. */
  act(action: GroupAction): void {
    const member = this.#member(action);
    const story = this.story(member.service);
    const by = 'group group for anna';
    this.before(`${action.kind} ${member.service}`);
    this.done.push(`${action.kind} ${member.service}`);
    switch (action.kind) {
      case 'request':
      case 'restore': {
        const restore = action.kind === 'restore';
        const version = restore ? (member.before ?? '') : member.version;
        const release = `${member.service}-${(this.#releases += 1)}`;
        const { spec } = member;
        story.tell({ kind: 'requested', release, version, spec, by, why: '', restore, group: tag });
        return;
      }
      case 'open':
        story.tell({ kind: 'barrier-opened', release: action.release, step: action.step, by });
        return;
      case 'abort':
        story.tell({ kind: 'verb', release: action.release, verb: 'abort', by, why: '' });
    }
  }

  /** The world of one service does what is wanted of it: checks, starts, routes, retires. `failing`: a share of the candidate's requests. */
  serve(service: string, failing = 0): void {
    const story = this.story(service);
    const live = story.state.live;
    if (live?.phase.kind === 'validating') story.validated();
    for (const version of story.wanted)
      if ((story.state.instances[version] ?? []).length === 0) story.instances(version, 'ready');
    if (effectsOf(story.state).some(({ kind }) => kind === 'set-route' || kind === 'read-route')) story.confirm();
    story.tell({ kind: 'sampled', samples: [story.sample(failing)] });
    story.retire();
  }

  /** One second in which everybody does what they should. */
  second(failing: Readonly<Record<string, number>> = {}): this {
    this.at += 1_000;
    for (const service of this.stories.keys()) this.serve(service, failing[service] ?? 0);
    this.hear();
    for (const action of this.wanted) this.act(action);
    return this;
  }

  /** Goes on until the group has ended, or fails. */
  end(failing: Readonly<Record<string, number>> = {}): GroupRelease {
    return this.until('its end', () => this.state.live === null, failing).release;
  }

  until(what: string, isThere: () => boolean, failing: Readonly<Record<string, number>> = {}): this {
    for (let seconds = 0; !isThere(); seconds += 1) {
      if (seconds > 4_000) throw new Error(`never came: ${what}: ${JSON.stringify(this.release.phase)}`);
      this.second(failing);
    }
    return this;
  }

  #member(action: GroupAction): MemberRequest {
    const service = 'member' in action ? action.member.service : action.service;
    const member = this.members.find((one) => one.service === service);
    if (!member) throw new Error(`no ${service}`);
    return member;
  }
}
