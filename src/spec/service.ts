import { z } from 'zod';
import type { CheckKinds } from './checklist.ts';
import type { ReadinessSpec } from './checklist-types.ts';
import { oneKind } from './choice.ts';
import { eventQueryProblems, type QueryUse } from './event-queries.ts';
import { gateProblems } from './gate-problems.ts';
import { type IncidentsSpec, incidents } from './incident-response.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { objectives } from './objective.ts';
import { isChecklistFile, readiness } from './readiness.ts';
import { releasePolicy } from './release-policy.ts';
import { replicasOf, rollingProblem } from './replicas.ts';
import { apiVersion, serviceName } from './service-name.ts';
import { queriesOf, type SignalPolicy } from './signal-policy.ts';
import { signals } from './signals.ts';
import type { MetricQuery, Plugged, ReleasePolicy, ServiceSpec, Strategy } from './types.ts';

export { apiVersion, serviceName } from './service-name.ts';
export type {
  Amount,
  CanaryStep,
  GuardPolicy,
  Hook,
  HookAction,
  LatencyPolicy,
  Match,
  MetricPolicy,
  MetricQuery,
  Objective,
  Plugged,
  ReleasePolicy,
  Rolling,
  ServiceSpec,
  SmokeCheck,
  Strategy,
  Watch,
} from './types.ts';

/** Name of a version, such as `1.4.0` or `2024-05-01_a1b2c3`. It becomes part of file names, so it has no `..` and no slash. */
export const versionName = z
  .string()
  .superRefine((text, context) => {
    if (/^[0-9A-Za-z][0-9A-Za-z._+-]{0,62}$/.test(text) && !text.includes('..')) return;
    const expected = 'expected a version of at most 63 letters, digits and . _ + - without two dots in a row, such as 1.4.0';
    context.addIssue({ code: 'custom', message: `${expected}, found ${found(text)}` });
  })
  .meta({ description: 'Name of the version.', examples: ['1.4.0'], pattern: '^[0-9A-Za-z][0-9A-Za-z._+-]{0,62}$' });

/** The plugins that a document may name, by kind, with the schema of their configuration. The shelves' registries have them. */
export type Kinds = {
  readonly targets: Readonly<Record<string, z.ZodType>>;
  readonly routers: Readonly<Record<string, z.ZodType>>;
  readonly sources: Readonly<Record<string, SourceKind>>;
  readonly checks: CheckKinds;
  /** What the built-in checklists ask services about themselves. */
  readonly parameters: readonly string[];
};

/** A kind of source: the schema of its configuration, and whether a query is one that it can answer. */
export type SourceKind = {
  readonly schema: z.ZodType;
  /**
   * What is wrong with a query, beginning with `expected`; null when nothing is.
   *
   * @param config - As `schema` made it.
   */
  queryProblem(config: unknown, use: QueryUse, text: string): string | null;
};

/** The schema of a whole `Service` document, for the plugins given. Parses to a `ServiceSpec`. */
export function serviceDocument({ targets, routers, sources, parameters }: Omit<Kinds, 'checks'>) {
  const sourceSchemas = Object.fromEntries(Object.entries(sources).map(([kind, { schema }]) => [kind, schema]));
  return z
    .strictObject({
      apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
      kind: z.literal('Service').describe('Kind of the document.'),
      metadata: z
        .strictObject({
          name: serviceName,
          owner: line
            .max(100)
            .optional()
            .meta({ description: 'Team that answers for the service.', examples: ['payments'] }),
          description: z.string().max(1_000).optional().describe('What the service is for, for people.'),
        })
        .describe('What the service is called, and whose it is.'),
      spec: z
        .strictObject({
          target: oneKind('target', targets).pipe(plugged).describe('What runs the versions of the service: one kind.'),
          router: oneKind('router', routers).pipe(plugged).describe('What splits the traffic between versions: one kind.'),
          source: oneKind('source', sourceSchemas)
            .pipe(plugged)
            .optional()
            .describe('Where metrics, and counts that the router does not have, come from: one kind.'),
          objectives: objectives.default([]),
          signals: signals.optional(),
          readiness: readiness.optional(),
          incidents: incidents.optional(),
          release: releasePolicy.prefault({}).describe('How versions are released.'),
        })
        .superRefine(({ source, release }, context) => checkQueries(sources, source, release, context))
        .superRefine(({ source, objectives }, context) => {
          // Objectives that are wrong in themselves may be no list at all.
          const given: unknown = objectives;
          if (!Array.isArray(given)) return;
          for (const { message, path } of eventQueryProblems(sources, source, objectives))
            context.addIssue({ code: 'custom', message, path: ['objectives', ...path] });
        })
        .superRefine(({ source, signals }, context) => checkSignals(sources, source, signals, context))
        .superRefine(({ readiness: given }, context) => checkParameters(given, parameters, context))
        .superRefine(checkRolling)
        .superRefine(checkFlag)
        .superRefine(({ objectives, release }, context) => {
          for (const { message, path } of gateProblems(objectives, release))
            context.addIssue({ code: 'custom', message, path: ['release', ...path] });
        })
        .describe('The service itself.'),
    })
    .meta({
      title: 'Rampart service',
      description: 'A service: what runs it, what splits its traffic, how its versions are released.',
    })
    .transform(
      ({ metadata: { name, owner, description }, spec }): ServiceSpec => ({
        name,
        owner: owner ?? null,
        description: description ?? null,
        ...withoutAbsent(spec),
        folder: null,
      }),
    );
}

