import type { Command } from 'commander';
import type { Language } from '../../analysis/sentence.ts';
import { valueText } from '../../signals/text.ts';
import type { EndpointTraffic, Traffic } from '../../signals/traffic.ts';
import type { SignalAssessment, SignalGroupView, SignalView } from '../../views/signal-view.ts';
import { controllerOf } from '../api-client.ts';
import { action, type CommonOptions, withCommon } from '../command.ts';
import { type LanguageOption, languageOf, withLanguage } from '../language.ts';
import { print } from '../output.ts';
import { table } from '../table.ts';

/** `signals`: the golden signals of a service against their levels, and what its users ask for. */
export function signalsCommand(program: Command): void {
  withCommon(
    withLanguage(
      program
        .command('signals <service>')
        .description('show latency, traffic, errors and saturation of a service against their levels'),
    ),
  ).action(
    action(async (service: string, options: CommonOptions & LanguageOption) => {
      const language = languageOf(options);
      const api = await controllerOf(options.data);
      // The last minute of its points is enough: they are for charts.
      const after = Math.floor(Date.now() / 1_000) - 60;
      const { assessment, nowMs } = await api.get<{ nowMs: number; assessment: SignalAssessment }>(
        `/services/${encodeURIComponent(service)}/signals?after=${after}&lang=${language}`,
      );
      print(options.json === true, { service, nowMs, ...assessment }, signalsText(service, assessment, language));
    }),
  );
}

function signalsText(service: string, { health, groups, traffic }: SignalAssessment, language: Language): string {
  const how = [`${service}: ${health.level}`, ...health.reasons.map((reason) => `  ${reason}`)];
  return [
    ...how,
    ...groups.flatMap((group) => ['', ...groupLines(group, language)]),
    ...(traffic ? ['', ...trafficLines(traffic, language)] : []),
  ].join('\n');
}

function groupLines({ group, state, sentence, signals }: SignalGroupView, language: Language): readonly string[] {
  const rows = signals
    .filter(({ name }) => name !== 'traffic')
    .map((signal) => {
      const { title, value, levels, state } = signal;
      const level = (name: keyof SignalView['levels']): string => {
        const at = levels[name];
        return at === null ? '' : `${name} ${valueText(signal, at, language)}`;
      };
      const shown = value === null ? '–' : valueText(signal, value, language);
      return [title, shown, state, level('target'), level('warning'), level('critical')];
    });
  return [`${group}: ${state}: ${sentence}`, ...(rows.length > 0 ? table(rows).split('\n') : []).map((line) => `  ${line}`)];
}

function trafficLines({ byMethod, byStatus, endpoints, folded, seconds }: Traffic, language: Language): readonly string[] {
  const rate = (perSecond: number): string => `${valueText({ unit: 'number', of: null }, perSecond, language)}/s`;
  const rates = (by: Readonly<Record<string, number>>): string =>
    Object.entries(by)
      .toSorted(([, a], [, b]) => b - a)
      .map(([key, perSecond]) => `${key} ${rate(perSecond)}`)
      .join(', ');
  const ms = (name: string, value: number | null): string =>
    value === null ? '' : `${name} ${valueText({ unit: 'ms', of: null }, value, language)}`;
  const row = ({ method, endpoint, requestsPerSecond, errorShare, p50, p95, p99 }: EndpointTraffic): readonly string[] => [
    [method, endpoint].filter((part) => part !== null).join(' '),
    rate(requestsPerSecond),
    errorShare === null ? '' : `${valueText({ unit: 'share', of: null }, errorShare, language)} failed`,
    ms('p50', p50),
    ms('p95', p95),
    ms('p99', p99),
  ];
  return [
    `asked for in the last ${seconds} s`,
    ...(byMethod ? [`  by method: ${rates(byMethod) || 'nothing'}`] : []),
    ...(byStatus ? [`  by status: ${rates(byStatus) || 'nothing'}`] : []),
    ...(endpoints && endpoints.length > 0
      ? table(endpoints.map(row))
          .split('\n')
          .map((line) => `  ${line}`)
      : []),
    ...(folded.requestsPerSecond > 0 ? [`  and ${rate(folded.requestsPerSecond)} of other endpoints`] : []),
  ];
}
