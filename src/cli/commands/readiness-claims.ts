import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { messageOf, UserError } from '../../errors.ts';
import { evidenceBytesMax } from '../../runtime/readiness/evidence-files.ts';
import { durationMs } from '../../spec/unit-text.ts';
import type { ReportJson } from '../../views/readiness/json.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { momentMs } from '../moment.ts';
import { print } from '../output.ts';
import { dayText } from '../table.ts';

type Of = CommonOptions & { readonly checklist?: string };

/** `confirm`, `exempt` and `sign`: what people say about the readiness of a service. */
export function readinessClaimCommands(program: Command): void {
  withCommon(
    program
      .command('confirm <service> <item>')
      .description('confirm an item of the checklist, with what proves it; it holds as long as the checklist says')
      .option('--evidence <address|file>', 'what proves it')
      .option('--comment <text>', 'for whoever reads the report')
      .option('--checklist <name>', 'default: that of the service')
      .option('--withdraw', 'take the confirmation back'),
  ).action(
    action(async (service: string, item: string, options: Of & { evidence?: string; comment?: string; withdraw?: boolean }) => {
      const api = await controllerOf(options.data);
      const of = placeOf(service);
      if (options.withdraw) {
        await api.delete(`${of}/confirmations/${encodeURIComponent(item)}?${queryOf(options, api.by, options.comment)}`);
        print(options.json === true, { item, confirmed: false }, `${item} is not confirmed any more`);
        return;
      }
      const { evidence, comment } = options;
      const proof = evidence === undefined ? {} : await proofOf(evidence);
      await api.post(`${of}/confirmations`, {
        item,
        ...proof,
        ...(comment === undefined ? {} : { comment }),
        ...bodyOf(options, api.by),
      });
      print(options.json === true, { item, confirmed: true }, `${item} is confirmed`);
    }),
  );
  withCommon(
    program
      .command('exempt <service> <item>')
      .description('let an item be absent for a while; the release is then ready with risks')
      .option('--reason <text>', 'why it need not be there')
      .option('--until <time>', 'first moment at which it counts again: 2026-12-31, or in 30d')
      .option('--checklist <name>', 'default: that of the service')
      .option('--end', 'end the exemption'),
  ).action(
    action(async (service: string, item: string, options: Of & { reason?: string; until?: string; end?: boolean }) => {
      const api = await controllerOf(options.data);
      const of = placeOf(service);
      if (options.end) {
        await api.delete(`${of}/exemptions/${encodeURIComponent(item)}?${queryOf(options, api.by, options.reason)}`);
        print(
          options.json === true,
          { item, exempt: false },
          `${item} is exempt no more, unless the document of the service says so`,
        );
        return;
      }
      const { reason, until } = options;
      if (reason === undefined || until === undefined)
        throw new UserError('E_INPUT', `an exemption needs ${reason === undefined ? 'a reason' : 'an end'}`, {
          where: reason === undefined ? '--reason' : '--until',
          fix: 'such as --reason "moves to the new cluster" --until 2026-12-31',
        });
      const forMs = durationMs(until);
      const untilMs = forMs === undefined ? momentMs(until, '--until', Date.now()) : Date.now() + forMs;
      await api.post(`${of}/exemptions`, { item, reason, untilMs, ...bodyOf(options, api.by) });
      print(options.json === true, { item, exempt: true, untilMs }, `${item} need not be there until ${dayText(untilMs)}`);
    }),
  );
  withCommon(
    program
      .command('sign <service>')
      .description('sign the readiness report as it is now; whatever changes in it voids the signature')
      .requiredOption('--role <role>', 'for whom: development, devops, security, product, or what the checklist says')
      .option('--hash <sha256>', 'of the report that was read; without it that of now is signed')
      .option('--comment <text>', 'beside the signature')
      .option('--checklist <name>', 'default: that of the service')
      .option('--version <version>', 'default: the candidate of the release under way, else the stable version'),
  ).action(
    action(async (service: string, options: Of & { role: string; hash?: string; comment?: string; version?: string }) => {
      const api = await controllerOf(options.data);
      const of = placeOf(service);
      const { role, comment, version } = options;
      const query = queryOf(options, undefined, undefined);
      if (version !== undefined) query.set('version', version);
      const { report } = await api.get<{ report: ReportJson }>(`${of}?${query}`);
      const hash = options.hash ?? report.hash;
      await api.post(`${of}/signoffs`, {
        role,
        hash,
        ...(comment === undefined ? {} : { comment }),
        ...(version === undefined ? {} : { version }),
        ...bodyOf(options, api.by),
      });
      print(
        options.json === true,
        { role, hash, verdict: report.verdict, score: report.score },
        `signed for ${role}: ${service} ${report.version ?? ''} ${report.verdict.replaceAll('-', ' ')}, score ${report.score ?? '–'} (${hash.slice(0, 12)})`,
      );
    }),
  );
}

function placeOf(service: string): string {
  return `/services/${encodeURIComponent(service)}/readiness`;
}

function bodyOf({ checklist }: Of, by: string | undefined) {
  return { ...(checklist === undefined ? {} : { checklist }), ...(by === undefined ? {} : { by }) };
}

function queryOf(of: Of, by: string | undefined, why: string | undefined): URLSearchParams {
  return new URLSearchParams({ ...bodyOf(of, by), ...(why === undefined ? {} : { why }) });
}

/** An address, or a file with what is in it. */
async function proofOf(given: string) {
  if (/^https?:\/\//i.test(given)) return { link: given };
  const wrong = (what: string, cause?: unknown) =>
    new UserError('E_EVIDENCE', what, { where: given, fix: 'name a file that is there, or an address', cause });
  let bytes: Buffer;
  try {
    bytes = await readFile(given);
  } catch (error) {
    throw wrong(`it cannot be read: ${messageOf(error)}`, error);
  }
  if (bytes.length > evidenceBytesMax) throw wrong(`it has more than ${evidenceBytesMax} bytes`);
  return { file: { name: basename(given), base64: bytes.toString('base64') } };
}
