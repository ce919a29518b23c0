import type { Command } from 'commander';
import type { Alert } from '../../alerts/types.ts';
import { spanText } from '../../analysis/wording.ts';
import type { AlertmanagerStatus } from '../../runtime/alerts/alert-outbox.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { exitCodes, print } from '../output.ts';
import { dayText } from '../table.ts';

/** `alerts`: what somebody has to know of. */
export function alertsCommand(program: Command): void {
  withCommon(
    program
      .command('alerts')
      .description('print what fires, since when, why, and which release it comes from; exit code 1 while something fires')
      .argument('[service]', 'only those of a service')
      .option('--all', 'also those that have ended'),
  ).action(
    action(async (service: string | undefined, options: CommonOptions & { all?: boolean }) => {
      const api = await controllerOf(options.data);
      const query = new URLSearchParams({ state: options.all ? 'all' : 'open', ...(service === undefined ? {} : { service }) });
      const answer = await api.get<{ alerts: readonly Alert[] }>(`/alerts?${query}`);
      const { alertmanagers } = await api.get<{ alertmanagers: readonly AlertmanagerStatus[] }>('/alertmanagers');
      const { alerts } = answer;
      const nothing = service === undefined ? 'no alert' : `no alert of ${service}`;
      const text = alerts.map((alert) => alertText(alert, Date.now())).join('\n\n') || nothing;
      print(options.json === true, { ...answer, alertmanagers }, [text, ...alertmanagers.flatMap(undeliveredText)].join('\n\n'));
      return alerts.some(({ state }) => state === 'firing') ? exitCodes.no : exitCodes.done;
    }),
  );
}

function alertText(alert: Alert, nowMs: number): string {
  const { name, service, state, urgency, said, attribution, silencedBy, origin, url } = alert;
  const lines = [
    `${state.toUpperCase()}  ${service === null ? '' : `${service} `}${name}  (${urgency})  ${whenText(alert, nowMs)}`,
    `  ${said}`,
  ];
  if (attribution)
    lines.push(
      `  ${attribution.said}${attribution.step ? `; at step ${attribution.step.index + 1}: ${attribution.step.text}` : ''}`,
    );
  if (silencedBy !== null) lines.push(`  ${silencedBy} speaks for it`);
  if (origin === 'alertmanager') lines.push(`  told by ${origin}`);
  if (url !== null) lines.push(`  ${url}`);
  return lines.join('\n');
}

function undeliveredText({ url, ok, lastProblem, waiting }: AlertmanagerStatus): readonly string[] {
  if (ok) return [];
  const since = lastProblem === null ? '' : ` (${dayText(lastProblem.atMs)}: ${lastProblem.text})`;
  return [`NOT DELIVERED  ${waiting} wait for Alertmanager ${url}${since}`];
}

function whenText({ pendingAtMs, firedAtMs, resolvedAtMs }: Alert, nowMs: number): string {
  const sinceMs = firedAtMs ?? pendingAtMs;
  if (resolvedAtMs !== null) return `${dayText(sinceMs)} to ${dayText(resolvedAtMs)}`;
  return `since ${dayText(sinceMs)}, for ${spanText(Math.max(1, nowMs - sinceMs) / 1_000)}`;
}
