import type { Command } from 'commander';
import { sourceOf } from '../../alerts/told.ts';
import type { Alert } from '../../alerts/types.ts';
import { spanText } from '../../analysis/wording.ts';
import type { AlertmanagerStatus } from '../../runtime/alerts/alert-outbox.ts';
import type { AlertSourceStatus } from '../../runtime/alerts/alert-sources.ts';
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
      const { sources } = await api.get<{ sources: readonly AlertSourceStatus[] }>('/alert-sources');
      const { alerts } = answer;
      const nothing = service === undefined ? 'no alert' : `no alert of ${service}`;
      const text = alerts.map((alert) => alertText(alert, Date.now())).join('\n\n') || nothing;
      const troubles = [...alertmanagers.flatMap(undeliveredText), ...sources.flatMap(refusedText)];
      print(options.json === true, { ...answer, alertmanagers, sources }, [text, ...troubles].join('\n\n'));
      return alerts.some(({ state }) => state === 'firing') ? exitCodes.no : exitCodes.done;
    }),
  );
}

function alertText(alert: Alert, nowMs: number): string {
  const { key, name, service, state, urgency, said, attribution, silencedBy, origin, url } = alert;
  const lines = [
    `${state.toUpperCase()}  ${service === null ? '' : `${service} `}${name}  (${urgency})  ${whenText(alert, nowMs)}`,
    `  ${said}`,
  ];
  if (attribution)
    lines.push(
      `  ${attribution.said}${attribution.step ? `; at step ${attribution.step.index + 1}: ${attribution.step.text}` : ''}`,
    );
  if (silencedBy !== null) lines.push(`  ${silencedBy} speaks for it`);
  const teller = origin === 'alertmanager' ? origin : sourceOf(key);
  if (teller !== null) lines.push(`  told by ${teller}`);
  if (url !== null) lines.push(`  ${url}`);
  return lines.join('\n');
}

function undeliveredText({ url, ok, lastProblem, waiting }: AlertmanagerStatus): readonly string[] {
  if (ok) return [];
  const since = lastProblem === null ? '' : ` (${dayText(lastProblem.atMs)}: ${lastProblem.text})`;
  return [`NOT DELIVERED  ${waiting} wait for Alertmanager ${url}${since}`];
}

function refusedText({ name, ok, lastAtMs, lastProblem }: AlertSourceStatus): readonly string[] {
  if (ok || lastProblem === null) return [];
  const last = lastAtMs === null ? 'none was taken yet' : `the last one was taken ${dayText(lastAtMs)}`;
  return [`NOT TAKEN  a message of ${name} (${dayText(lastProblem.atMs)}: ${lastProblem.text}); ${last}`];
}

function whenText({ pendingAtMs, firedAtMs, resolvedAtMs }: Alert, nowMs: number): string {
  const sinceMs = firedAtMs ?? pendingAtMs;
  if (resolvedAtMs !== null) return `${dayText(sinceMs)} to ${dayText(resolvedAtMs)}`;
  return `since ${dayText(sinceMs)}, for ${spanText(Math.max(1, nowMs - sinceMs) / 1_000)}`;
}
