import type { Alert } from '../../alerts/types.ts';
import type { AlertRoute, AlertRoutingSpec } from '../../spec/alert-routing-types.ts';
import { quoted } from '../../spec/go-quoted.ts';
import { areLike, type Labels, labelOf } from './matching.ts';

/**
 * The nodes that take an alert, from the first on: of those beside each other the first that is like it, and the ones after it as long as
 * each says `continue`; a node that none of those below it takes it from has it itself.
 *
 * @returns Each in the order in which they are asked; empty when the node given is not like it.
 * @see prometheus/alertmanager, dispatch/route.go: Route.Match.
 */
export function routesOf(route: AlertRoute, labels: Labels): readonly AlertRoute[] {
  if (!areLike(route.matchers, labels)) return [];
  const taken: AlertRoute[] = [];
  for (const below of route.routes) {
    const found = routesOf(below, labels);
    taken.push(...found);
    if (found.length > 0 && !below.continues) break;
  }
  return taken.length > 0 ? taken : [route];
}

/** Every node, each before those below it. */
export function everyRoute(route: AlertRoute): readonly AlertRoute[] {
  return [route, ...route.routes.flatMap(everyRoute)];
}

/** The labels that all alerts of the group share by which a node puts them together; one that an alert does not have is left out. */
export function groupLabelsOf({ groupBy }: Pick<AlertRoute, 'groupBy'>, labels: Labels): Labels {
  const names = groupBy === 'all' ? Object.keys(labels) : groupBy.filter((name) => Object.hasOwn(labels, name));
  return Object.fromEntries(names.toSorted().map((name) => [name, labelOf(labels, name)]));
}

/** What tells a group from all others, as Alertmanager writes it: `{}/{owner="team-A"}:{job="api", zone="a"}`. */
export function groupKeyOf(route: Pick<AlertRoute, 'id'>, groupLabels: Labels): string {
  const labels = Object.entries(groupLabels).map(([name, value]) => `${nameText(name)}=${quoted(value)}`);
  return `${route.id}:{${labels.join(', ')}}`;
}

function nameText(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quoted(name);
}

/** The labels by which one of our alerts is routed: those that an Alertmanager would be told. */
export function labelsOf({ name, labels }: Pick<Alert, 'name' | 'labels'>): Labels {
  const all = Object.entries({ alertname: name, ...labels }).filter(([, value]) => value !== '');
  return Object.fromEntries(all);
}

/** A group that an alert belongs to, and who is told of it. */
export type AlertGroup = {
  readonly key: string;
  readonly groupLabels: Labels;
  /** Name of an escalation policy; null: none. */
  readonly policy: string | null;
  /** Names of receivers. */
  readonly notifiers: readonly string[];
  readonly route: AlertRoute;
};

/** The groups of an alert; at least one, because the first node takes every alert. */
export function groupOf(routing: AlertRoutingSpec, alert: Pick<Alert, 'name' | 'labels'>): readonly AlertGroup[] {
  return groupsOf(routing, labelsOf(alert));
}

/** The same for the labels themselves. */
export function groupsOf({ route }: AlertRoutingSpec, labels: Labels): readonly AlertGroup[] {
  return routesOf(route, labels).map((taken) => {
    const groupLabels = groupLabelsOf(taken, labels);
    const { policy, notifiers } = taken;
    return { key: groupKeyOf(taken, groupLabels), groupLabels, policy, notifiers, route: taken };
  });
}
