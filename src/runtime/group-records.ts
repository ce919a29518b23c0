import { UserError } from '../errors.ts';
import { decide, newGroup } from '../groups/decide.ts';
import type { GroupEvent, GroupRelease, GroupState } from '../groups/types.ts';
import type { EventLog, LoggedEvent, NewEvent } from '../stores/log.ts';

const groupPrefix = 'group/';
const pageSize = 500;

/** What the log keeps of one event of a group. */
export type GroupRecorded = {
  /** The release of the group that it belongs to. */
  readonly id: string | null;
  readonly event: GroupEvent;
  readonly said: string | null;
  readonly phase: string | null;
};

/** Name of a group's stream in the log. */
export function groupStream(name: string): string {
  return `${groupPrefix}${name}`;
}

/** `begins`: the version of the record that asked for each release that is remembered. */
type Kept = { readonly state: GroupState; readonly version: number; readonly begins: ReadonlyMap<string, number> };

/** The one writer to the streams of groups: each state is exactly the fold of what is on record. Not to be called twice at once. */
export class GroupRecords {
  readonly #log: EventLog;
  readonly #token: number;
  readonly #groups = new Map<string, Kept>();
  /** Groups of which the log may have more than was folded: after an append whose answer was an error. */
  readonly #doubtful = new Set<string>();

  private constructor(log: EventLog, token: number) {
    this.#log = log;
    this.#token = token;
  }

  /**
   * Folds every group.
   *
   * @param token - The controller's token of the log.
   */
  static async open(log: EventLog, token: number): Promise<GroupRecords> {
    const records = new GroupRecords(log, token);
    for (const stream of await log.streams())
      if (stream.startsWith(groupPrefix)) await records.#load(stream.slice(groupPrefix.length));
    return records;
  }

  /** Every group as it is now, by name. */
  get groups(): readonly GroupState[] {
    return [...this.#groups.values()].map(({ state }) => state).sort((a, b) => a.name.localeCompare(b.name));
  }

  group(name: string): GroupState | undefined {
    return this.#groups.get(name)?.state;
  }

  /** Records of a release of a group after `afterSeq`, oldest first. */
  async timeline(name: string, id: string, afterSeq: number, limit: number): Promise<readonly LoggedEvent[]> {
    const found: LoggedEvent[] = [];
    let version = (this.#groups.get(name)?.begins.get(id) ?? Number.POSITIVE_INFINITY) - 1;
    while (Number.isFinite(version) && found.length < limit) {
      const page = await this.#log.read(groupStream(name), version, pageSize);
      const own = page.filter(({ data }) => (data as GroupRecorded).id === id);
      found.push(...own.filter(({ seq }) => seq > afterSeq));
      version += page.length;
      if (page.length < pageSize || own.length < page.length) break;
    }
    return found.slice(0, limit);
  }

  /** Puts events on record, then takes them as happened. Answers what they changed, in one sentence. */
  async add(name: string, events: readonly GroupEvent[]): Promise<string | null> {
    if (this.#doubtful.has(name)) await this.#load(name);
    let kept = this.#groups.get(name) ?? { state: newGroup(name), version: 0, begins: new Map() };
    const expectedVersion = kept.version;
    const said: string[] = [];
    const records: NewEvent[] = [];
    for (const event of events) {
      const decision = decide(kept.state, event);
      const { state } = decision;
      if (state === kept.state) continue;
      kept = after(kept, event);
      if (decision.said !== null) said.push(decision.said);
      const release = state.live ?? state.ended[0] ?? null;
      const data: GroupRecorded = { id: release?.id ?? null, event, said: decision.said, phase: phaseOf(release) };
      const actor = event.kind === 'requested' || event.kind === 'aborted' ? event.by : `group ${name}`;
      records.push({ at: event.at, kind: event.kind, release: null, actor: actor.toWellFormed(), data });
    }
    if (records.length === 0) return null;
    const stream = groupStream(name);
    this.#doubtful.add(name);
    const [result] = await this.#log.append(this.#token, [{ stream, expectedVersion, events: records }]);
    if (result?.kind !== 'appended') {
      await this.#load(name);
      throw new UserError('E_LOG_FAILING', `the record of group ${name} is ahead of what was known`, {
        where: 'log',
        fix: 'try again',
      });
    }
    this.#doubtful.delete(name);
    this.#groups.set(name, kept);
    return said.length > 0 ? said.join('; ') : null;
  }

  async #load(name: string): Promise<void> {
    let kept: Kept = { state: newGroup(name), version: 0, begins: new Map() };
    for (;;) {
      const page = await this.#log.read(groupStream(name), kept.version, pageSize);
      for (const { data } of page) kept = after(kept, (data as GroupRecorded).event);
      if (page.length < pageSize) break;
    }
    this.#doubtful.delete(name);
    if (kept.version > 0) this.#groups.set(name, kept);
  }
}

function after({ state, version, begins }: Kept, event: GroupEvent): Kept {
  const next = decide(state, event).state;
  if (event.kind !== 'requested') return { state: next, version: version + 1, begins };
  const known = [...begins].filter(([id]) => next.ended.some((ended) => ended.id === id));
  return { state: next, version: version + 1, begins: new Map([...known, [event.id, version + 1]]) };
}

/** The state of a release of a group, or how it ended. */
function phaseOf(release: GroupRelease | null): string | null {
  if (!release) return null;
  return release.phase.kind === 'ended' ? release.phase.outcome : release.phase.kind;
}
