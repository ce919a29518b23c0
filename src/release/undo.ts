import type { DatabasePolicy, Hook, Migration } from '../spec/types.ts';
import type { Plan, ReleaseState, Step } from './types.ts';

/** A step that changes or saves the database: it comes before the candidate is started. */
export type DatabaseStep = Extract<Step, { kind: 'backup' | 'migrate' }>;

/** The steps of a release that come before its candidate is started. */
export function databaseSteps(database: DatabasePolicy | undefined): readonly DatabaseStep[] {
  if (!database) return [];
  const backup: readonly DatabaseStep[] = database.backup ? [{ kind: 'backup', hook: database.backup }] : [];
  return [...backup, ...database.migrations.map((migration) => migrateStep(migration, database))];
}

function migrateStep(migration: Migration, { connection, restore }: DatabasePolicy): DatabaseStep {
  const { name, up, down, status, timeoutMs, irreversible } = migration;
  const hook = (called: string, action: Hook['action'], attempts = 1): Hook => ({
    name: called,
    action,
    timeoutMs,
    attempts,
    compensate: null,
    ...(connection ? { connection } : {}),
  });
  const onlyIf = (applied: boolean): Pick<Hook, 'onlyIf'> => (status ? { onlyIf: { applied, status } } : {});
  const wayBack = restore ?? (down && hook(`migrate down ${name}`, down));
  return {
    kind: 'migrate',
    name,
    hook: { ...hook(`migrate ${name}`, up, migration.attempts), ...onlyIf(false) },
    status: status && hook(`status of ${name}`, { kind: 'status', ask: status }),
    // Also where the backup is put back: what users have written since is not to be lost for a migration that changed nothing.
    undo: irreversible || !wayBack ? null : { ...wayBack, ...onlyIf(true) },
  };
}

export function isOfDatabase(step: Step | undefined): step is DatabaseStep {
  return step?.kind === 'backup' || step?.kind === 'migrate';
}

/** Whether a step comes before the candidate is started: what is asked of a checklist first, then the database. */
export function isBeforeStart(step: Step | undefined): boolean {
  return isOfDatabase(step) || (step?.kind === 'gate' && step.first === true);
}

/** Index of the first step that needs the candidate. */
export function firstWithCandidate({ steps }: Plan): number {
  return steps.findIndex((step) => !isBeforeStart(step));
}

/** Whether a release is at its first checklist or its database still: nothing of its candidate runs. */
export function isBeforeCandidate({ phase, plan }: ReleaseState): boolean {
  return (phase.kind === 'stepping' || phase.kind === 'held') && isBeforeStart(plan.steps[phase.step]);
}

/** Whether it only asks so far, and nothing at all of it has begun. */
export function isUntouched({ phase, plan, compensate }: ReleaseState): boolean {
  if (phase.kind !== 'stepping' && phase.kind !== 'held') return false;
  const step = plan.steps[phase.step];
  return compensate.length === 0 && step?.kind === 'gate' && step.first === true;
}

/**
 * The migration that an abort waits for: the database would go on with what it was told last, whatever becomes of the program, and no
 * traffic is at stake. null: there is none, or it was aborted once already.
 */
export function awaitedMigration({ phase, plan }: ReleaseState): string | null {
  if (phase.kind !== 'stepping' || phase.part.kind !== 'running' || phase.part.attempt === 0 || phase.part.thenBack) return null;
  const step = plan.steps[phase.step];
  return step?.kind === 'migrate' ? step.name : null;
}

/** What undoes a step that has run or was cut off; null when nothing does. */
export function undoOf(step: Step | undefined): Hook | null {
  if (step?.kind === 'migrate') return step.undo;
  if (step?.kind !== 'hook' || step.hook.compensate === null) return null;
  return { ...step.hook, name: `undo ${step.hook.name}`, action: step.hook.compensate, compensate: null };
}

/** Whether a rollback has to know that a step has begun: something undoes it, or nothing ever can. */
export function leavesTraces(step: Step | undefined): boolean {
  return step?.kind === 'migrate' || undoOf(step) !== null;
}

/** The steps of hooks that are to be undone, and those of the database, each in the order they ran. */
export function undoneBy(release: ReleaseState, what: 'hooks' | 'database'): readonly number[] {
  return release.compensate.filter((index) => isOfDatabase(release.plan.steps[index]) === (what === 'database'));
}

/** What is left to undo once a step is undone: a backup that is restored takes everything in the database back. */
export function leftAfter(release: ReleaseState, index: number): readonly number[] {
  const isWhole = undoOf(release.plan.steps[index])?.action.kind === 'restore';
  return isWhole ? undoneBy(release, 'hooks') : release.compensate.filter((other) => other !== index);
}

/** The irreversible migrations that have begun; past the first there is no way back for the database. */
export function irreversibles({ compensate, plan }: ReleaseState): readonly string[] {
  return compensate.flatMap((index) => {
    const step = plan.steps[index];
    return step?.kind === 'migrate' && step.undo === null ? [step.name] : [];
  });
}

/**
 * The question whether the irreversible migration that was cut off or has failed did anything; null when that is known, or nobody can
 * be asked. Steps of the database are the first of a plan, so `stepsDone` tells which of them have ended.
 */
export function openQuestion({ compensate, plan, stepsDone }: ReleaseState): Hook | null {
  const index = compensate.at(-1) ?? -1;
  const step = plan.steps[index];
  return step?.kind === 'migrate' && step.undo === null && index >= stepsDone ? step.status : null;
}

/** Why people have to decide, in words without a full stop. */
export function pastReturnText(release: ReleaseState): string {
  return `${irreversibles(release).join(', ')} cannot be undone, so nothing is migrated down: people have to decide`;
}
