import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { dataFolder } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { exitCodes, print } from '../output.ts';

/** `audit verify`: walks the hash chain of the log from its first event. */
export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('the record of everything that happened');
  withCommon(audit.command('verify').description('walk the hash chain of the log and name the first broken link')).action(
    action(async (options: CommonOptions) => {
      const file = join(dataFolder(options.data), 'log.db');
      if (!existsSync(file))
        throw new UserError('E_LOG_UNAVAILABLE', `there is no log at ${file}`, {
          where: file,
          fix: 'name the data folder with --data',
        });
      const log = await openSqliteLog(file, { verifyTail: 0 });
      try {
        const report = await log.verify();
        const text =
          report.kind === 'intact'
            ? `intact: ${report.events} events, head ${report.head}`
            : `broken at event ${report.seq}: ${report.reason}`;
        print(options.json === true, report, text);
        return report.kind === 'intact' ? exitCodes.done : exitCodes.no;
      } finally {
        await log.close();
      }
    }),
  );
}
