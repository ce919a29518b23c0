import { loadavg } from 'node:os';
import { rounded } from './spread.ts';

/** A bound on one measured number. */
export type Bound = { readonly atMost: number } | { readonly atLeast: number };

/** One promise and what was measured for it. Keys of `limit` are keys of `measured`; the unit is the end of each key. */
export type Figure = {
  readonly figure: string;
  readonly limit: Readonly<Record<string, Bound>>;
  readonly measured: Readonly<Record<string, number>>;
  /** One line for people. */
  readonly text: string;
};

/** What could not be measured here, by name and with the reason. */
export type Skipped = { readonly figure: string; readonly skipped: string };

export type BenchOptions = {
  /** Fewer repetitions, to see that everything works; the numbers mean less. */
  readonly quick: boolean;
  /** Folder for a processor profile of the engine, when one is wanted; it slows down what is measured. */
  readonly profile: string | null;
  readonly signal: AbortSignal;
  /** Says how far it is, on stderr. */
  readonly say: (text: string) => void;
};

/** A file of `bench/` exports one of these as `bench`. */
export type Bench = (options: BenchOptions) => Promise<readonly (Figure | Skipped)[]>;

/** Whether every bound holds. A number that is missing or is none misses its bound. */
export function isWithin({ limit, measured }: Figure): boolean {
  return Object.entries(limit).every(([key, bound]) => {
    const value = measured[key] ?? Number.NaN;
    return 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast;
  });
}

/** Prints a figure as a line for people and a line of JSON. Answers false only when a limit is missed. */
export function report(result: Figure | Skipped): boolean {
  if ('skipped' in result) {
    console.log(`skipped  ${result.figure}: ${result.skipped}`);
    console.log(JSON.stringify({ ...result, ok: null }));
    return true;
  }
  const ok = isWithin(result);
  const { figure, limit, measured, text } = result;
  // The machine may have other work: whoever reads the numbers has to know how much.
  const load1 = rounded(loadavg()[0] ?? Number.NaN);
  console.log(`${ok ? 'ok     ' : 'MISSED '}  ${figure}: ${text}`);
  console.log(JSON.stringify({ figure, limit, measured, ok, load1 }));
  return ok;
}
