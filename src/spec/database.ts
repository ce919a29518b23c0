import { z } from 'zod';
import { byKey } from './choice.ts';
import { call, command } from './hook.ts';
import { line, postgres } from './postgres.ts';
import { evenIfBroken } from './strategy.ts';
import type { DatabasePolicy, Hook, HookAction, Migration } from './types.ts';
import { uniqueNames } from './unique-names.ts';
import { duration } from './units.ts';

const migrationsMax = 50;

const timeout = duration({ minMs: 1, maxMs: 86_400_000 }).prefault('10m').describe('How long one attempt may take.');
const attempts = z.int().min(1).max(10).default(1).describe('How often it is tried before the release goes back.');
const folder = line
  .max(4_000)
  .optional()
  .meta({
    description: 'Folder of the backups, from the one of the document; default: `backups` in the data folder.',
    examples: ['/var/backups/shop'],
  });

const backup = byKey('a backup', {
  pgDump: z.strictObject({
    pgDump: z.literal(true).describe('Dumps the database of `postgres`, and checks that `pg_restore` can read all of it.'),
    folder,
    timeout,
    attempts,
  }),
  command: z.strictObject({
    command: command.describe('Writes the backup to the file that RAMPART_BACKUP names.'),
    check: command
      .optional()
      .describe('Ends with 0 when the backup can be restored. Default: it is a file that is not empty, and nobody looks inside.'),
    restore: command.optional().describe('Puts the backup back, for `onRollback: restore`.'),
    folder,
    timeout,
    attempts,
  }),
});

const migration = z
  .strictObject({
    name: line.describe('What it does, for people; unique in the list.'),
    up: call.describe('Applies it. It may run twice: a controller that dies has it run again.'),
    down: call.optional().describe('Undoes it. It may run twice, and also where `up` has failed half-way.'),
    status: call
      .optional()
      .describe('Whether it is applied: ends with 0 (or its status) when it is, with 1 (or 404) when not; all else: not known.'),
    irreversible: z
      .boolean()
      .default(false)
      .describe('It cannot be undone: past it a release that goes back is held for people, and nothing is migrated down.'),
    timeout,
    attempts,
  })
  .superRefine(({ down, irreversible }, context) => {
    if (down && irreversible)
      context.addIssue({
        code: 'custom',
        message: 'an irreversible migration has no down: leave one of them out',
        path: ['down'],
      });
  })
  .transform(
    ({ name, up, down, status, irreversible, timeout, attempts }): Migration => ({
      name,
      up,
      down: down ?? null,
      status: status ?? null,
      irreversible,
      timeoutMs: timeout,
      attempts,
    }),
  );

/** What a release does with the database. */
export const database = z
  .strictObject({
    postgres: postgres.optional().describe('The database, for `pgDump`; all programs of this part find it in PGHOST and so on.'),
    backup: backup.optional().describe('Before the migrations: `pgDump` or `command`.'),
    migrations: z
      .array(migration)
      .max(migrationsMax)
      .superRefine(uniqueNames('migration'), { when: evenIfBroken })
      .default([])
      .describe('Changes of the database, in this order, after the backup and before the candidate is started.'),
    onRollback: z
      .enum(['down', 'restore'])
      .default('down')
      .describe(
        'A rollback migrates down, the last migration first, or restores the backup: what was written since is lost then.',
      ),
    compatible: z
      .boolean()
      .default(true)
      .describe(
        'Whether the stable version works with the migrated database, too (expand and contract). `false`: past an irreversible migration no traffic goes back by itself.',
      ),
  })
  .superRefine((given, context) => {
    const refuse = (message: string, ...path: (string | number)[]) => context.addIssue({ code: 'custom', message, path });
    const { postgres, backup, migrations, onRollback } = given;
    if (!backup && migrations.length === 0) refuse('expected backup, migrations, or both');
    if (backup && 'pgDump' in backup && !postgres)
      refuse('expected postgres beside it, which says what to dump', 'backup', 'pgDump');
    if (onRollback === 'restore') {
      if (!backup) refuse('expected backup beside it: there is nothing to restore', 'onRollback');
      else if ('command' in backup && !backup.restore)
        refuse('expected restore in the backup, which says how to put it back', 'onRollback');
      return;
    }
    for (const [index, { down, irreversible }] of migrations.entries())
      if (!down && !irreversible)
        refuse('expected down, or irreversible: true, or onRollback: restore beside the migrations', 'migrations', index);
  })
  .transform(({ postgres, backup, migrations, onRollback, compatible }): DatabasePolicy => {
    const hook = (name: string, action: HookAction, part: { timeout: number; attempts: number }): Hook => ({
      name,
      action,
      timeoutMs: part.timeout,
      attempts: part.attempts,
      compensate: null,
      ...(postgres ? { connection: postgres } : {}),
    });
    const folder = backup?.folder ?? null;
    const own = backup && 'command' in backup ? backup : null;
    return {
      connection: postgres ?? null,
      backup:
        backup === undefined
          ? null
          : hook('backup', { kind: 'backup', command: own?.command ?? null, check: own?.check ?? null, folder }, backup),
      migrations,
      onRollback,
      restore:
        backup && onRollback === 'restore'
          ? hook('restore', { kind: 'restore', command: own?.restore ?? null, folder }, backup)
          : null,
      compatible,
    };
  });
