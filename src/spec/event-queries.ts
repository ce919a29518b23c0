import { isMapping } from './mapping.ts';
import type { Objective, Plugged } from './types.ts';

/**
 * What a query is for: `count` only ever rises and is read as differences, `level` is read as it is, both for each version by itself;
 * `events` are counted for an objective, of all versions together, and only ever rise as well; `whole` is read as it is, of all versions
 * together.
 */
export type QueryUse = 'count' | 'level' | 'events' | 'whole';

/** The kinds of sources, as far as their queries are concerned. */
type QueryKinds = Readonly<Record<string, { queryProblem(config: unknown, use: QueryUse, text: string): string | null }>>;

/** A message beginning with `expected`, with its path below the list of objectives. */
type QueryProblem = { readonly message: string; readonly path: readonly (string | number)[] };

/**
 * What is wrong with the queries of objectives, as their source understands them: for a service and for objectives that stand alone.
 *
 * @param source - As the document has it; undefined when it names none.
 */
export function eventQueryProblems(
  kinds: QueryKinds,
  source: Plugged | undefined,
  objectives: readonly Objective[],
): readonly QueryProblem[] {
  return objectives.flatMap((objective, index): readonly QueryProblem[] => {
    // One that is wrong in itself stands here as it was written, and is refused without this.
    const events = isMapping(objective) ? objective.events : undefined;
    if (!isMapping(events) || !('kind' in events)) return [];
    const at = [index, 'events'] as const;
    if (source === undefined)
      return [
        {
          message: `expected spec.source beside these events, which says where they come from: ${Object.keys(kinds).join(', ')}`,
          path: at,
        },
      ];
    const kind = kinds[source.kind];
    if (!kind) return [];
    const queries =
      events.kind === 'ratio'
        ? ([
            [events.count, events.query],
            ['total', events.total],
          ] as const)
        : ([[events.kind === 'classic' ? 'histogram' : 'native', events.query]] as const);
    return queries.flatMap(([key, text]) => {
      const message = kind.queryProblem(source.config, 'events', text);
      return message === null ? [] : [{ message, path: [...at, key] }];
    });
  });
}
