import type { Origin } from '../access/types.ts';
import { messageOf, UserError } from '../errors.ts';
import { actionsOf, isNews, nextWakeMs } from '../groups/actions.ts';
import { abortRefusal, decide } from '../groups/decide.ts';
import { isNewSight, sightOf } from '../groups/sight.ts';
import type { GroupAction, GroupEvent, GroupRelease, GroupState, MemberRequest } from '../groups/types.ts';
import { waitProblems } from '../groups/waits.ts';
import { wayBackProblems } from '../groups/way-back.ts';
import { admissionRefusal } from '../release/decide.ts';
import type { ServiceSpec } from '../spec/types.ts';
import type { LoggedEvent } from '../stores/log.ts';
import type { Clock } from './clock.ts';
import type { Controller, VerbResult } from './controller.ts';
import type { GroupDocuments } from './group-documents.ts';
import { GroupRecords } from './group-records.ts';
import type { PublishingLog } from './publishing-log.ts';
import { logFailing } from './refusals.ts';

const servicePrefix = 'service/';

/** The members are looked at whenever something of a service is put on record, and this often besides. */
const lookMs = 1_000;

export type GroupRequest = GroupDocuments & {
  readonly version: string;
  /** Members that get another version, by service. */
  readonly versions: Readonly<Record<string, string>>;
  readonly by: string;
  readonly why: string;
  readonly from?: Origin;
};

type Aborted = Extract<GroupEvent, { kind: 'aborted' }>;

export type GroupKeeperOptions = {
  readonly log: PublishingLog;
  readonly controller: Controller;
  readonly clock: Clock;
  /** A new unique id for a release of a group. */
  readonly newId: (group: string) => string;
  readonly warn: (text: string) => void;
};

/**
 * All groups of one log: sees how the members' releases stand, decides (pure), puts that on record, and then asks the controller for what
 * follows. One turn at a time; what it asks for is asked again by the next controller if this one dies.
 */
export class GroupKeeper {
  readonly #options: GroupKeeperOptions;
  readonly #records: GroupRecords;
  /** What has been asked for and not been answered yet. */
  readonly #underWay = new Set<string>();
  /** Services of a group whose request is being put on record. */
  #claimed: readonly string[] = [];
  /** Aborts that the log did not take: they count, and come on record when it can be written again. By group. */
  readonly #unrecorded = new Map<string, Aborted>();
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #loop: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};

  private constructor(options: GroupKeeperOptions, records: GroupRecords) {
    this.#options = options;
    this.#records = records;
  }

