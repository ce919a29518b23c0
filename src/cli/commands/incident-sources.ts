import type { Command } from 'commander';
import { alertSources } from '../../alert-sources/registry.ts';
import type { AlertSourcePlugin } from '../../alert-sources/source.ts';
import { serviceOf, urgencyOf } from '../../alerts/receive.ts';
import { lineOf, type Told, toldOf, type WireAlert } from '../../alerts/told.ts';
import { messageOf, UserError } from '../../errors.ts';
import { kinds } from '../../runtime/documents.ts';
import type { AlertSourceSpec } from '../../spec/alert-source.ts';
import { controllerDefaults } from '../../spec/controller.ts';
import { parseDocuments } from '../../spec/document.ts';
import { setupKinds } from '../../spec/incident-setup.ts';
import { documentText } from '../../spec/text-file.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { incidentsCommand } from '../groups.ts';
import { exitCodes, print } from '../output.ts';

type Options = CommonOptions & { body: string; source?: string; contentType: string };

/** What an alert of a body becomes. */
type Tried = Told & { readonly service: string | null; readonly urgency: string };

/** `incidents try-source`: what the body of a sender becomes by its document. It needs no controller and no secret. */
export function incidentSourceCommands(program: Command): void {
  withCommon(
    incidentsCommand(program)
      .command('try-source <file>')
      .description('print what a body becomes by an AlertSource document; exit code 1: some of it becomes no alert')
      .requiredOption('--body <file>', 'JSON as the program sends it')
      .option('--source <name>', 'name of the AlertSource document, where the file has several')
      .option('--content-type <type>', 'as the program says it: application/cloudevents-batch+json', 'application/json'),
  ).action(
    action(async (file: string, options: Options) => {
      const spec = sourceIn(await documentText(file), file, options.source);
      const plugin: AlertSourcePlugin | undefined = (alertSources as Readonly<Record<string, AlertSourcePlugin>>)[
        spec.sender.kind
      ];
      if (!plugin) throw new Error(`there is no kind of alert source ${spec.sender.kind}`);
      const json = jsonIn(await documentText(options.body), options.body);
      const read = plugin.read(spec.sender.config, { contentType: options.contentType, json });
      if ('problem' in read) throw new UserError('E_INPUT', read.problem, { where: options.body, fix: read.fix });
      const problems = [...read.problems];
      const alerts = read.alerts.flatMap((alert, index) => {
        const tried = triedOf(alert, spec);
        if (!('problem' in tried)) return [tried];
        problems.push(`alert ${index + 1}: ${tried.problem}`);
        return [];
      });
      const text = [
        `${spec.name} (${spec.sender.kind}): ${alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`}`,
        ...alerts.map(alertText),
        ...problems.map((problem) => `NOT TAKEN  ${lineOf(problem, 600)}`),
        ...read.notes,
      ].join('\n\n');
      print(options.json === true, { source: spec.name, kind: spec.sender.kind, alerts, problems, notes: read.notes }, text);
      return problems.length > 0 ? exitCodes.no : exitCodes.done;
    }),
  );
}

function sourceIn(text: string, file: string, name: string | undefined): AlertSourceSpec {
  const found = parseDocuments(text, file, setupKinds(kinds)).flatMap((document) =>
    document.kind === 'AlertSource' ? [document.value] : [],
  );
  const [first, second] = name === undefined ? found : found.filter((one) => one.name === name);
  if (first && !second) return first;
  const names = found.map((one) => one.name).join(', ');
  throw new UserError(
    'E_INPUT',
    first ? 'the file has several AlertSource documents' : 'the file has no such AlertSource document',
    {
      where: file,
      fix: names === '' ? 'see docs/guides/alert-sources.md for one' : `name one of them with --source: ${names}`,
    },
  );
}

function jsonIn(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError('E_INPUT', `the body is not JSON: ${messageOf(error)}`, {
      where: file,
      fix: 'give the body as it is sent',
    });
  }
}

function triedOf(alert: WireAlert, { name, labels }: AlertSourceSpec): Tried | { readonly problem: string } {
  const told = toldOf({ ...alert, labels: { ...alert.labels, ...labels } }, 'source', Date.now(), name);
  if ('problem' in told) return told;
  // Which services there are, a controller knows.
  const how = { ...controllerDefaults.receivedAlerts, isService: () => true };
  return { ...told, service: serviceOf(told, how), urgency: urgencyOf(told.labels, how) };
}

function alertText({ key, name, isOver, service, urgency, said, startsAtMs, labels, annotations, url }: Tried): string {
  const pairs = (all: Readonly<Record<string, string>>): string =>
    Object.entries(all)
      .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
      .join(' ');
  return [
    `${isOver ? 'OVER' : 'FIRING'}  ${name}  (${urgency})`,
    `  says         ${said}`,
    `  known by     ${key}`,
    ...(service === null ? [] : [`  service      ${service}, where there is one of this name`]),
    ...(startsAtMs === null ? [] : [`  since        ${new Date(startsAtMs).toISOString()}`]),
    `  labels       ${pairs(labels)}`,
    ...(Object.keys(annotations).length === 0 ? [] : [`  annotations  ${pairs(annotations)}`]),
    ...(url === null ? [] : [`  more at      ${url}`]),
  ].join('\n');
}
