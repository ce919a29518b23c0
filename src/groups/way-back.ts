import type { MemberRequest } from './types.ts';

/**
 * The members that could not go back with the others, in one sentence each: past an irreversible migration their stable version does not
 * work, so that people and not a group have to decide whether it gets traffic again.
 */
export function wayBackProblems(members: readonly MemberRequest[]): readonly string[] {
  return members.flatMap(({ service, spec, version, before }) => {
    const { database } = spec.release;
    if (before === null || before === version || database?.compatible !== false) return [];
    const [name] = database.migrations.filter(({ irreversible }) => irreversible).map((migration) => migration.name);
    if (name === undefined) return [];
    return [`${service} could not go back with the others: ${name} cannot be undone, and ${before} does not work past it`];
  });
}
