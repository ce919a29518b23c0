/**
 * What a query is for: `count` only ever rises and is read as differences, `level` is read as it is, both for each version by itself;
 * `events` are counted for an objective, of all versions together, and only ever rise as well.
 */
export type QueryUse = 'count' | 'level' | 'events';
