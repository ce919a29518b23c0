import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { recordedIn } from '../../runtime/record.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { openLog, releaseOf } from '../log-file.ts';
import { exitCodes, print } from '../output.ts';

const pageSize = 200;

/** `audit`: walks the hash chain of the log from its first event, and shows what is on record. */
export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('the record of everything that happened');
  withCommon(audit.command('verify').description('walk the hash chain of the log and name the first broken link')).action(
    action(async (options: CommonOptions) => {
      const log = await openLog(options.data);
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
  withCommon(
    audit
      .command('show <service-or-release>')
      .description('print every record of a release as a line of JSON, with all its counts'),
  ).action(
    action(async (given: string, options: CommonOptions) => {
      const log = await openLog(options.data);
      try {
        const release = await releaseOf(log, given);
        let seq = 0;
        for (;;) {
          const page = await log.readRelease(release, seq, pageSize);
          for (const logged of page) print(true, { ...logged, data: recordedIn(logged) }, '');
          seq = page.at(-1)?.seq ?? seq;
          if (page.length < pageSize) break;
        }
        if (seq > 0) return exitCodes.done;
        throw new UserError('E_UNKNOWN_RELEASE', `there is no release ${release} on record`, {
          where: 'release',
          fix: 'see `rampart status` for the releases there are',
        });
      } finally {
        await log.close();
      }
    }),
  );
}
