import { type LeveledSignal, type Levels, type SaturationSignal, saturationSignals } from './signal-levels.ts';

/** What a source is asked for a signal. A limit that is a text is a query too; null: the gauge says the level itself. */
export type SignalQuery = { readonly gauge: string; readonly limit: number | string | null };

/** A further signal of a document; with a limit its levels are parts per million of it, without one numbers in its unit. */
export type NamedSignal = {
  readonly name: string;
  readonly query: SignalQuery;
  readonly unit: string | null;
  readonly levels: Levels;
};

/** A counter of requests, and its labels with the method, the endpoint and the status; null: it has none. */
export type TrafficQuery = {
  readonly requests: string;
  readonly method: string | null;
  readonly endpoint: string | null;
  readonly status: string | null;
};

/** What a document says of the golden signals. What it leaves out is not in here: the defaults hold for it. */
export type SignalPolicy = {
  /** null: switched off. */
  readonly levels: Readonly<Partial<Record<LeveledSignal, Partial<Levels>>>>;
  readonly queries: Readonly<Partial<Record<SaturationSignal, SignalQuery>>>;
  readonly more: readonly NamedSignal[];
  readonly traffic?: TrafficQuery;
};

/** Every query of a policy with the place of it in the document, below `spec.signals`. */
export function queriesOf({
  queries,
  more,
  traffic,
}: SignalPolicy): readonly (readonly [text: string, path: readonly PropertyKey[]])[] {
  const at = (
    { gauge, limit }: SignalQuery,
    path: readonly PropertyKey[],
  ): readonly (readonly [string, readonly PropertyKey[]])[] => [
    [gauge, [...path, 'gauge']],
    ...(typeof limit === 'string' ? [[limit, [...path, 'limit']] as const] : []),
  ];
  return [
    ...saturationSignals.flatMap((signal) => {
      const query = queries[signal];
      return query ? at(query, [signal]) : [];
    }),
    ...more.flatMap(({ query }, index) => at(query, ['more', index])),
    ...(traffic ? [[traffic.requests, ['traffic', 'requests']] as const] : []),
  ];
}
