import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { systemCode, UserError } from '../../errors.ts';
import { type ExportReport, exportLines, verifyExport } from '../../runtime/log-export.ts';
import { recordedIn } from '../../runtime/record.ts';
import type { AuditEntry } from '../../server/read-model/audit/entry.ts';
import type { ChainReport } from '../../stores/log.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { environment } from '../environment.ts';
import { openLog, releaseOf } from '../log-file.ts';
import { exitCodes, print } from '../output.ts';
import { dayText, table } from '../table.ts';
import { moreText, optionalMoment, queryOf } from './releases.ts';

const pageSize = 200;

type ListOptions = CommonOptions & {
  readonly service?: string;
  readonly actor?: string;
  readonly kind?: string;
  readonly after?: string;
  readonly before?: string;
  readonly cursor?: string;
  readonly limit: string;
};

/** `audit`: who did what, and whether the record of it is whole. */
export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('the record of everything that happened');
  verifyCommand(audit);
  listCommand(audit);
  exportCommand(audit);
  showCommand(audit);
}

/** Without a controller too: whoever has the log or an export of it can check it. */
function verifyCommand(audit: Command): void {
  withCommon(
    audit
      .command('verify [export]')
      .description('walk the hash chain of the log, or of an exported file, and name the first broken link'),
  ).action(
    action(async (file: string | undefined, options: CommonOptions) => {
      const report = file === undefined ? await verifiedLog(options) : await verifiedFile(file);
      print(options.json === true, report, reportText(report));
      return report.kind === 'intact' ? exitCodes.done : exitCodes.no;
    }),
  );
}

async function verifiedLog(options: CommonOptions): Promise<ChainReport> {
  if (isElsewhere(options)) {
    const api = await controllerOf(options.data);
    // Not with `get`: a long log takes longer than any other answer.
    let answer = '';
    for await (const part of api.text('/audit/verify')) answer += part;
    return JSON.parse(answer) as ChainReport;
  }
  const log = await openLog(options.data);
  try {
    return await log.verify();
  } finally {
    await log.close();
  }
}

async function verifiedFile(file: string): Promise<ExportReport> {
  try {
    return await verifyExport(createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }));
  } catch (error) {
    throw new UserError('E_INPUT', `cannot read ${file}: ${systemCode(error) ?? 'it is no export'}`, {
      where: file,
      fix: 'name a file that `rampart audit export` has made',
      cause: error,
    });
  }
}

function reportText(report: ChainReport | ExportReport): string {
  if (report.kind === 'broken') {
    const place =
      'line' in report ? `line ${report.line}${report.seq === null ? '' : ` (event ${report.seq})`}` : `event ${report.seq}`;
    return `broken at ${place}: ${report.reason}`;
  }
  if (!('hidden' in report)) return `intact: ${counted(report.events, 'event', 'events')}, head ${report.head}`;
  const head = report.head === null ? '' : `, head ${report.head.seq} ${report.head.hash}`;
  const more = [
    report.gaps > 0 ? `events are left out in ${counted(report.gaps, 'place', 'places')}` : '',
    report.hidden > 0
      ? `${counted(report.hidden, 'event has', 'events have')} a secret left out: checked in full only where the log is`
      : '',
  ].filter((text) => text !== '');
  return [`intact: ${counted(report.events, 'event', 'events')}${head}`, ...more].join('\n');
}

function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

function listCommand(audit: Command): void {
  withCommon(
    audit
      .command('list')
      .description('who asked for what, newest first')
      .option('--service <service>', 'only what is about this service')
      .option('--actor <name>', 'who did it')
      .option('--kind <kind>', 'requested, verb, signed-in, token-added and so on')
      .option('--after <time>', 'at this time or later: 2026-05-01, 7d (ago)')
      .option('--before <time>', 'before this time')
      .option('--cursor <cursor>', 'go on where the list before ended')
      .option('--limit <count>', 'how many, up to 200', '50'),
  ).action(
    action(async (options: ListOptions) => {
      const { service, actor, kind, cursor, limit } = options;
      const api = await controllerOf(options.data);
      const after = optionalMoment(options.after, '--after');
      const before = optionalMoment(options.before, '--before');
      const query = queryOf({ service, actor, kind, after, before, cursor, limit });
      const answer = await api.get<{ entries: readonly AuditEntry[]; next: string | null }>(`/audit${query}`);
      print(options.json === true, answer, entriesText(answer.entries, answer.next));
      return undefined;
    }),
  );
}

function entriesText(entries: readonly AuditEntry[], next: string | null): string {
  if (entries.length === 0) return 'no entry that fits';
  const rows = entries.map(({ seq, at, actor, kind, service, release, subject, why, from, said, before, after }) => [
    String(seq),
    dayText(at),
    actor,
    from === null ? '' : `${from.address} ${from.via}`,
    kind === 'verb' ? (subject ?? kind) : kind,
    release ?? objectiveIn(kind, subject) ?? service ?? nameIn(after) ?? nameIn(before) ?? subject ?? '',
    said ?? why,
  ]);
  return `${table(rows)}${moreText(next)}`;
}

/** The objective that was changed: that of a service says more than the service. */
function objectiveIn(kind: string, subject: string | null): string | null {
  return kind.startsWith('objective-') || kind.startsWith('correction-') ? subject : null;
}

/** What a token is called: the record is about its id, which nobody knows by heart. */
function nameIn(side: unknown): string | null {
  return typeof side === 'object' && side !== null && 'name' in side && typeof side.name === 'string' ? side.name : null;
}

function exportCommand(audit: Command): void {
  withCommon(
    audit
      .command('export')
      .description('print every record as a line of JSON that can be verified elsewhere, secrets left out')
      .option('--service <service>', 'only records of this service')
      .option('--after <time>', 'of this time or later: 2026-05-01, 7d (ago)'),
  ).action(
    action(async (options: CommonOptions & { readonly service?: string; readonly after?: string }) => {
      const { service } = options;
      const after = optionalMoment(options.after, '--after');
      if (isElsewhere(options)) {
        const api = await controllerOf(options.data);
        await printAll(api.text(`/audit/export${queryOf({ service, after })}`));
        return undefined;
      }
      const log = await openLog(options.data);
      try {
        const stream = service === undefined ? null : `service/${service}`;
        if (stream !== null && !(await log.streams()).includes(stream))
          throw new UserError('E_UNKNOWN_SERVICE', `there is no service ${service} on record`, {
            where: '--service',
            fix: 'see `rampart status` for the services there are',
          });
        await printAll(exportLines(log, (logged) => logged.at >= (after ?? 0) && (stream ?? logged.stream) === logged.stream));
        return undefined;
      } finally {
        await log.close();
      }
    }),
  );
}

/** As fast as it is taken: an export may be larger than memory. */
async function printAll(parts: AsyncIterable<string>): Promise<void> {
  for await (const part of parts) if (!process.stdout.write(part)) await once(process.stdout, 'drain');
}

function showCommand(audit: Command): void {
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

/** Whether the log is on another machine: then its controller is asked. A data folder that is named is here. */
function isElsewhere(options: CommonOptions): boolean {
  return options.data === undefined && environment.url !== undefined && environment.url !== '';
}
