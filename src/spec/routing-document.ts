import { stringify } from 'yaml';
import { matcherText } from './alert-matcher.ts';
import type { AlertRoute, AlertRoutingSpec } from './alert-routing-types.ts';
import type { AlertmanagerConfig } from './alertmanager-config.ts';
import { apiVersion } from './service.ts';
import type { Text } from './text.ts';
import { clockText, type TimeInterval, writtenRanges } from './time-interval.ts';
import { durationText } from './unit-text.ts';

/** An `AlertRouting` document as YAML, without what its nodes have from those above them. */
export function routingText(routing: AlertRoutingSpec): string {
  return stringify(routingDocument(routing), { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}

function routingDocument({ name, route, inhibitRules, timeIntervals }: AlertRoutingSpec): object {
  return {
    apiVersion,
    kind: 'AlertRouting',
    metadata: { name },
    spec: {
      route: nodeDocument(route, null),
      ...(inhibitRules.length > 0 && {
        inhibitRules: inhibitRules.map((rule) => ({
          ...(rule.name !== null && { name: rule.name }),
          sourceMatchers: rule.sourceMatchers.map(matcherText),
          targetMatchers: rule.targetMatchers.map(matcherText),
          ...(rule.equal.length > 0 && { equal: rule.equal }),
        })),
      }),
      ...(timeIntervals.size > 0 && {
        timeIntervals: [...timeIntervals].map(([interval, parts]) => ({
          name: interval,
          timeIntervals: parts.map(intervalDocument),
        })),
      }),
    },
  };
}

function nodeDocument(route: AlertRoute, above: AlertRoute | null): object {
  const { policy, notifiers, groupBy, matchers, muteTimeIntervals, activeTimeIntervals, routes } = route;
  const isNew = (key: 'policy' | 'notifiers' | 'groupBy' | 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'): boolean =>
    JSON.stringify(route[key]) !== JSON.stringify(above?.[key]);
  return {
    ...(matchers.length > 0 && { matchers: matchers.map(matcherText) }),
    ...(isNew('policy') && (policy !== null || above !== null) && { policy: policy ?? 'off' }),
    ...(isNew('notifiers') && (notifiers.length > 0 || above !== null) && { notifiers }),
    ...(isNew('groupBy') && { groupBy: groupBy === 'all' ? ['...'] : groupBy }),
    ...(isNew('groupWaitMs') && { groupWait: durationText(route.groupWaitMs) }),
    ...(isNew('groupIntervalMs') && { groupInterval: durationText(route.groupIntervalMs) }),
    ...(isNew('repeatIntervalMs') && { repeatInterval: durationText(route.repeatIntervalMs) }),
    ...(route.continues && { continue: true }),
    ...(muteTimeIntervals.length > 0 && { muteTimeIntervals }),
    ...(activeTimeIntervals.length > 0 && { activeTimeIntervals }),
    ...(routes.length > 0 && { routes: routes.map((below) => nodeDocument(below, route)) }),
  };
}

function intervalDocument({ times, weekdays, daysOfMonth, months, years, location }: TimeInterval): object {
  return {
    ...(times && { times: times.map(({ from, until }) => ({ startTime: clockText(from), endTime: clockText(until) })) }),
    ...(weekdays && { weekdays: writtenRanges.weekdays(weekdays) }),
    ...(daysOfMonth && { daysOfMonth: writtenRanges.daysOfMonth(daysOfMonth) }),
    ...(months && { months: writtenRanges.months(months) }),
    ...(years && { years: writtenRanges.years(years) }),
    ...(location !== 'UTC' && { location }),
  };
}

/** An `alertmanager.yml` as a routing of ours, and what is left to do by hand. */
export type ImportedRouting = { readonly routing: AlertRoutingSpec; readonly notes: readonly Text[] };

/** Its receivers become notifiers of names that documents may have; their integrations are not carried over. */
export function importedRouting({ routing, receivers }: AlertmanagerConfig): ImportedRouting {
  const names = new Map<string, string>();
  for (const { name } of receivers) names.set(name, freeName(name, [...names.values()]));
  const silent = new Set(receivers.filter(({ configs }) => configs.length === 0).map(({ name }) => name));
  const renamed = (route: AlertRoute, isFirst: boolean): AlertRoute => ({
    ...route,
    notifiers: route.notifiers.filter((name) => isFirst || !silent.has(name)).map((name) => names.get(name) ?? name),
    routes: route.routes.map((below) => renamed(below, false)),
  });
  const notes = receivers.map(({ name, configs }): Text => {
    const ours = names.get(name) ?? name;
    if (configs.length === 0 && !routing.route.notifiers.includes(name))
      return {
        en: `${name} has no integrations: its nodes tell nobody here too`,
        ru: `у ${name} нет интеграций: его узлы и здесь никому не сообщают`,
      };
    const what = configs.join(', ') || 'nothing';
    return {
      en: `write a Notifier document ${ours} for ${name} (${what})`,
      ru: `напишите документ Notifier ${ours} для ${name} (${configs.join(', ') || 'ничего'})`,
    };
  });
  return { routing: { ...routing, route: renamed(routing.route, true) }, notes };
}

/** Small letters, digits and dashes, and one that no other has. */
function freeName(name: string, taken: readonly string[]): string {
  const plain =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 58)
      .replace(/-+$/, '') || 'receiver';
  for (let count = 1; ; count += 1) {
    const free = count === 1 ? plain : `${plain}-${count}`;
    if (!taken.includes(free)) return free;
  }
}
