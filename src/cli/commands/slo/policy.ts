import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../../errors.ts';
import { documentsIn, openSloContext } from '../../../runtime/documents.ts';
import { standaloneObjectives } from '../../../spec/openslo/read.ts';
import { documentText } from '../../../spec/text-file.ts';
import { durationText, percentText } from '../../../spec/unit-text.ts';
import { type ObjectivePolicyView, objectivePolicy } from '../../../views/slo-policy.ts';
import { action, type CommonOptions, withCommon } from '../../command.ts';
import { sloCommand } from '../../groups.ts';
import { exitCodes, print } from '../../output.ts';
import { requestsPerSecond } from '../../requests-per-second.ts';
import { table } from '../../table.ts';

/** `slo policy`: how soon the alerts of a document's objectives fire and resolve. Needs no controller. */
export function policyCommand(program: Command): void {
  withCommon(
    sloCommand(program)
      .command('policy <file>')
      .description(
        'print, for each objective of a document, how soon each alert on its budget fires and resolves, and what is wrong with it',
      )
      .option('--rps <number>', 'requests per second to reckon with'),
  ).action(
    action(async (file: string, options: CommonOptions & { rps?: string }) => {
      const rps = options.rps === undefined ? null : requestsPerSecond(options.rps);
      const text = await documentText(file);
      const specs = documentsIn(text, file, dirname(resolve(file)));
      const free = standaloneObjectives([{ file, text }], openSloContext).objectives;
      const services = [
        ...specs.map(({ name, objectives }) => ({ service: name, objectives })),
        ...free.map(({ name, service, objective }) => ({ service: service ?? name, objectives: [objective] })),
      ].map(({ service, objectives }) => ({
        service,
        objectives: objectives.map((objective) => objectivePolicy(objective, rps)),
      }));
      if (!services.some(({ objectives }) => objectives.length > 0))
        throw new UserError('E_INPUT', 'there is no objective in it', {
          where: file,
          fix: 'write spec.objectives, such as [ { name: availability, target: 99.9%, window: 30d } ]',
        });
      const texts = services.flatMap(({ service, objectives }) => objectives.map((one) => policyText(service, one)));
      print(options.json === true, { services }, texts.join('\n\n'));
      const isBroken = services.some(({ objectives }) =>
        objectives.some(({ findings }) => findings.some(({ level }) => level === 'error')),
      );
      return isBroken ? exitCodes.no : exitCodes.done;
    }),
  );
}

function policyText(service: string, view: ObjectivePolicyView): string {
  const { objective, targetPpm, windowMs, allowedMs, tiers, findings } = view;
  const lines = [
    `${service} ${objective}: ${percentText(targetPpm)} over ${durationText(windowMs)}; a full outage may last ${spanText(allowedMs)}`,
  ];
  if (tiers.length > 0) {
    const head = [
      '',
      'tells',
      'fires above',
      ...(tiers[0]?.at ?? []).map(({ ratio }) => `${percentText(ratio * 1_000_000)} bad`),
    ];
    const rows = tiers.map(({ tier, threshold, at }) => [
      `${tier.name}  ${percentText(tier.sharePpm)} of the budget in ${durationText(tier.longMs)} and ${durationText(tier.shortMs)}`,
      tier.tells,
      percentText(Math.round(threshold * 1_000_000)),
      ...at.map(({ detectMs, resetMs }) =>
        detectMs === null || resetMs === null ? '–' : `${spanText(detectMs)} / ${spanText(resetMs)}`,
      ),
    ]);
    lines.push(
      '',
      'until it fires / until it resolves once they have stopped',
      table([head, ...rows].map((row) => ['', ...row])),
    );
  }
  return [...lines, ...findings.map(({ level, text }) => `${level}: ${text}`)].join('\n');
}

/** To the second, above an hour to the minute. */
function spanText(ms: number): string {
  const unit = ms >= 3_600_000 ? 60_000 : 1_000;
  return durationText(Math.max(1_000, Math.round(ms / unit) * unit));
}
