import { z } from 'zod';
import { objectName } from '../../../kubernetes/names.ts';
import { placeholder, selectorOf } from '../promql.ts';

/** A query that chooses one version by labels which the exporter itself writes. */
export type ScopedQuery = {
  readonly forVersion: (version: string) => string;
  /** The same for every version that can be told, and for the service whatever its labels say: to see whether there are any. */
  readonly ofAny: string;
  readonly ofService: string;
};

/** What one exporter is asked for one service. */
export type ExporterQueries = {
  readonly requests: ScopedQuery;
  readonly errors: ScopedQuery;
  /** Classic histogram with the unit of its edges; null where the exporter has none. */
  readonly latency: (ScopedQuery & { readonly unit: 's' | 'ms' }) | null;
  /**
   * Labels that tell the version, and what of their value does: a regular expression with one group. A later one that matches counts
   * in place of those before it.
   */
  readonly tells: readonly Telling[];
  /** What to do when its series tell no version, as an order. */
  readonly fix: string;
};

export type Telling = { readonly label: string; readonly pattern: string };

/** The whole value, where there is one. */
export const wholeValue = '(.+)';

/** An exporter: what users write under its name, and the queries that follow from it. */
export type Exporter<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  /** @param versionLabel - Label that holds the version where the exporter has none of its own for it. */
  queries(config: z.output<Schema>, versionLabel: string): ExporterQueries;
};

/** Ties the schema of an exporter to its queries, so that both have one type. */
export function defineExporter<Schema extends z.ZodType>(exporter: Exporter<Schema>): Exporter<Schema> {
  return exporter;
}

/** Further matchers for every query of an exporter, as users write them. */
export const furtherMatchers = z
  .string()
  .max(1_000)
  .refine((text) => selectorOf(`x{${text}}`) !== null, 'expected matchers such as job="edge"')
  .transform((text) => text.trim().replace(/,$/, ''))
  .optional()
  .meta({ description: 'Matchers that are added to every query.', examples: ['job="edge"'] });

/** A name in Kubernetes: of a namespace, a Deployment, a Service, an Ingress. */
export const kubernetesName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/, 'expected a name in Kubernetes, such as shop');

/** Matchers as PromQL has them, without those that are empty. */
export function matchers(...all: readonly (string | undefined)[]): string {
  return all.filter((one) => one !== undefined && one !== '').join(',');
}

/** Text that is matched as it stands, to be put into a quoted regular expression. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]]/g, '\\\\$&');
}

/** The same query with what is matched for one version, for any, and for the service. */
export function scoped(
  query: (which: string) => string,
  { one, any, service }: { one: (version: string) => string; any: string; service: string },
): ScopedQuery {
  return { forVersion: (version) => query(one(version)), ofAny: query(any), ofService: query(service) };
}

/** What the objects of all versions of a service are named, as a regular expression: see `objectName`. */
export function anyObject(service: string): string {
  const hash = 6;
  return `${objectName(service, '').slice(0, -hash)}(.+-)?[0-9a-f]{${hash}}`;
}

/** Any version, as a regular expression. */
export const anyVersion = '[A-Za-z0-9._+-]+';

/** A name with `{{version}}` in it, as a regular expression for one version; of any version when none is given. */
export function namePattern(template: string, version: string | null): string {
  return template
    .split(/(\{\{version\}\}|\{\{n\}\})/)
    .map((part) => {
      if (part === placeholder) return version === null ? anyVersion : literal(version);
      return part === '{{n}}' ? '[0-9]+' : literal(part);
    })
    .join('');
}
