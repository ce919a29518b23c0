import { z } from 'zod';
import { checkDraft, routingSpec } from './alert-routing.ts';
import { inhibitSchema, namedIntervalSchema, routeSchema } from './alert-routing-schema.ts';
import type { AlertRoutingSpec } from './alert-routing-types.ts';
import { found } from './issue-text.ts';
import { nearest } from './nearest.ts';
import { uniqueNames } from './unique-names.ts';

/** What of an `alertmanager.yml` counts here. Its receivers are the notifiers of the tree, under their own names. */
export type AlertmanagerConfig = {
  readonly routing: AlertRoutingSpec;
  /** `configs`: kinds of its integrations, such as `slack_configs`. */
  readonly receivers: readonly { readonly name: string; readonly configs: readonly string[] }[];
};

const receiverName = z.string().min(1).max(200);
const anything = z.unknown().optional();
const intervals = z.array(namedIntervalSchema('alertmanager')).max(200).default([]);

/** The schema of a whole `alertmanager.yml`. What its integrations are told is not looked at. */
export const alertmanagerConfig = z
  .strictObject({
    global: anything,
    templates: anything,
    tracing: anything,
    receivers: z
      .array(z.looseObject({ name: receiverName }))
      .max(500)
      .superRefine(uniqueNames('receiver'))
      .default([]),
    route: routeSchema('alertmanager', { receiver: receiverName.optional() }),
    inhibit_rules: z.array(inhibitSchema('alertmanager')).max(500).default([]),
    time_intervals: intervals,
    mute_time_intervals: intervals,
  })
  .superRefine(({ receivers, route, inhibit_rules, time_intervals, mute_time_intervals }, context) => {
    const timeIntervals = [...time_intervals, ...mute_time_intervals];
    checkDraft({ route, inhibitRules: inhibit_rules, timeIntervals }, 'alertmanager', context);
    if (route.receiver === undefined)
      context.addIssue({
        code: 'custom',
        message: 'expected a receiver: what no other node takes is told to it',
        path: ['route'],
      });
    const names = receivers.map(({ name }) => name);
    const walk = (node: typeof route, path: readonly PropertyKey[]): void => {
      const { receiver } = node;
      if (receiver !== undefined && !names.includes(receiver)) {
        const near = nearest(receiver, names);
        const meant = near === undefined ? '' : `; did you mean ${found(near)}?`;
        context.addIssue({
          code: 'custom',
          message: `there is no receiver ${found(receiver)}${meant}`,
          path: [...path, 'receiver'],
        });
      }
      for (const [at, below] of (node.routes ?? []).entries()) walk(below, [...path, 'routes', at]);
    };
    walk(route, ['route']);
  })
  .transform(
    ({ receivers, route, inhibit_rules, time_intervals, mute_time_intervals }): AlertmanagerConfig => ({
      routing: routingSpec(
        'default',
        { route, inhibitRules: inhibit_rules, timeIntervals: [...time_intervals, ...mute_time_intervals] },
        'alertmanager',
      ),
      receivers: receivers.map(({ name, ...configs }) => ({ name, configs: Object.keys(configs) })),
    }),
  );
