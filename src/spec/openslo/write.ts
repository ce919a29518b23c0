import { stringify } from 'yaml';
import { objectiveDocument, policyDocument } from '../objective-document.ts';
import type { BurnTier, Plugged, StandaloneObjective } from '../types.ts';
import { durationText } from '../unit-text.ts';
import { documentsMax } from '../yaml-source.ts';
import { annotations, ownRequests } from './annotations.ts';
import { isSaidExactly, policySpecOf } from './conditions.ts';
import { label } from './label.ts';
import { summed } from './query.ts';
import { openSloVersion } from './schema.ts';
import { isShorthand, shorthandText } from './shorthand.ts';
import { timeWindowOf, type WindowDocument } from './window.ts';

/** What has to be known beside the objectives. */
export type OpenSloWriting = {
  /** The burn-rate alerts of an objective that has none of its own, for a window in milliseconds. */
  readonly usual: (windowMs: number) => readonly BurnTier[];
  /** The configuration of a source as its users write it. */
  readonly sourceDocument: (source: Plugged) => unknown;
};

type Written = { readonly kind: string; readonly metadata: { readonly name: string }; readonly spec: unknown };

/**
 * Objectives as documents of OpenSLO v1: sources, whom alerts tell, then each objective with its SLI and an AlertPolicy for each pair of
 * windows. The same objectives always give the same documents, and `readOpenSlo` reads the same objectives from them.
 *
 * @param objectives - With names of at most 63 small letters, digits and dashes, each once.
 * @returns `said`: what OpenSLO cannot say, and where it stands instead, for people.
 */
export function openSloOf(
  objectives: readonly StandaloneObjective[],
  { usual, sourceDocument }: OpenSloWriting,
): { readonly documents: readonly Written[]; readonly said: readonly string[] } {
  const names = new Names();
  const sources = new Map<string, Written>();
  const sourceRef = (source: Plugged | null): string | null => {
    if (source === null) return null;
    const connectionDetails = sourceDocument(source);
    const key = JSON.stringify([source.kind, connectionDetails]);
    const known =
      sources.get(key) ??
      written('DataSource', { name: names.of('DataSource', source.kind) }, { type: typeOf(source.kind), connectionDetails });
    sources.set(key, known);
    return known.metadata.name;
  };
  const told = new Set<BurnTier['tells']>();
  const said = new Set<string>();
  const own = objectives.flatMap((one) => {
    const tiers = one.objective.alerts ?? usual(one.objective.windowMs);
    for (const { tells } of tiers) told.add(tells);
    for (const text of unsaid(one, tiers)) said.add(text);
    return documentsOf(one, tiers, sourceRef(one.source), names);
  });
  const targets = (['page', 'chat', 'email'] as const)
    .filter((tells) => told.has(tells))
    .map((tells) => written('AlertNotificationTarget', { name: tells }, { target: tells }));
  return { documents: [...sources.values(), ...targets, ...own], said: [...said] };
}

/** The documents as text: one after another, or as a list where they are more than a file may hold. */
export function openSloText(documents: readonly unknown[]): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false };
  if (documents.length > documentsMax) return stringify(documents, options);
  return documents.map((document) => stringify(document, options)).join('---\n');
}

function documentsOf(
  { name, service, displayName, description, objective }: StandaloneObjective,
  tiers: readonly BurnTier[],
  source: string | null,
  names: Names,
): readonly Written[] {
  const { windowMs, slices, alerts } = objective;
  const document = objectiveDocument(objective) as { readonly window: WindowDocument };
  const { timeWindow, exact } = timeWindowOf(document.window, windowMs);
  const said = {
    ...(objective.name === name ? {} : { [annotations.objective]: objective.name }),
    ...(service === null ? { [annotations.service]: 'none' } : {}),
    [annotations.policy]: alerts === undefined ? 'usual' : alerts.length === 0 ? 'off' : JSON.stringify(policyDocument(alerts)),
    ...(exact === null ? {} : { [annotations.window]: exact }),
    ...(slices && !isShorthand(slices.everyMs) ? { [annotations.slice]: durationText(slices.everyMs) } : {}),
  };
  const policies = tiers.map((tier) => {
    const policy = names.of('AlertPolicy', name, tier.name);
    return written('AlertPolicy', { name: policy }, policySpecOf(tier, windowMs, policy, [tier.tells]));
  });
  const sli = written('SLI', { name: names.of('SLI', name) }, indicatorOf(objective, source));
  const slo = written(
    'SLO',
    { name, ...(displayName === null ? {} : { displayName }), annotations: said },
    {
      ...(description === null ? {} : { description }),
      service: service ?? name,
      indicatorRef: sli.metadata.name,
      timeWindow,
      budgetingMethod: slices ? 'Timeslices' : 'Occurrences',
      objectives: [
        {
          ...thresholdOf(objective),
          target: objective.targetPpm / 1_000_000,
          ...(slices ? { timeSliceTarget: slices.targetPpm / 1_000_000, timeSliceWindow: shorthandText(slices.everyMs) } : {}),
        },
      ],
      ...(policies.length === 0 ? {} : { alertPolicies: policies.map(({ metadata }) => ({ alertPolicyRef: metadata.name })) }),
    },
  );
  return [sli, ...policies, slo];
}