  /** Folds every group and goes on where the last controller was. */
  static async open(options: GroupKeeperOptions): Promise<GroupKeeper> {
    const records = await GroupRecords.open(options.log, options.controller.health.token);
    const keeper = new GroupKeeper(options, records);
    options.controller.reserve((service) => keeper.#reservedBy(service));
    keeper.#unsubscribe = options.log.subscribe((events) => {
      if (events.some(({ stream }) => stream.startsWith(servicePrefix))) keeper.#wake.abort();
    });
    keeper.#loop = keeper.#run();
    return keeper;
  }

  /** Every group as it is now, by name. */
  get groups(): readonly GroupState[] {
    return this.#records.groups;
  }

  group(name: string): GroupState | undefined {
    return this.#records.group(name);
  }

  /** Records of a release of a group after `afterSeq`, oldest first. */
  async timeline(name: string, id: string, afterSeq: number, limit: number): Promise<readonly LoggedEvent[]> {
    return await this.#records.timeline(name, id, afterSeq, limit);
  }

  /** What a request means for each member, with what is stable now. */
  membersOf({ group, specs, version, versions }: Omit<GroupRequest, 'by' | 'why' | 'from'>): readonly MemberRequest[] {
    return group.members.map(({ service, after }, index) => ({
      service,
      version: versions[service] ?? version,
      spec: specs[index] as ServiceSpec,
      after,
      before: this.#options.controller.service(service)?.stable?.version ?? null,
    }));
  }

  /**
   * Asks for a release of a group. Resolves with its id once the request is on record.
   *
   * @throws UserError `E_REFUSED` when one of its services cannot take its version on now; then nothing has begun.
   */
  async request(request: GroupRequest): Promise<string> {
    const { group } = request;
    return await this.#inTurn(async () => {
      const members = this.membersOf(request);
      const stranger = Object.keys(request.versions).find((name) => !members.some(({ service }) => service === name));
      if (stranger !== undefined)
        throw refusal(group.name, `${stranger} is no member`, `members are ${members.map(({ service }) => service).join(', ')}`);
      if (this.#options.controller.service(group.name))
        throw refusal(group.name, 'there is a service of that name, and it would mean both', 'give the group another name');
      const live = this.group(group.name)?.live;
      if (live)
        throw refusal(
          group.name,
          `it is being released already (${live.id})`,
          `see \`rampart status ${group.name}\`, or abort it first`,
        );
      const taking = members.filter(({ version, before }) => version !== before);
      if (taking.length === 0)
        throw refusal(group.name, 'every member has its version as the stable one already', 'release another version');
      const [wait] = waitProblems(members, group.barrierMs);
      if (wait !== undefined)
        throw refusal(group.name, wait, 'give barrier.max more time, or let the members bake for as long as each other');
      const [noWayBack] = wayBackProblems(members);
      if (noWayBack !== undefined)
        throw refusal(group.name, noWayBack, 'release it alone, or make the migration compatible with the version before');
      const problems = taking.map(({ service, version }) => this.#busy(service, version)).filter((text) => text !== null);
      if (problems.length > 0)
        throw refusal(group.name, problems.join('; '), 'wait for what is under way, or abort it first; nothing was begun');
      const { by, why, from } = request;
      const id = this.#options.newId(group.name);
      const asked = { id, members, barrierMs: group.barrierMs, by, why, ...(from === undefined ? {} : { from }) };
      this.#claimed = taking.map(({ service }) => service);
      try {
        await this.#records.add(group.name, [{ kind: 'requested', at: this.#options.clock.now(), ...asked }]);
      } catch (error) {
        // It may be on record all the same. Whoever is told that it failed must not find it running when there is room again.
        const unasked = 'the log could not be written when it was asked for';
        this.#unrecorded.set(group.name, { kind: 'aborted', at: this.#options.clock.now(), id, by, why: unasked });
        throw isStale(error) ? error : logFailing(messageOf(error));
      } finally {
        this.#claimed = [];
      }
      this.#wake.abort();
      return id;
    });
  }

  /** Takes the whole group back, also when that cannot be put on record now. Idempotent: one that does nothing any more says why. */
  async abort(name: string, by: string, why: string, from?: Origin): Promise<VerbResult> {
    return await this.#inTurn(async () => {
      const state = this.group(name);
      if (!state) throw unknownGroup(name);
      const refused = abortRefusal(state);
      if (refused !== null || !state.live) return { done: false, said: refused ?? '' };
      const { id } = state.live;
      const at = this.#options.clock.now();
      const event: Aborted = { kind: 'aborted', at, id, by, why, ...(from === undefined ? {} : { from }) };
      try {
        const said = await this.#records.add(name, [event]);
        this.#wake.abort();
        return { done: true, said: said ?? 'abort' };
      } catch (error) {
        if (isStale(error)) throw error;
        const foreseen = decide(state, event);
        this.#unrecorded.set(name, event);
        this.#takeBack(foreseen.state);
        return { done: true, said: foreseen.said ?? 'abort', unrecorded: messageOf(error) };
      }
    });
  }

  /** Stops deciding; the members' releases go on under their own deadlines. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#unsubscribe();
    this.#wake.abort();
    await this.#loop;
    await this.#last;
  }

  /** Why a service cannot take a version on for a group now; null when it can. */
  #busy(service: string, version: string): string | null {
    const state = this.#options.controller.service(service);
    const under = state?.live ?? state?.queued;
    if (under) return `${service}: ${under.version} is being released (${under.id})`;
    const refused = (state && admissionRefusal(state, version)) ?? this.#reservedBy(service);
    return refused === null ? null : `${service}: ${refused}`;
  }

  /** Why nobody else may release a service now: it belongs to a group that is being released; null: anybody may. */
  #reservedBy(service: string): string | null {
    if (this.#claimed.includes(service)) return 'its group has just been asked for';
    for (const state of this.groups) {
      const isTaken = state.live?.members.some((member) => member.service === service && !member.skipped);
      if (isTaken) return `it is being released with group ${state.name} (${state.live?.id})`;
    }
    return null;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController();
      const wake = this.#wake.signal;
      await this.#inTurn(() => this.#look()).catch((error: unknown) => this.#options.warn(`groups: ${messageOf(error)}`));
      const now = clock.now();
      // One that has passed and could not be put on record is tried again with the next look, and not at once.
      const moments = this.groups.map(nextWakeMs).filter((moment) => moment > now);
      const next = Math.min(...moments, now + lookMs);
      // A listener of the log is called before the controller has acted on it.
      await clock.after(Math.max(1, next - now), wake);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** One after the other: each decides on what the one before has put on record. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return await turn;
  }

  async #look(): Promise<void> {
    if (this.#options.controller.health.stopped !== null) return;
    for (const [name, aborted] of this.#unrecorded) {
      try {
        await this.#records.add(name, [{ ...aborted, at: this.#options.clock.now() }]);
        this.#unrecorded.delete(name);
      } catch {
        // With the next look.
      }
    }
    for (const state of this.groups) {
      if (!state.live) continue;
      const events = this.#seen(state, state.live);
      const now = this.#options.clock.now();
      if (nextWakeMs(state) <= now) events.push({ kind: 'woke', at: now });
      const aborted = this.#unrecorded.get(state.name);
      if (aborted) {
        this.#takeBack([aborted, ...events].reduce((folded, event) => decide(folded, event).state, state));
        continue;
      }
      try {
        if (events.length > 0) await this.#records.add(state.name, events);
      } catch (error) {
        this.#options.warn(`group ${state.name}: ${messageOf(error)}`);
        this.#takeBack(events.reduce((folded, event) => decide(folded, event).state, state));
        continue;
      }
      this.#act(this.group(state.name) ?? state, () => true);
    }
  }

  /** Taking traffic back goes ahead of a record that cannot be written, as it does for a service: it is safe to do twice. */
  #takeBack(foreseen: GroupState): void {
    this.#act(foreseen, ({ kind }) => kind === 'abort');
  }

  /** What is new about the members. Of a service with decisions that are not on record yet nothing is seen. */
  #seen(state: GroupState, { id, members }: GroupRelease): GroupEvent[] {
    const { controller, clock } = this.#options;
    const isLogFailing = controller.health.logProblem !== null;
    return members.flatMap((member): readonly GroupEvent[] => {
      const agent = controller.agent(member.service);
      if (member.skipped || (agent && agent.turn.staged.length > 0 && !isLogFailing)) return [];
      const sight = sightOf(controller.service(member.service), member, id);
      const at = Math.max(clock.now(), state.atMs);
      return isNewSight(sight, member) ? [{ kind: 'seen', at, id, service: member.service, sight }] : [];
    });
  }

  /** Begins what follows from the state and is not under way. Aborts wait for nothing, so neither does anything else. */
  #act(state: GroupState, isWanted: (action: GroupAction) => boolean): void {
    const { live } = state;
    if (!live) return;
    const { controller } = this.#options;
    for (const action of actionsOf(state, this.#options.clock.now()).filter(isWanted)) {
      const service = 'member' in action ? action.member.service : action.service;
      const key = `${action.kind} ${service} ${live.id} ${'step' in action ? action.step : ''}`;
      const member = live.members.find((one) => one.service === service);
      // Of what was done a moment ago the group may not have heard yet.
      if (!member || this.#underWay.has(key) || !isNews(action, sightOf(controller.service(service), member, live.id))) continue;
      this.#underWay.add(key);
      this.#perform(action, state.name, live)
        .catch((error: unknown) => this.#refused(error, action, state.name, live, service))
        .catch((error: unknown) => this.#options.warn(`group ${state.name}: ${messageOf(error)}`))
        .finally(() => this.#underWay.delete(key));
    }
  }

  async #perform(action: GroupAction, name: string, { id, by: person, why, barrierMs }: GroupRelease): Promise<void> {
    const { controller } = this.#options;
    const group = { name, id, barrierMs };
    const by = `group ${name} for ${person}`;
    const reason = why === '' ? `with group ${name}` : why;
    switch (action.kind) {
      case 'request': {
        const { spec, version } = action.member;
        await controller.request({ spec, version, by: person, why: reason, group });
        return;
      }
      case 'open':
        await controller.openBarrier(action.service, action.release, action.step, by);
        return;
      case 'abort':
        await controller.verb(action.release, 'abort', by, causeIn(this.group(name)) ?? reason);
        return;
      case 'restore': {
        const { service, before } = action.member;
        const plan = controller.rollbackPlan(service, before);
        if (plan.kind !== 'restore') return;
        const { spec, version } = plan.installed;
        await controller.request({ spec, version, by, why: causeIn(this.group(name)) ?? reason, group }, true);
      }
    }
  }

  /** What a service will not take on takes the group back; what cannot be asked for just now is asked for again. */
  async #refused(error: unknown, action: GroupAction, name: string, { id }: GroupRelease, service: string): Promise<void> {
    const code = error instanceof UserError ? error.code : null;
    const isFinal = code === 'E_REFUSED' || code === 'E_NOTHING_TO_ROLL_BACK';
    if (!isFinal || (action.kind !== 'request' && action.kind !== 'restore')) {
      if (code !== 'E_UNDER_WAY' && code !== 'E_STOPPED') throw error;
      return;
    }
    const at = this.#options.clock.now();
    await this.#inTurn(() => this.#records.add(name, [{ kind: 'refused', at, id, service, reason: messageOf(error) }]));
    this.#wake.abort();
  }
}

function isStale(error: unknown): boolean {
  return error instanceof UserError && error.code === 'E_STALE_TOKEN';
}

function causeIn(state: GroupState | undefined): string | null {
  const phase = state?.live?.phase;
  return phase?.kind === 'rolling-back' ? phase.cause.sentence : null;
}

function refusal(name: string, what: string, fix: string): UserError {
  return new UserError('E_REFUSED', `group ${name}: ${what}`, { where: `group ${name}`, fix });
}

export function unknownGroup(name: string): UserError {
  return new UserError('E_UNKNOWN_GROUP', `there is no group ${name}`, {
    where: 'group',
    fix: 'see `rampart status` for the groups there are',
  });
}
