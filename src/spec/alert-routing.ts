import { z } from 'zod';
import { matcherText, sortedMatchers } from './alert-matcher.ts';
import {
  type InhibitDraft,
  type IntervalDraft,
  inhibitSchema,
  namedIntervalSchema,
  type RouteDraft,
  type RoutingWords,
  routeSchema,
  wordOf,
} from './alert-routing-schema.ts';
import type { AlertRoute, AlertRoutingSpec, InhibitRule } from './alert-routing-types.ts';
import { found } from './issue-text.ts';
import { nearest } from './nearest.ts';
import { orOff } from './or-off.ts';
import { apiVersion, serviceName } from './service.ts';

export type { AlertRoute, AlertRoutingSpec, InhibitRule } from './alert-routing-types.ts';

/** What a tree says, in whoever's words. */
export type RoutingDraft = {
  readonly route: RouteDraft;
  readonly inhibitRules: readonly InhibitDraft[];
  readonly timeIntervals: readonly IntervalDraft[];
};

/** Nodes of one tree. */
const nodesMax = 2_000;

/** The schema of a whole `AlertRouting` document. Parses to an `AlertRoutingSpec`. */
export const alertRoutingDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('AlertRouting').describe('Kind of the document.'),
    metadata: z.strictObject({ name: serviceName }).describe('What the document is called.'),
    spec: z
      .strictObject({
        route: routeSchema('ours', {
          policy: orOff(serviceName).optional().describe('Escalation policy that is begun; off: none.'),
          notifiers: z.array(serviceName).max(100).optional().describe('Receivers that are told beside it.'),
        }).describe('The node that takes every alert; those below it take theirs out.'),
        inhibitRules: z.array(inhibitSchema('ours')).max(500).default([]),
        timeIntervals: z.array(namedIntervalSchema('ours')).max(200).default([]),
      })
      .superRefine((draft, context) => checkDraft(draft, 'ours', context)),
  })
  .meta({ title: 'Rampart alert routing', description: 'Who is told of which alerts, when, and what keeps still.' })
  .transform(({ metadata, spec }): AlertRoutingSpec => routingSpec(metadata.name, spec, 'ours'));

/** What a tree has to keep to beside the shape of its parts. Paths are in its own words. */
export function checkDraft(draft: RoutingDraft, words: RoutingWords, context: z.core.$RefinementCtx<unknown>): void {
  const word = (key: string): string => wordOf(words, key);
  const refuse = (message: string, path: readonly PropertyKey[]): void =>
    context.addIssue({ code: 'custom', message, path: [...path] });
  const { route, timeIntervals } = draft;
  const names = timeIntervals.map(({ name }) => name);
  for (const [at, name] of names.entries())
    if (names.indexOf(name) !== at)
      refuse(`interval ${names.indexOf(name) + 1} is already called ${found(name)}`, [word('timeIntervals'), at, 'name']);

  if (words === 'ours' && (route.policy ?? 'off') === 'off' && (route.notifiers ?? []).length === 0)
    refuse('expected a policy or notifiers: what no other node takes is told to them', ['route']);
  for (const key of ['matchers', 'match', 'matchRe'] as const)
    if ((route[key] ?? []).length > 0) refuse('expected none: the first node takes every alert', ['route', word(key)]);
  if (route.continue) refuse('expected false: there is no node beside the first one', ['route', 'continue']);
  for (const key of ['muteTimeIntervals', 'activeTimeIntervals'] as const)
    if ((route[key] ?? []).length > 0)
      refuse('expected none: the first node has what nobody else takes, at any time', ['route', word(key)]);

  let count = 0;
  const walk = (node: RouteDraft, path: readonly PropertyKey[]): void => {
    count += 1;
    for (const key of ['muteTimeIntervals', 'activeTimeIntervals'] as const)
      for (const [at, name] of (node[key] ?? []).entries()) {
        if (names.includes(name)) continue;
        const near = nearest(name, names);
        refuse(`there is no interval ${found(name)}${near === undefined ? '' : `; did you mean ${found(near)}?`}`, [
          ...path,
          word(key),
          at,
        ]);
      }
    for (const [at, below] of (node.routes ?? []).entries()) walk(below, [...path, 'routes', at]);
  };
  walk(route, ['route']);
  if (count > nodesMax) refuse(`expected at most ${nodesMax} nodes, found ${count}`, ['route']);
}

/** The tree with all that its nodes have from those above them. */
export function routingSpec(
  name: string,
  { route, inhibitRules, timeIntervals }: RoutingDraft,
  words: RoutingWords,
): AlertRoutingSpec {
  return {
    name,
    route: nodeOf(route, 'route', { ...top, groupWaitMs: groupWaits[words], place: 'route' }, new Map()),
    inhibitRules: inhibitRules.map(
      (rule, at): InhibitRule => ({
        name: rule.name ?? null,
        place: `inhibitRules[${at}]`,
        sourceMatchers: [...(rule.sourceMatch ?? []), ...(rule.sourceMatchRe ?? []), ...(rule.sourceMatchers ?? [])],
        targetMatchers: [...(rule.targetMatch ?? []), ...(rule.targetMatchRe ?? []), ...(rule.targetMatchers ?? [])],
        equal: rule.equal ?? [],
      }),
    ),
    timeIntervals: new Map(timeIntervals.map((one) => [one.name, one.timeIntervals])),
  };
}

/** What the first node has that says nothing. With us nobody waits who has not asked for it. */
const groupWaits: Readonly<Record<RoutingWords, number>> = { ours: 0, alertmanager: 30_000 };

/** The same of all else; Alertmanager's own. */
const top = {
  key: '',
  id: '',
  policy: null,
  notifiers: [],
  groupBy: [],
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
} satisfies Partial<AlertRoute>;

type Above = Omit<AlertRoute, 'matchers' | 'continues' | 'muteTimeIntervals' | 'activeTimeIntervals' | 'routes'>;

/** @param seen - How many nodes of each key came before it. */
function nodeOf(draft: RouteDraft, place: string, above: Above, seen: Map<string, number>): AlertRoute {
  const matchers = [...(draft.match ?? []), ...(draft.matchRe ?? []), ...(draft.matchers ?? [])];
  const written = `{${sortedMatchers(matchers).map(matcherText).join(',')}}`;
  const key = above.key === '' ? written : `${above.key}/${written}`;
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  const { groupBy } = draft;
  const inherited: Above = {
    key,
    id: count === 1 ? key : `${key}#${count}`,
    place,
    policy: draft.policy === undefined ? above.policy : draft.policy === 'off' ? null : draft.policy,
    notifiers: draft.notifiers ?? (draft.receiver === undefined ? above.notifiers : [draft.receiver]),
    groupBy: groupBy === undefined ? above.groupBy : groupBy[0] === '...' ? 'all' : groupBy,
    groupWaitMs: draft.groupWait ?? above.groupWaitMs,
    groupIntervalMs: draft.groupInterval ?? above.groupIntervalMs,
    repeatIntervalMs: draft.repeatInterval ?? above.repeatIntervalMs,
  };
  return {
    ...inherited,
    matchers,
    continues: draft.continue ?? false,
    muteTimeIntervals: draft.muteTimeIntervals ?? [],
    activeTimeIntervals: draft.activeTimeIntervals ?? [],
    routes: (draft.routes ?? []).map((below, at) => nodeOf(below, `${place}.routes[${at}]`, inherited, seen)),
  };
}
