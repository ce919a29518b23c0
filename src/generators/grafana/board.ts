/** What a dashboard is made of, before it becomes Grafana's JSON. */

export type Query = {
  readonly expr: string;
  /** Name of its series, with labels as `{{version}}`. */
  readonly legend?: string;
};

/** From a value on, a colour. `null`: below all others. */
export type Threshold = { readonly from: number | null; readonly color: string };

/** A panel; `levels` are in its unit. */
export type Panel = {
  readonly title: string;
  /** What it shows and what to do when it is bad. */
  readonly description: string;
  readonly kind: 'timeseries' | 'stat' | 'table' | 'state-timeline';
  /** As Grafana names units: `s`, `reqps`, `percentunit`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly thresholds?: readonly Threshold[];
  /** In columns of 24, and in Grafana's rows. */
  readonly width: number;
  readonly height: number;
  readonly min?: number;
  readonly max?: number;
  /** The axis goes at least so far. */
  readonly softMax?: number;
  readonly decimals?: number;
  readonly isStacked?: boolean;
  /** Shown where there is no series. */
  readonly nothing?: string;
  /** Of a table: labels to leave out, and what its value is called. */
  readonly table?: { readonly without: readonly string[]; readonly value: string };
};

export type Section = { readonly title: string; readonly panels: readonly Panel[] };

/** A variable whose values are those of a label. */
export type Variable = { readonly name: string; readonly label: string; readonly values: string };

export type Board = {
  /** What it is called in addresses and file names. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly sections: readonly Section[];
  readonly variables?: readonly Variable[];
  /** Time that it opens with, such as `now-1h`. */
  readonly from: string;
};

type Text = { readonly title: string; readonly description: string; readonly unit: string };
type More = Partial<Omit<Panel, keyof Text | 'kind' | 'queries'>>;

/** A chart over time. */
export function chart(text: Text, queries: readonly Query[], more: More = {}): Panel {
  return { kind: 'timeseries', width: 8, height: 8, ...text, queries, ...more };
}

/** One number, coloured by its thresholds. */
export function stat(text: Text, expr: string, more: More = {}): Panel {
  return { kind: 'stat', width: 6, height: 4, ...text, queries: [{ expr }], ...more };
}

/** Rows of labels. */
export function table(text: Text, expr: string, table: NonNullable<Panel['table']>, more: More = {}): Panel {
  return { kind: 'table', width: 24, height: 8, ...text, queries: [{ expr }], table, ...more };
}