const plugged = z.custom<Plugged>();

/** Parameters of a built-in checklist are known by name; what a file of one's own asks stands there. */
function checkParameters(
  given: ReadinessSpec | undefined,
  known: readonly string[],
  context: z.core.$RefinementCtx<unknown>,
): void {
  // What is wrong in itself may stand here as it was written.
  if (!isMapping(given) || !isMapping(given.parameters) || isChecklistFile(String(given.checklist))) return;
  const unknown = Object.keys(given.parameters).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  context.addIssue({ code: 'custom', unknown, known, path: ['readiness', 'parameters'], input: given.parameters });
}

/** Whether a rolling update can replace an instance depends on how many there are. */
function checkRolling(
  spec: { readonly target: Plugged; readonly release: ReleasePolicy },
  context: z.core.$RefinementCtx<unknown>,
): void {
  const { target, release } = spec;
  // What is wrong in itself may stand here as it was written.
  const given: unknown = isMapping(release) ? release.strategy : undefined;
  if (!isMapping(given) || given.kind !== 'rolling' || !isMapping(target) || !('watch' in given)) return;
  const message = rollingProblem(release.strategy as Extract<Strategy, { kind: 'rolling' }>, replicasOf({ target }));
  if (message) context.addIssue({ code: 'custom', message, path: ['release', 'strategy', 'rolling'] });
}

/** Only a flag has users to give shares of. */
function checkFlag(
  spec: { readonly router: Plugged; readonly release: ReleasePolicy },
  context: z.core.$RefinementCtx<unknown>,
): void {
  const given: unknown = isMapping(spec.release) ? spec.release.strategy : undefined;
  if (!isMapping(given) || given.kind !== 'flag' || !isMapping(spec.router) || spec.router.kind === 'flag') return;
  const message = `expected router: { flag: { key: … } } beside this strategy, found ${spec.router.kind}: it gives users a variant of a flag, and a ${spec.router.kind} sends requests`;
  context.addIssue({ code: 'custom', message, path: ['release', 'strategy', 'flag'] });
}

/** An optional key is either there or not: the same document must not become two different texts. */
function withoutAbsent<
  Spec extends {
    readonly source?: Plugged | undefined;
    readonly signals?: SignalPolicy | undefined;
    readonly readiness?: ReadinessSpec | undefined;
    readonly incidents?: IncidentsSpec | undefined;
  },
>({ source, signals, readiness: ready, incidents: response, ...spec }: Spec) {
  return {
    ...spec,
    ...(source === undefined ? {} : { source }),
    ...(signals === undefined ? {} : { signals }),
    ...(ready === undefined ? {} : { readiness: ready }),
    ...(response === undefined ? {} : { incidents: response }),
  };
}

/** The queries of the golden signals, as the document's source understands them. */
function checkSignals(
  sources: Kinds['sources'],
  source: Plugged | undefined,
  signals: SignalPolicy | undefined,
  context: z.core.$RefinementCtx<unknown>,
): void {
  // What is wrong in itself stands here as it was written, and is refused without this.
  if (!isMapping(signals) || !('queries' in signals)) return;
  for (const [text, path] of queriesOf(signals)) {
    const problem = source
      ? sources[source.kind]?.queryProblem(source.config, 'whole', text)
      : `expected spec.source beside this query, which says where it is asked: ${Object.keys(sources).join(', ')}`;
    if (problem) context.addIssue({ code: 'custom', message: problem, path: ['signals', ...path] });
  }
}

/** The queries of the guard's metrics, as the document's source understands them. */
function checkQueries(
  sources: Kinds['sources'],
  source: Plugged | undefined,
  release: ReleasePolicy,
  context: z.core.$RefinementCtx<unknown>,
): void {
  // A release that is wrong in itself may stand here as it was written, and is refused without this.
  const given: unknown = isMapping(release) ? release.metricQueries : undefined;
  if (given !== undefined && !(Array.isArray(given) && given.every((query) => isMapping(query) && 'name' in query))) return;
  const metricQueries = (given ?? []) as readonly MetricQuery[];
  const at = ['release', 'guard', 'metrics'];
  const refuse = (message: string, path: PropertyKey[]) => context.addIssue({ code: 'custom', message, path: [...at, ...path] });
  if (source === undefined) {
    if (metricQueries.length > 0)
      refuse(
        `expected spec.source beside these metrics, which says where they come from: ${Object.keys(sources).join(', ')}`,
        [],
      );
    return;
  }
  const kind = sources[source.kind];
  if (!kind) return;
  for (const [index, query] of metricQueries.entries()) {
    const check = (use: 'count' | 'level', text: string, path: PropertyKey[]) => {
      const problem = kind.queryProblem(source.config, use, text);
      if (problem !== null) refuse(problem, [index, ...path]);
    };
    if (query.kind === 'gauge') check('level', query.query, ['gauge']);
    else {
      check('count', query.bad, ['ratio', 'bad']);
      check('count', query.of, ['ratio', 'of']);
    }
  }
}

const line = z
  .string()
  .min(1)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected one line of text' });
