import {
  type GroupOutcome,
  type GroupPhase,
  type GroupRelease,
  type GroupState,
  groupOutcomes,
  type Member,
} from '../groups/types.ts';

/** States of a release of a group that has not ended. */
export const liveGroupPhases = ['gathering', 'promoting', 'finishing', 'rolling-back'] as const;
export const groupPhases = [...liveGroupPhases, ...groupOutcomes] as const;
export type GroupPhaseName = (typeof groupPhases)[number];

/** Where a member stands, in a word. */
export const memberStates = [
  'skipped',
  'waiting',
  'releasing',
  'ready',
  'promoting',
  'promoted',
  'baked',
  'finishing',
  'stable',
  'going-back',
  'back',
  'not-back',
] as const;
export type MemberStateName = (typeof memberStates)[number];

/** A group as people and programs see it. Times are unix milliseconds. */
export type GroupView = {
  readonly name: string;
  readonly live: GroupReleaseView | null;
  /** The last releases that ended, newest first. */
  readonly ended: readonly GroupReleaseView[];
};

export type GroupReleaseView = {
  readonly id: string;
  readonly group: string;
  readonly by: string;
  readonly why: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly state: GroupPhaseName;
  /** What it does or waits for, or how it ended, in one sentence. */
  readonly doing: string;
  /** The one verdict: `pass` once every member waits at its barrier and passes, `fail` once it goes back; null before. */
  readonly verdict: 'pass' | 'fail' | null;
  /** Why it goes or went back: the member that it began with (null: a person), and one sentence. */
  readonly cause: { readonly service: string | null; readonly sentence: string } | null;
  readonly outcome: GroupOutcome | null;
  /** In their order. */
  readonly members: readonly MemberView[];
};

export type MemberView = {
  readonly service: string;
  readonly version: string;
  /** The version that was stable before; null: none. */
  readonly before: string | null;
  readonly after: readonly string[];
  readonly state: MemberStateName;
  /** Id of the member's release, or of the one that brings its version before back; null where there is none to look at. */
  readonly release: string | null;
};

/** The view of a group. */
export function groupView({ name, live, ended }: GroupState): GroupView {
  return { name, live: live && groupReleaseView(name, live), ended: ended.map((release) => groupReleaseView(name, release)) };
}

/** The view of one release of a group. */
export function groupReleaseView(name: string, release: GroupRelease): GroupReleaseView {
  const { phase, members } = release;
  const cause = 'cause' in phase ? phase.cause : null;
  return {
    id: release.id,
    group: name,
    by: release.by,
    why: release.why,
    startedAtMs: release.requestedAtMs,
    endedAtMs: phase.kind === 'ended' ? phase.atMs : null,
    state: phase.kind === 'ended' ? phase.outcome : phase.kind,
    doing: doing(phase, members),
    verdict: cause ? 'fail' : phase.kind === 'gathering' ? null : 'pass',
    cause,
    outcome: phase.kind === 'ended' ? phase.outcome : null,
    members: members.map((member) => ({
      service: member.service,
      version: member.version,
      before: member.before,
      after: member.after,
      state: memberState(member),
      release: 'release' in member.sight ? member.sight.release : null,
    })),
  };
}

function doing(phase: GroupPhase, members: readonly Member[]): string {
  const left = (...done: readonly MemberStateName[]): string =>
    members
      .filter((member) => ![...done, 'skipped'].includes(memberState(member)))
      .map(({ service }) => service)
      .join(', ');
  switch (phase.kind) {
    case 'gathering':
      return `releases until all wait before all traffic; not there yet: ${left('ready') || 'none, but the guard has not passed all'}`;
    case 'promoting':
      return `gives all traffic in order and watches it; not there yet: ${left('baked') || 'none, but the guard has not passed all'}`;
    case 'finishing':
      return `all become stable; not there yet: ${left('stable') || 'none'}`;
    case 'rolling-back':
      return `all go back: ${phase.cause.sentence}; not there yet: ${left('back', 'waiting', 'not-back') || 'none'}`;
    case 'ended':
      return phase.sentence;
  }
}

function memberState({ skipped, sight }: Member): MemberStateName {
  if (skipped) return 'skipped';
  switch (sight.kind) {
    case 'absent':
      return 'waiting';
    case 'moving':
      return 'releasing';
    case 'restoring':
      return 'going-back';
    case 'gone':
    case 'restored':
      return 'back';
    case 'not-restored':
      return 'not-back';
    case 'ready':
    case 'promoting':
    case 'promoted':
    case 'baked':
    case 'finishing':
    case 'stable':
    case 'going-back':
      return sight.kind;
  }
}
