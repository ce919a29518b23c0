import type { SQLInputValue } from 'node:sqlite';

/** Conditions that all have to hold, with their values. */
export type Filter = { readonly where: string; readonly values: readonly SQLInputValue[] };

/** A column and the value it has to have; undefined: whatever it has. */
export function is(column: string, value: SQLInputValue | undefined): Filter | null {
  return value === undefined ? null : { where: `${column} = ?`, values: [value] };
}

export function atLeast(column: string, value: number | undefined): Filter | null {
  return value === undefined ? null : { where: `${column} >= ?`, values: [value] };
}

export function below(column: string, value: number | undefined): Filter | null {
  return value === undefined ? null : { where: `${column} < ?`, values: [value] };
}

/** A column that has one of these values. As one JSON list, so that the statement is the same however many there are. */
export function oneOf(column: string, values: readonly string[]): Filter {
  return { where: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] };
}

/** All of them together. */
export function all(...filters: readonly (Filter | null)[]): Filter {
  const used = filters.filter((filter) => filter !== null);
  return {
    where: used.length === 0 ? 'TRUE' : used.map(({ where }) => where).join(' AND '),
    values: used.flatMap(({ values }) => values),
  };
}