function thresholdOf({ events, belowMs }: StandaloneObjective['objective']): Readonly<Record<string, unknown>> {
  if (belowMs === null) return {};
  if (!events || events.kind === 'ratio') return { op: 'lt', value: belowMs };
  return { op: 'lte', value: belowMs / events.unitMs };
}

/** The `spec` of the SLI. */
function indicatorOf({ events, belowMs }: StandaloneObjective['objective'], source: string | null): unknown {
  const metric = (type: string, spec: unknown) => ({
    metricSource: source === null ? { type, spec } : { metricSourceRef: source, spec },
  });
  if (!events && belowMs !== null) return { thresholdMetric: metric(ownRequests, { requests: 'duration', unit: 'ms' }) };
  if (!events)
    return {
      ratioMetric: {
        counter: true,
        good: metric(ownRequests, { requests: 'good' }),
        total: metric(ownRequests, { requests: 'all' }),
      },
    };
  // Without a document of its own the source is that of the service; all that answer to queries are asked like Prometheus.
  if (events.kind === 'ratio')
    return {
      ratioMetric: {
        counter: true,
        [events.count]: metric('Prometheus', { query: summed(events.query) }),
        total: metric('Prometheus', { query: summed(events.total) }),
      },
    };
  const unit = events.unitMs === 1 ? 'ms' : 's';
  return { thresholdMetric: metric('Prometheus', { query: events.query, histogram: events.kind, unit }) };
}

/** What OpenSLO has no words for. */
function unsaid({ name, objective, source }: StandaloneObjective, tiers: readonly BurnTier[]): readonly string[] {
  const { windowMs, calendar, slices, events } = objective;
  const annotated = (key: string, what: string) => `${name}: ${what}: it is in the annotation ${key}`;
  return [
    ...(tiers.length > 0
      ? [
          `alerts have one window each in OpenSLO, and no fewest bad events: the true policy is in the annotation ${annotations.policy}`,
        ]
      : []),
    ...(tiers.every(isSaidExactly) ? [] : [annotated(annotations.policy, 'times of alerts are rounded up to minutes')]),
    ...(calendar || isShorthand(windowMs)
      ? []
      : [annotated(annotations.window, `its window of ${durationText(windowMs)} is rounded up to minutes`)]),
    ...(!slices || isShorthand(slices.everyMs)
      ? []
      : [annotated(annotations.slice, `its slices of ${durationText(slices.everyMs)} are rounded up to minutes`)]),
    ...(events || source
      ? []
      : [
          `${name}: it counts the requests that the router of the service sees, which other tools cannot: metric source ${ownRequests}`,
        ]),
    ...(events && events.kind !== 'ratio'
      ? [`${name}: it counts a histogram, which other tools take for a plain value: histogram and unit beside its query`]
      : []),
  ];
}

function written(kind: string, metadata: Written['metadata'] & Readonly<Record<string, unknown>>, spec: unknown): Written {
  return { apiVersion: openSloVersion, kind, metadata, spec } as Written;
}

/** `prometheus` as it is called in documents of OpenSLO. */
function typeOf(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** Names of documents: at most 63 small letters, digits and dashes, each once of a kind. */
class Names {
  readonly #taken = new Set<string>();

  of(kind: string, base: string, suffix = ''): string {
    const end = suffix === '' ? '' : `-${label(suffix) || 'alert'}`;
    for (let count = 1; ; count += 1) {
      const rest = `${end}${count === 1 ? '' : `-${count}`}`;
      const name = `${base.slice(0, 63 - rest.length)}${rest}`;
      if (this.#taken.has(`${kind} ${name}`)) continue;
      this.#taken.add(`${kind} ${name}`);
      return name;
    }
  }
}
